import Corpora
import FileIO
import Labels
import OrderedJSON
import Planes
import Sharding
import Shards

/// Opens what a user names as an alignment: a file, folder or archive of any format, a dataset (its plane `phones`), or
/// `DATASET:PLANE`.
func openLabels(_ input: String, _ reading: LabelReading) throws -> any LabelSource {
  guard let (folder, plane) = datasetPlane(input) else { return try LabelFiles(input, reading: reading) }
  return try PlaneLabels(folder, plane: plane, map: reading.map, tiers: reading.tiers)
}

/// What an alignment was taken for, once it has been read.
func formats(of source: any LabelSource) -> String {
  (source as? LabelFiles)?.formats.map(\.rawValue).joined(separator: ", ") ?? "a plane"
}

/// The dataset and its plane, if that is what a user names.
func datasetPlane(_ input: String) -> (folder: String, plane: String)? {
  func isDataset(_ path: String) -> Bool { Folder.kind(of: "\(path)/\(Card.fileName)") == .file }
  if isDataset(input) { return (input, "phones") }
  guard Folder.kind(of: input) == nil, let (folder, plane) = input.divided(atLast: ":"), isDataset(String(folder))
  else {
    return nil
  }
  return (String(folder), String(plane))
}

/// The lengths of utterances in samples at 16 kHz, from a manifest or from the list of a dataset.
struct UtteranceLengths {
  private var samples: [Name: Int] = [:]

  init(_ path: String) throws {
    let list = "\(path)/\(UtteranceList.fileName)"
    let reader = try manifestLines(of: File.reading(Folder.kind(of: path) == .folder ? list : path))
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
      guard !id.hasControlCharacter else { throw bad("the id \(id) contains a control character") }
      // As many as there are after resampling, halves rounded up.
      let rate = json["rate"]?.intValue ?? 16_000
      guard own >= 0, own < 1 << 40, (1...1_000_000).contains(rate) else { throw bad("\(id): no length") }
      samples[Name(id)] = (own * 32_000 + rate) / (2 * rate)
    }
  }

  /// The id that an utterance is listed under, and its length. Throws if it is not listed.
  func callAsFunction(_ track: LabelTrack) throws -> (id: String, samples: Int) {
    for id in track.candidates { if let samples = samples[Name(id)] { return (id, samples) } }
    throw Failure(.badInput, "\(track.id) is not among the lengths that were given")
  }
}
