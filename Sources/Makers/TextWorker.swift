import Archives
import Corpora
import FileIO
import Manifests
import Safetensors
import Sharding
import Shards
import Text

/// Reads documents and turns their sentences into ids, one after the other.
final class TextWorker: RecordWorker {
  private let schema: RecordSchema
  private let vocabulary: Vocabulary
  private let words: Int
  private let tail: RecordSchema.Tail
  private let readers: TextReaders
  private let hash = XXH3.Stream()

  init(
    _ schema: RecordSchema, _ vocabulary: Vocabulary, _ rules: TextRules, words: Int, tail: RecordSchema.Tail
  ) {
    self.schema = schema
    self.vocabulary = vocabulary
    readers = TextReaders(rules)
    self.words = words
    self.tail = tail
  }

  func work(_ utterances: [PlannedUtterance]) -> [Result<MadeRecords, Failure>?] {
    utterances.map { utterance in
      utterance.source.map { source in utterance.result { try records(of: utterance, source.get()) } }
    }
  }

  private func records(of utterance: PlannedUtterance, _ source: CorpusUtterance) throws -> MadeRecords {
    let wanted = source.entry.range
    var encoder = SentenceEncoder(vocabulary, maximumWords: words)
    let ids = EncodedSentences(count: wanted.count, words: words, wide: schema.payload[1].type == .u16)
    var sentences = 0
    let facts = try readers.read(source) { sentence in
      guard !sentence.tokens.isEmpty else { return }
      if wanted.contains(sentences) { ids.append(&encoder, sentence.tokens) }
      sentences += 1
    }
    guard sentences == source.entry.extent.count else {
      throw Failure(
        .badInput, path: source.file.name,
        "\(source.entry.extent.description) declared, and \(sentences) there",
        hint: "the manifest was made of another text, or with other rules or another version of ICU")
    }
    let records = UtteranceRecords(
      schema, payload: [ids.tokens, ids.lengths], owner: ids, tail: tail, utterance: utterance.index,
      group: utterance.group, labels: nil, hash: hash)
    return MadeRecords(
      records: records,
      counts: [
        encoder.facts.unknownWords, encoder.facts.sentencesCut, encoder.facts.wordsCut, facts.sentencesWithoutTokens,
        facts.divided,
      ])
  }
}

/// The payload of a document's records.
private final class EncodedSentences: @unchecked Sendable {
  private let ids: UnsafeMutableBufferPointer<UInt16>
  private let counts: UnsafeMutableRawBufferPointer
  private let words: Int
  private let isWide: Bool
  private var filled = 0

  init(count: Int, words: Int, wide: Bool) {
    ids = .allocate(capacity: count * words)
    counts = .allocate(byteCount: count * (wide ? 2 : 1), alignment: 2)
    self.words = words
    isWide = wide
  }

  deinit {
    ids.deallocate()
    counts.deallocate()
  }

  func append(_ encoder: inout SentenceEncoder, _ tokens: TokenList) {
    let row = UnsafeMutableBufferPointer(rebasing: ids[filled * words..<(filled + 1) * words])
    let count = encoder.encode(tokens, into: row)
    if isWide {
      counts.storeBytes(of: UInt16(count).littleEndian, toByteOffset: 2 * filled, as: UInt16.self)
    } else {
      counts[filled] = UInt8(count)
    }
    filled += 1
  }

  // Of a text that has become shorter since it was counted, the rest is never read.
  var tokens: UnsafeRawBufferPointer { UnsafeRawBufferPointer(ids) }
  var lengths: UnsafeRawBufferPointer { UnsafeRawBufferPointer(counts) }
}
