import FileIO
import OrderedJSON
import Shards
import TestSupport

/// An utterance of noise; the values depend on the seed alone.
struct SyntheticUtterance {
  var id: String
  var group: Int
  var samples: [Int16]
  var labels: [UInt8]?

  init(_ index: Int, group: Int, length: Int, labelled: Bool = false) {
    var random = SeededGenerator(UInt64(index) &* 77 &+ 5)
    id = "\(group)-1-\(index)"
    self.group = group
    samples = (0..<length).map { _ in Int16.random(in: -3000...3000, using: &random) }
    if labelled { labels = (0..<(length + 159) / 160).map { _ in UInt8.random(in: 0..<41, using: &random) } }
  }

  func records(index: Int, tail: RecordSchema.Tail = .pad) -> UtteranceRecords {
    let pointer = UnsafeMutableBufferPointer<Int16>.allocate(capacity: samples.count)
    _ = pointer.initialize(from: samples)
    let memory = Memory(pointer)
    return UtteranceRecords(
      .audio, payload: [UnsafeRawBufferPointer(pointer)], owner: memory, tail: tail, utterance: index, group: group,
      labels: labels, hash: XXH3.Stream())
  }
}

/// Frees samples when the last user has gone.
private final class Memory: @unchecked Sendable {
  private let pointer: UnsafeMutableBufferPointer<Int16>
  init(_ pointer: UnsafeMutableBufferPointer<Int16>) { self.pointer = pointer }
  deinit { pointer.deallocate() }
}

/// Lengths around every edge: empty tail, one sample, one less and one more than windows.
let edgeLengths = [20480, 20479, 20481, 1, 40960, 61441, 160, 30000]

/// Writes a dataset of two shards by the module's own means, without a corpus.
@discardableResult
func makeDataset(_ folder: String, utterances: [SyntheticUtterance], perShard: Int = 4) throws -> Card {
  try Folder.create("\(folder)/shards")
  var shards: [FileEntry] = []
  var rows: [Int32] = []
  var labels = ClassCounts(none: RecordSchema.audio.unlabelled)
  let firsts = Array(stride(from: 0, to: utterances.count, by: perShard))
  for first in firsts {
    let writer = try ShardWriter(.audio, folder: folder, shard: shards.count)
    for index in first..<min(first + perShard, utterances.count) {
      let records = utterances[index].records(index: index)
      try writer.append(records)
      rows.append(Int32(records.count))
    }
    labels += writer.labels
    shards.append(try writer.finish())
  }
  let writer = DatasetWriter(.audio, folder: folder, shards: shards, firsts: firsts, rows: rows)
  try writer.writeUtterances { index, place in
    let utterance = utterances[index]
    return Array(
      """
      {"id":"\(utterance.id)","group":"\(utterance.group)","samples":\(utterance.samples.count),\
      "shard":\(place.shard),"row":\(place.row),"rows":\(place.rows)}
      """.utf8)
  }
  let groups = (utterances.map(\.group).max() ?? -1) + 1
  let facts: JSONObject = [
    "schema": .int(1), "kind": .string("audio"),
    "groups": .array((0..<groups).map { .object(["name": .string("speaker \($0)")]) }),
  ]
  try writer.finish(
    groups: utterances.map { Int32($0.group) }, groupCount: groups, labels: labels, splits: [], facts: facts)
  let card = try Card.read(folder: folder)
  return card
}

func edgeUtterances(labelled: Bool = true) -> [SyntheticUtterance] {
  edgeLengths.enumerated().map { SyntheticUtterance($0, group: $0 % 3, length: $1, labelled: labelled) }
}
