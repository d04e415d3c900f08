import Audio
import FileIO
import Labels
import OrderedJSON
import Shards

/// Writes whole utterances as a CutSet of lhotse: `cuts.jsonl`, and a WAV file of each in `audio`.
final class LhotseWriter: ItemSink {
  private let folder: String
  /// Made with the first utterance.
  private var cuts: BufferedFile?
  private let note: (String) -> Void

  /// - Parameter note: called with what is not written.
  init(folder: String, note: @escaping (String) -> Void) throws {
    self.folder = folder
    self.note = note
    if Folder.kind(of: folder) != nil {
      throw Failure(.exists, path: folder, "the output folder exists", hint: "choose a new name")
    }
  }

  private func open(_ planes: [Overlay] = []) throws -> BufferedFile {
    if let cuts { return cuts }
    for plane in planes {
      guard case .labels = plane.content else {
        note("the plane '\(plane.name)' holds no labels, and is not written")
        continue
      }
      guard !["phone", "word"].contains(where: { isSame($0, plane.name) }) else {
        throw Failure(
          .usage, "the added plane '\(plane.name)' would be the alignment of that name, which the records have",
          hint: "add it by another name")
      }
    }
    try Folder.create("\(folder)/audio")
    let file = BufferedFile(try File.writing("\(folder)/cuts.jsonl"))
    cuts = file
    return file
  }

  func write(_ item: Excerpt) throws {
    guard item.schema == .audio else {
      throw Failure(.usage, "--lhotse is for audio, and these records are of the kind \(item.schema.kind)")
    }
    let cuts = try open(item.planes.map(\.overlay))
    let path = "\(folder)/audio/\(fileName(item.id)).wav"
    guard Folder.kind(of: path) == nil else {
      throw Failure(.exists, path: path, "two items would have this name", hint: "write them one by one")
    }
    let wav = try item.samples.withUnsafeBufferPointer { try encodeWAV($0, rate: AudioRecords.rate) }
    try writeAtomically(to: path) { try $0.write(wav) }
    var line: [UInt8] = []
    cut(item, path).write(to: &line)
    line.append(UInt8(ascii: "\n"))
    try cuts.write(line)
  }

  func finish() throws { try open().flush() }

  /// As `MonoCut.to_dict` has it.
  private func cut(_ item: Excerpt, _ path: String) -> JSON {
    let duration = JSON.real(Double(item.count) / Double(AudioRecords.rate))
    let source: JSON = .object(["type": .string("file"), "channels": .array([.int(0)]), "source": .string(path)])
    let recording: JSONObject = [
      "id": .string(item.id), "sources": .array([source]), "sampling_rate": .int(AudioRecords.rate),
      "num_samples": .int(item.count), "duration": duration,
    ]
    var supervision: JSONObject = [
      "id": .string(item.id), "recording_id": .string(item.id), "start": .number("0.0"), "duration": duration,
      "channel": .int(0),
    ]
    supervision["text"] = item.text.map { .string($0) }
    supervision["speaker"] = .string(item.group)
    var facts = item.facts
    for key in ["language", "gender"] {
      guard case .string(let text)? = facts[key] else { continue }
      supervision[key] = .string(text)
      facts[key] = nil
    }
    let (alignment, isTaken) = alignments(item, words: facts["words"])
    if isTaken { facts["words"] = nil }
    // What came under keys that a manifest has, as `cpc-scan` keeps it.
    if let custom = facts["custom"]?.objectValue {
      facts["custom"] = nil
      for (key, value) in custom.members { facts[key] = value }
    }
    if let session = item.session { facts["session"] = .string(session) }
    if !facts.members.isEmpty { supervision["custom"] = .object(facts) }
    if !alignment.members.isEmpty { supervision["alignment"] = .object(alignment) }
    return .object([
      "id": .string(item.id), "start": .number("0.0"), "duration": duration, "channel": .int(0),
      "supervisions": .array([.object(supervision)]), "recording": .object(recording), "type": .string("MonoCut"),
    ])
  }

  /// Each plane of labels by its name, that of the records as `phone`; and the words that the list of utterances carries.
  private func alignments(_ item: Excerpt, words: JSON?) -> (JSONObject, hasWords: Bool) {
    var alignments = JSONObject()
    func add(_ name: String, _ labels: [Int], _ names: [String]) {
      let named = labels.map { names.indices.contains($0) ? names[$0] : nil }
      guard named.contains(where: { $0 != nil }) else { return }
      let track = LabelTrack(id: item.id, content: .frames(named, .cells), position: name)
      alignments[name] = .array(
        track.intervals(samples: item.count, rate: AudioRecords.rate, cell: AudioRecords.cell).map {
          symbol($0.label, $0.begin, $0.end)
        })
    }
    if item.schema.label != nil { add("phone", item.labels, PhoneSet.cmu41.names) }
    for (overlay, values) in item.planes {
      if case .labels(_, let classes) = overlay.content { add(overlay.name, values, classes) }
    }
    guard let known = PhoneInterval.list(words), !known.isEmpty else { return (alignments, false) }
    alignments["word"] = .array(known.map { symbol($0.label, $0.begin, $0.end) })
    return (alignments, true)
  }

  private func symbol(_ label: String, _ begin: Double, _ end: Double) -> JSON {
    // What subtraction leaves is no time: lhotse rounds to eight places, too.
    .array([.string(label), .real(begin), .real(((end - begin) * 1e8).rounded() / 1e8)])
  }
}
