import FileIO
import Labels
import OrderedJSON
import Sharding
import Shards

/// Opens what a user names as an alignment: a file, folder or archive of any format, a dataset (its plane `phones`), or
/// `DATASET:PLANE`.
func openLabels(_ input: String, _ reading: LabelReading) throws -> any LabelSource {
  func isDataset(_ path: String) -> Bool { Folder.kind(of: "\(path)/\(Card.fileName)") == .file }
  if isDataset(input) { return try PlaneLabels(input, map: reading.map) }
  if Folder.kind(of: input) == nil, let colon = input.lastIndex(of: ":") {
    let folder = String(input[..<colon])
    if isDataset(folder) {
      return try PlaneLabels(folder, plane: String(input[input.index(after: colon)...]), map: reading.map)
    }
  }
  return try LabelFiles(input, reading: reading)
}

/// The lengths of utterances in samples, from a manifest or from the list of a dataset.
struct UtteranceLengths {
  private var samples: [String: Int] = [:]

  init(_ path: String) throws {
    let list = "\(path)/\(UtteranceList.fileName)"
    let reader = LineReader(try File.reading(Folder.kind(of: path) == .folder ? list : path))
    while let line = try reader.next() {
      func bad(_ reason: String) -> Failure {
        Failure(.badInput, path: path, at: "line \(reader.line)", reason, hint: "a manifest or a dataset has lengths")
      }
      if line.allSatisfy({ $0 <= 0x20 }) { continue }
      let json: JSON
      do { json = try JSON(parsing: line) } catch { throw bad("not JSON: \(error)") }
      guard let id = json["id"]?.stringValue, let whole = json["samples"]?.intValue, whole >= 0 else {
        throw bad("no 'id' and 'samples'")
      }
      samples[id] = json["length"]?.intValue ?? whole - (json["offset"]?.intValue ?? 0)
    }
  }

  /// Throws if the utterance is not listed.
  func callAsFunction(_ id: String) throws -> Int {
    if let samples = samples[id] { return samples }
    throw Failure(.badInput, "\(id) is not among the lengths that were given")
  }
}
