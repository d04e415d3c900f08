import FileIO
import Text

/// A sentence that outlives the callback.
struct ReadSentence: Equatable {
  var text: [UInt8]
  var range: Range<Int>
  var isCut: Bool
  var isFirst: Bool
  var tokens: [[UInt8]]

  init(_ sentence: Sentence) {
    text = Array(sentence.text)
    range = sentence.range
    isCut = sentence.isCut
    isFirst = sentence.isFirst
    tokens = sentence.tokens.map { Array($0) }
  }
}

struct ReadText: Equatable {
  var sentences: [ReadSentence] = []
  var facts = TextFacts()
  var failure: Failure?

  var texts: [String] { sentences.map { String(decoding: $0.text, as: UTF8.self) } }
  var tokens: [[String]] { sentences.map { $0.tokens.map { String(decoding: $0, as: UTF8.self) } } }
}

/// What a reader makes of bytes that come in pieces that end at `borders`; a failure ends it.
func read(
  _ bytes: [UInt8], _ kind: TextKind = .plain, rules: TextRules = TextRules(), encoding: TextEncoding = .utf8,
  borders: [Int] = []
) throws -> ReadText {
  try TextReader(kind, rules: rules, encoding: encoding).whole(bytes, borders: borders)
}

extension TextReader {
  func whole(_ bytes: [UInt8], borders: [Int] = []) throws -> ReadText {
    let reader = self
    var result = ReadText()
    var limits = borders + [bytes.count]
    var start = 0
    do {
      try reader.read(
        path: "text",
        pieces: {
          guard !limits.isEmpty else { return nil }
          let end = limits.removeFirst()
          defer { start = end }
          return Array(bytes[start..<end])
        },
        { result.sentences.append(ReadSentence($0)) })
      result.facts = reader.facts
    } catch let failure as Failure { result.failure = failure }
    return result
  }
}

func read(_ text: String, _ kind: TextKind = .plain, rules: TextRules = TextRules()) throws -> ReadText {
  try read(Array(text.utf8), kind, rules: rules)
}

/// Whether texts have the same bytes: `==` of strings is canonical equivalence.
func isSameText(_ a: [String], _ b: [String]) -> Bool {
  a.map { Array($0.utf8) } == b.map { Array($0.utf8) }
}
