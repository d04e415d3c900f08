import FileIO
import Glibc
import TestSupport
import Testing
import Text

@Suite struct VocabularyTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func count(_ texts: [String]) throws -> VocabularyCounter {
    var counter = VocabularyCounter()
    let reader = try TextReader(.lines)
    for text in texts { try reader.read(Array(text.utf8), path: "text") { try counter.add($0.tokens) } }
    return counter
  }

  private func load(_ bytes: [UInt8]) throws -> Vocabulary {
    try File.writing(folder("words")).write(bytes)
    return try Vocabulary(reading: File.reading(folder("words")))
  }

  private func load(_ text: String) throws -> Vocabulary { try load(Array(text.utf8)) }

  @Test func mostFrequentFirstThenBytes() throws {
    let vocabulary = try Vocabulary(count(["b a é c a", "z é b z z d"]), count: 6)
    #expect(String(decoding: vocabulary.file, as: UTF8.self) == "<unk>\t1\nz\t3\na\t2\nb\t2\né\t2\nc\t1\n")
    #expect(vocabulary.count == 6 && vocabulary.id("z") == 1 && vocabulary.id("e\u{301}") == nil)
    #expect(vocabulary.id("d") == nil && vocabulary.id("<unk>") == 0 && vocabulary.id("") == nil)
    #expect(String(decoding: vocabulary.text([1, 0, 4, 99]), as: UTF8.self) == "z <unk> é <unk>")
    #expect(try Vocabulary(count(["a"])).count == 2)
    for size in [0, 65_536] { #expect(throws: Failure.self) { try Vocabulary(count(["a"]), count: size) } }
  }

  /// However the sentences are divided between counters, and in whatever order these are merged.
  @Test func threadsDoNotMatter() async throws {
    var random = SeededGenerator(3)
    let texts = (0..<2_000).map { _ in
      (0..<20).map { _ in "w\(Int.random(in: 0..<60, using: &random) * Int.random(in: 0..<60, using: &random))" }
        .joined(separator: " ")
    }
    let expected = try Vocabulary(count(texts), count: 500).file
    for threads in [1, 2, 7] {
      let counters = try await withThrowingTaskGroup(of: VocabularyCounter.self) { group in
        for part in 0..<threads {
          group.addTask { try count(texts.indices.filter { $0 % threads == part }.map { texts[$0] }) }
        }
        var counters: [VocabularyCounter] = []
        for try await counter in group { counters.append(counter) }
        return counters
      }
      for order in [counters, counters.reversed()] {
        var total = VocabularyCounter()
        for counter in order { try total.merge(counter) }
        #expect(total.total == 40_000)
        #expect(try Vocabulary(total, count: 500).file == expected)
      }
    }
  }

  @Test func memoryIsBounded() throws {
    var counter = VocabularyCounter(memoryLimit: 100_000)
    let failure = failure {
      for i in 0..<10_000 { try Array("word\(i)".utf8).withUnsafeBytes { try counter.add($0) } }
    }
    #expect(failure?.reason.contains("more memory than the 100000 bytes") == true)
    #expect(counter.distinct > 1_000)
  }

  @Test func filesAreReadBack() throws {
    let vocabulary = try Vocabulary(count(["the cat , the dog . \u{1f600} é"]))
    let again = try load(vocabulary.file)
    #expect(again.file == vocabulary.file && again.digest == vocabulary.digest)
    #expect(again.counts == vocabulary.counts)
    // One's own: without counts, with or without <unk>.
    for text in ["b\na\n", "<unk>\nb\na", "\u{feff}b\r\na\r\n", "b\t7\na\n"] {
      let own = try load(text)
      #expect(own.count == 3 && own.id("b") == 1 && own.id("a") == 2)
      #expect(own.digest == XXH3.hash128(Array("<unk>\nb\na\n".utf8)))
    }
    #expect(try load("a\nb\n").digest != load("b\na\n").digest)
    // Names are equal by bytes.
    #expect(try load("é\ne\u{301}\n").count == 3)
  }

  @Test(arguments: [
    ("a\n\nb\n", 2, "no word"), ("a\nb\na\n", 3, "second time"), ("a\n<unk>\n", 2, "second time"),
    ("a b\n", 1, "white space"),
    ("a\tx\n", 1, "not a count"), ("a\t\n", 1, "not a count"), ("a\t-1\n", 1, "not a count"),
    ("a\t1\t2\n", 1, "not a count"),
    ("\t1\n", 1, "no word"), ("a\u{a0}\n", 1, "white space"), ("a\u{1}\n", 1, "control"),
    ("a\u{2028}b\n", 1, "white space"),
  ])
  func faultsAreNamed(text: String, line: Int, reason: String) throws {
    let failure = failure { _ = try load(text) }
    #expect(
      failure?.position == "line \(line)" && failure?.reason.contains(reason) == true, "\(String(describing: failure))")
  }

  @Test func otherFaults() throws {
    #expect(failure { _ = try load([0x61, 0x0a, 0xff, 0x0a]) }?.position == "line 2")
    #expect(failure { _ = try load("") }?.reason == "no words")
    #expect(failure { _ = try load("<unk>\n") }?.reason == "no words")
    let many = (0..<65_534).map { "w\($0)\n" }.joined()
    #expect(try load(many).count == 65_535)
    #expect(failure { _ = try load(many + "more\n") }?.position == "line 65535")
  }

  @Test func sentencesAreEncoded() throws {
    var encoder = SentenceEncoder(try load("a\nb\n"), maximumWords: 3)
    var ids: [[UInt16]] = []
    var padded = [UInt16](repeating: 9, count: 3)
    var lengths: [Int] = []
    try TextReader(.lines).read(Array("B x A b x\na\n\u{200b}\n".utf8), path: "text") { sentence in
      ids.append(encoder.encode(sentence.tokens))
      lengths.append(padded.withUnsafeMutableBufferPointer { encoder.encode(sentence.tokens, into: $0) })
    }
    #expect(ids == [[2, 0, 1], [1], []] && lengths == [3, 1, 0] && padded == [0, 0, 0])
    let facts = encoder.facts
    #expect(facts.sentences == 6 && facts.emptySentences == 2 && facts.words == 12 && facts.unknownWords == 4)
    #expect(facts.sentencesCut == 2 && facts.wordsCut == 4)
  }
}
