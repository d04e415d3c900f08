import Archives
import Corpora
import FileIO
public import OrderedJSON
import Safetensors
public import Sharding
public import Shards
public import Text

/// Makes records of texts: sentences of one document that follow one another, as ids of their words.
public struct TextMaker: RecordMaker {
  private let vocabulary: Vocabulary
  private let rules: TextRules
  private let words: Int

  /// - Parameters:
  ///   - sentences: of a record.
  ///   - words: of a sentence, at most; the rest is cut off and counted.
  public init(_ vocabulary: Vocabulary, rules: TextRules, sentences: Int = 6, words: Int = 32) {
    self.vocabulary = vocabulary
    self.rules = rules
    self.words = words
    schema = RecordSchema(
      kind: "text", unit: "sentences", length: sentences,
      payload: [
        .init("tokens", .u16, [sentences, words]), .init("lengths", words <= UInt8.max ? .u8 : .u16, [sentences]),
      ],
      facts: ["words": .int(vocabulary.count), "vocabulary": .string(vocabulary.digest)])
  }

  public let schema: RecordSchema
  /// Words without an id; sentences that are too long, and the words that were cut off; sentences without a word, which
  /// have no record; and those that have become several, because no more of one is held at once.
  public let counted = [
    Counted("unknown", "words"), Counted("long", "sentences"), Counted("cut", "words"), Counted("empty", "sentences"),
    Counted("divided", "sentences"),
  ]
  public let batch = 1

  /// Its bytes, and its ids.
  public func cost(of utterance: PlannedUtterance) -> Int {
    guard case .success(let source) = utterance.source else { return 8192 }
    return source.file.heldBytes + utterance.units * schema.payloadSize / schema.length + 8192
  }

  public func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker {
    TextWorker(schema, vocabulary, rules, words: words, tail: tail)
  }

  public var recordFacts: JSONObject {
    [
      "sentences": .int(schema.length), "words": .int(words),
      "vocabulary": .object(["words": .int(vocabulary.count), "xxh3_128": .string(vocabulary.digest)]),
      "rules": rules.json,
    ]
  }

  public var files: [(name: String, bytes: [UInt8])] { [(Vocabulary.fileName, vocabulary.file)] }

  public func amount(units: Int) -> String { "\(units) sentence\(units == 1 ? "" : "s")" }
}
