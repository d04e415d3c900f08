import FileIO
import Text

/// What reads text and vocabularies, as every tool does. Two bytes choose: the kind, the encoding, the rules and where the
/// text is divided.
func fuzzText(_ bytes: [UInt8]) throws {
  guard bytes.count > 2 else { throw Failure(.badInput, "nothing") }
  let text = Array(bytes[2...])
  var rules = TextRules()
  rules.tokens = bytes[0] & 1 == 0 ? .wordsAndMarks : .words
  rules.letterCase = TextRules.LetterCase.allCases[Int(bytes[0] >> 1) % 3]
  rules.maximumSentence = bytes[0] & 0x80 == 0 ? 1 << 12 : 64
  let kind = TextKind.allCases[Int(bytes[1]) & 3]
  let size = 1 + Int(bytes[1] >> 5)
  let reader = try fuzzReader(kind, rules, encoding: Int(bytes[1] >> 2) & 7)
  var counter = VocabularyCounter()
  var last = 0
  var tokens = 0
  var sentences = 0
  var first: [UInt8] = []
  func check(_ sentence: Sentence) throws {
    sentences += 1
    tokens += sentence.tokens.count
    precondition(sentence.range.lowerBound >= last && sentence.range.upperBound > sentence.range.lowerBound)
    last = sentence.range.lowerBound
    precondition(!sentence.text.isEmpty && sentence.text.count <= rules.maximumSentence)
    precondition(String(validating: sentence.text, as: UTF8.self) != nil && sentence.text.first != 0x20)
    for token in sentence.tokens {
      precondition(!token.isEmpty && token.allSatisfy { $0 > 0x20 && $0 != 0x7f })
      precondition(String(validating: token, as: UTF8.self) != nil)
    }
    first.append(contentsOf: sentence.text)
    first.append(0x0a)
    try counter.add(sentence.tokens)
  }
  var failed: Failure?
  do {
    let facts = try reader.read(text, path: "fuzz", check)
    precondition(facts.sentences == sentences && facts.tokens == tokens && facts.bytes == text.count)
    precondition(last <= facts.textBytes && facts.headerBytes + facts.footerBytes <= facts.textBytes)
  } catch let failure as Failure {
    precondition(failure.kind == .badInput)
    failed = failure
  }
  // In small pieces it is the same.
  let once = first
  let distinct = counter.distinct
  (first, last, sentences, tokens, counter) = ([], 0, 0, 0, VocabularyCounter())
  var place = 0
  var again: Failure?
  do {
    try reader.read(
      path: "fuzz",
      pieces: {
        guard place < text.count else { return nil }
        defer { place += size }
        return Array(text[place..<min(text.count, place + size)])
      }, check)
  } catch let failure as Failure { again = failure }
  precondition(failed == again, "another failure in pieces")
  precondition(failed != nil || first == once, "other sentences in pieces")
  if let failed { throw failed }
  precondition(counter.distinct == distinct && counter.total == tokens)
  let vocabulary = try Vocabulary(counter, count: 5)
  var encoder = SentenceEncoder(vocabulary, maximumWords: 3)
  (first, last, sentences, tokens) = ([], 0, 0, 0)
  try reader.read(text, path: "fuzz") { sentence in
    let ids = encoder.encode(sentence.tokens)
    precondition(ids.count == min(3, sentence.tokens.count) && ids.allSatisfy { $0 < vocabulary.count })
  }
  if vocabulary.count > 1 {
    let file = BytesSource(vocabulary.file)
    let read = try Vocabulary(reading: file)
    precondition(read.digest == vocabulary.digest && read.file == vocabulary.file)
  }
  // The same bytes as a list of words and as JSON Lines.
  if let own = try? Vocabulary(reading: BytesSource(text)) {
    precondition(try! Vocabulary(reading: BytesSource(own.file)).digest == own.digest)
  }
  let documents = JSONLinesReader(BytesSource(text))
  let lines = text.count { $0 == 0x0a || $0 == 0x0d }
  var calls = 0
  while true {
    calls += 1
    precondition(calls <= lines + 2, "reading does not come to an end")
    do { guard try documents.next() != nil else { break } } catch {}
  }
}

/// Readers that there are already: to open them takes longer than to read. For one user at a time.
nonisolated(unsafe) private var readers: [String: TextReader] = [:]

private func fuzzReader(_ kind: TextKind, _ rules: TextRules, encoding: Int) throws -> TextReader {
  let names = ["utf-8", "utf-8", "utf-8", "utf-16le", "windows-1252", "shift_jis", "gb18030", "iso-2022-jp"]
  let key = "\(kind) \(rules.tokens) \(rules.letterCase) \(rules.maximumSentence) \(names[encoding])"
  if let reader = readers[key] { return reader }
  let reader = try TextReader(kind, rules: rules, encoding: TextEncoding(names[encoding]))
  readers[key] = reader
  return reader
}

/// Bytes that are all there, as a file.
final class BytesSource: ByteSource {
  let path = "fuzz"
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let piece = rest.prefix(buffer.count)
    buffer.copyBytes(from: piece)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}
