import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Safetensors
import Shards
import Training

/// Sentences that tell something of the next one: all words of one are of one topic, and topics follow in order.
struct SyntheticText {
  var group: Int
  /// [sentences][words]
  var sentences: [[UInt16]]

  init(_ index: Int, group: Int, sentences count: Int, words: Int, room: Int) {
    let random = RandomStream(seed: UInt64(index), purpose: .tests, index: group)
    self.group = group
    let topics = 4
    let first = random.integer(1 << 30, below: topics)
    sentences = (0..<count).map { s in
      let length = 1 + random.integer(UInt64(s), below: room)
      return (0..<length).map { i in
        let word = random.integer(UInt64(1000 + 50 * s + i), below: (words - 1) / topics)
        return UInt16(1 + word * topics + (first + s) % topics)
      }
    }
  }
}

/// A small model of texts, and records for it.
func smallText(words: Int = 41, room: Int = 7) -> TextSpecification {
  var specification = TextSpecification()
  (specification.words, specification.vocabulary) = (words, "a digest")
  (specification.sentences, specification.sentenceWords) = (4, room)
  (specification.embedding, specification.channels, specification.context) = (6, 8, 10)
  specification.stepsAhead = 2
  return specification
}

/// Writes a dataset of one shard; what stands after the end of a sentence is `padding`.
func makeTextDataset(
  _ folder: String, _ texts: [SyntheticText], _ specification: TextSpecification, padding: UInt16 = 0,
  facts: JSONObject? = nil, changing change: (inout [UInt16], inout [Int]) -> Void = { _, _ in }
) throws -> Dataset {
  let room = specification.sentenceWords
  let schema = RecordSchema(
    kind: "text", unit: "sentences", length: specification.sentences,
    payload: [
      .init("tokens", .u16, [specification.sentences, room]),
      .init("lengths", room <= 255 ? .u8 : .u16, [specification.sentences]),
    ], facts: facts ?? ["words": .int(specification.words), "vocabulary": .string(specification.vocabulary)])
  try Folder.create("\(folder)/shards")
  let writer = try ShardWriter(schema, folder: folder, shard: 0)
  var rows: [Int32] = []
  for (index, text) in texts.enumerated() {
    var tokens = text.sentences.flatMap { $0 + [UInt16](repeating: padding, count: room - $0.count) }
    var lengths = text.sentences.map(\.count)
    change(&tokens, &lengths)
    let ids = Buffer(tokens)
    let bytes = Buffer(lengths.map { UInt8($0) })
    let wide = Buffer(lengths.map { UInt16($0) })
    let records = UtteranceRecords(
      schema, payload: [ids.bytes, room <= 255 ? bytes.bytes : wide.bytes], owner: Owner([ids, bytes, wide]),
      tail: .pad,
      utterance: index, group: text.group, labels: nil, hash: XXH3.Stream())
    try writer.append(records)
    rows.append(Int32(records.count))
  }
  let labels = writer.labels
  let dataset = DatasetWriter(schema, folder: folder, shards: [try writer.finish()], firsts: [0], rows: rows)
  try dataset.writeUtterances { index, place in
    Array(
      """
      {"id":"text \(index)","group":"\(texts[index].group)","sentences":\(texts[index].sentences.count),\
      "shard":\(place.shard),"row":\(place.row),"rows":\(place.rows)}
      """.utf8)
  }
  let groups = (texts.map(\.group).max() ?? -1) + 1
  let card: JSONObject = [
    "schema": .int(1), "kind": .string("text"),
    "groups": .array((0..<groups).map { .object(["name": .string("book \($0)")]) }),
  ]
  try dataset.finish(
    groups: texts.map { Int32($0.group) }, groupCount: groups, labels: labels, splits: [], facts: card)
  return try Dataset(opening: folder)
}

private final class Owner: Sendable {
  let buffers: [any Sendable]
  init(_ buffers: [any Sendable]) { self.buffers = buffers }
}

func someTexts(_ count: Int, _ specification: TextSpecification) -> [SyntheticText] {
  (0..<count).map {
    SyntheticText(
      $0, group: $0 % 3, sentences: 4 * (1 + $0 % 5) + $0 % 3, words: specification.words,
      room: specification.sentenceWords)
  }
}

/// A run that trains in no time.
func smallTextConfiguration(_ specification: TextSpecification = smallText()) -> TrainingConfiguration {
  var configuration = smallConfiguration()
  configuration.specification = specification
  return configuration
}

/// Any words, of sentences of any length, as the input of all windows of a model; what is padding is any number.
func fillWithWords<Element: Operand>(
  _ model: ContrastiveModel<Element>, _ specification: TextSpecification, seed: Int, batch: Int = 0
) {
  let random = RandomStream(seed: UInt64(seed), purpose: .tests, index: batch)
  let ids = specification.sentences * specification.sentenceWords
  for w in 0..<model.windows {
    for i in 0..<ids {
      model.input(w)[i] = Element.Sum(random.integer(UInt64(w << 20 + i), below: specification.words))
    }
    for s in 0..<specification.sentences {
      let length = 1 + random.integer(UInt64(w << 20 + ids + s), below: specification.sentenceWords)
      model.input(w)[ids + s] = Element.Sum(length)
    }
  }
}
