import Corpora
import FileIO
import Manifests
import OrderedJSON
import Shards

/// Keeps the utterance list on disk while shards are made, because it can be large and is complete only at the end: rows
/// are known when an utterance has been decoded, and its transcript may come after it.
final class UtteranceSpool {
  private let lines: BufferedFile
  private let texts: BufferedFile
  private let splits: BufferedFile
  /// Where the text of each utterance begins in `texts`, -1 for none.
  private var textOffsets: [Int] = []
  /// Utterances that wait for a transcript, and transcripts that wait for their utterance.
  private var waitingUtterances: [SIMD2<UInt64>: Int32] = [:]
  private var waitingTexts: [SIMD2<UInt64>: String] = [:]
  private(set) var groups: [Int32] = []
  private(set) var splitCount = 0
  private let folder: String
  private let maker: any RecordMaker

  var count: Int { textOffsets.count }
  var untranscribed: Int { textOffsets.count { $0 < 0 } }

  /// - Parameter folder: for the files of the spool.
  init(folder: String, maker: any RecordMaker) throws {
    self.folder = folder
    self.maker = maker
    lines = BufferedFile(try File.writing("\(folder)/utterances"))
    texts = BufferedFile(try File.writing("\(folder)/texts"))
    splits = BufferedFile(try File.writing("\(folder)/split"))
  }

  func append(_ entry: ManifestEntry, group: Int) throws {
    var head: JSONObject = ["id": .string(entry.id), "group": .string(entry.group)]
    if let session = entry.session { head["session"] = .string(session) }
    head[maker.schema.unit] = .int(entry.units)
    if case .image(let width, let height) = entry.extent {
      head["width"] = .int(width)
      head["height"] = .int(height)
    }
    // Two lines each: what comes before and after the keys that are not yet known.
    var extra = entry.extra
    // These say where the records of *this* dataset are, whatever dataset the manifest may have been made from.
    for key in ["shard", "row", "rows", maker.schema.unit] + maker.counted.map(\.key) { extra[key] = nil }
    try lines.write(JSON.object(head).compact + "\n" + JSON.object(extra).compact + "\n")
    groups.append(Int32(group))
    textOffsets.append(-1)
    let key = XXH3.key128(entry.id)
    if let text = entry.text ?? waitingTexts.removeValue(forKey: key) {
      try attach(text, to: count - 1)
    } else {
      waitingUtterances[key] = Int32(count - 1)
    }
    if let part = entry.split {
      try Split.check(part: part)
      try splits.write("\(entry.id)\t\(part)\n")
      splitCount += 1
    }
  }

  func attach(_ text: String, id: String) throws {
    let key = XXH3.key128(id)
    if let utterance = waitingUtterances.removeValue(forKey: key) {
      try attach(text, to: Int(utterance))
    } else {
      waitingTexts[key] = text
    }
  }

  private func attach(_ text: String, to utterance: Int) throws {
    textOffsets[utterance] = texts.count
    try texts.write(JSON.string(text).compact + "\n")
  }

  /// Writes `utterances.jsonl` and, if the manifest had parts, `splits/default.txt`.
  ///
  /// - Parameter counts: as ``RecordMaker/counted``, of each utterance.
  /// - Returns: the names of the splits.
  func publish(_ writer: DatasetWriter, counts: [Int: [(key: String, number: Int)]]) throws -> [String] {
    for file in [lines, texts, splits] { try file.flush() }
    let reader = LineReader(try File.reading("\(folder)/utterances"))
    let allTexts = try MappedFile("\(folder)/texts")
    try writer.writeUtterances { utterance, place in
      guard var line = try reader.next(), let extra = try reader.next() else {
        throw Failure(.corrupt, path: folder, "the spooled utterance list is incomplete")
      }
      line.removeLast()
      if textOffsets[utterance] >= 0 {
        line += Array(",\"text\":".utf8)
        line += allTexts.withBytes { Array($0[textOffsets[utterance]...].prefix { $0 != UInt8(ascii: "\n") }) }
      }
      line += Array(",\"shard\":\(place.shard),\"row\":\(place.row),\"rows\":\(place.rows)".utf8)
      for (key, number) in counts[utterance] ?? [] { line += Array(",\"\(key)\":\(number)".utf8) }
      if extra.count > 2 { line += [UInt8(ascii: ",")] + extra.dropFirst().dropLast() }
      line.append(UInt8(ascii: "}"))
      return line
    }
    guard splitCount > 0 else { return [] }
    try writer.writeSplit("default", lines: File.contents(of: "\(folder)/split"))
    return ["default"]
  }
}
