import FileIO
import Labels
import OrderedJSON
import Sharding
import Shards

/// Opens what a user names as an alignment: a file, folder or archive of any format, a dataset (its plane `phones`), or
/// `DATASET:PLANE`.
func openLabels(_ input: String, _ reading: LabelReading) throws -> any LabelSource {
  guard let (folder, plane) = datasetPlane(input) else { return try LabelFiles(input, reading: reading) }
  return try PlaneLabels(folder, plane: plane, map: reading.map)
}

/// What an alignment was taken for, once it has been read.
func formats(of source: any LabelSource) -> String {
  (source as? LabelFiles)?.formats.map(\.rawValue).joined(separator: ", ") ?? "a plane"
}

/// The dataset and its plane, if that is what a user names.
func datasetPlane(_ input: String) -> (folder: String, plane: String)? {
  func isDataset(_ path: String) -> Bool { Folder.kind(of: "\(path)/\(Card.fileName)") == .file }
  if isDataset(input) { return (input, "phones") }
  guard Folder.kind(of: input) == nil, let colon = input.lastIndex(of: ":"), isDataset(String(input[..<colon])) else {
    return nil
  }
  return (String(input[..<colon]), String(input[input.index(after: colon)...]))
}

/// The lengths of utterances in samples at 16 kHz, from a manifest or from the list of a dataset.
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
      let own = json["length"]?.intValue ?? whole - (json["offset"]?.intValue ?? 0)
      // As many as there are after resampling, halves rounded up.
      let rate = json["rate"]?.intValue ?? 16_000
      guard own >= 0, own < 1 << 40, (1...1_000_000).contains(rate) else { throw bad("\(id): no length") }
      samples[id] = (own * 32_000 + rate) / (2 * rate)
    }
  }

  /// Throws if the utterance is not listed.
  func callAsFunction(_ id: String) throws -> Int {
    if let samples = samples[id] { return samples }
    throw Failure(.badInput, "\(id) is not among the lengths that were given")
  }
}
