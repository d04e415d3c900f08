import CICU
import FileIO
import TestSupport
import Testing
import Text

@Suite struct SentenceTests {
  static let messy =
    "Mr. Smith said:\u{85}\u{201c}It\u{2019}s 3.14 e.g. here!\u{201d}  He left\u{2028}today.\r\n\r\n"
    + "  \t\r\n日本語です。次の文。 ภาษาไทยง่าย\rcafe\u{301} CAFÉ \u{301}x\n\n\u{feff}a\u{ad}b\u{feff}— 👩‍👩‍👧 🇩🇪\u{1}\u{7f}z\r\r"
    + "don't well-known a--b _x_ 1,000 U.S.A. \u{378}\n\u{200b}\n\"Why?\" she asked. İSTANBUL ΟΔΟΣ STRASSE"

  @Test func linesEndAtThreeThings() throws {
    let text = "one\ntwo\r\nthree\rfour\u{85}4\u{2028}4\u{2029}4\u{b}4\u{c}4\r\r\n\n"
    let found = try read(text, .lines)
    #expect(found.texts == ["one", "two", "three", "four 4 4 4 4 4"])
    #expect(found.facts.lines == 6 && found.facts.emptyLines == 2 && found.facts.paragraphs == 4)
    #expect(try read(text).sentences.count == 1)
  }

  @Test func paragraphsAreDividedBySentences() throws {
    let found = try read("He came.\nShe\nleft! \n \t \nA new\u{a0}one? yes.")
    #expect(found.texts == ["He came.", "She left!", "A new one?", "yes."])
    #expect(found.sentences.map(\.isFirst) == [true, false, true, false])
    #expect(found.sentences.map(\.range) == [0..<8, 9..<18, 24..<35, 36..<40])
    #expect(found.tokens == [["he", "came", "."], ["she", "left", "!"], ["a", "new", "one", "?"], ["yes", "."]])
    #expect(found.facts.paragraphs == 2 && found.facts.tokens == 12)
  }

  /// After something invisible ICU forgets that Hangul and others were a word.
  @Test func invisibleCharactersTakeNoWordWithThem() throws {
    var rules = TextRules()
    (rules.tokens, rules.letterCase) = (.words, .kept)
    for invisible in ["\u{ad}", "\u{200b}", "\u{2060}", "\u{feff}"] {
      for word in ["한국어", "ß_", "日本", "слово", "word", "ไทย"] {
        let (plain, other) = (
          try read("abc \(word) def", rules: rules), try read("abc \(word)\(invisible) def", rules: rules)
        )
        #expect(plain.tokens == other.tokens && plain.tokens[0].count >= 3, "\(word) \(invisible.unicodeScalars)")
      }
    }
    #expect(try read("a \u{ad} ! \u{2060}", rules: rules).tokens == [["a"]])
    // What is no word without it is none with it.
    for sign in ["½", "①", "²", "!", "…", "€", "☃"] {
      let (plain, other) = (try read("a \(sign) b", rules: rules), try read("a \(sign)\u{ad} b", rules: rules))
      #expect(plain.tokens == other.tokens, "\(sign)")
    }
  }

  @Test func tokensAreBytes() throws {
    let found = try read(Self.messy)
    let tokens = Set(found.tokens.flatMap { $0 }.map { Name($0) })
    for token in [
      "it\u{2019}s", "3.14", "e.g", "caf\u{e9}", "\u{301}", "ab", "👩‍👩‍👧", "🇩🇪", "z", "don't", "1,000", "u.s.a",
      "i\u{307}stanbul", "οδος",
    ] {
      #expect(tokens.contains(Name(token)), "\(token)")
    }
    #expect(!found.texts.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x85 })
    #expect(found.sentences.allSatisfy { $0.tokens.allSatisfy { !$0.isEmpty && !$0.contains { $0 <= 0x20 } } })
  }

  @Test func rulesOfTokens() throws {
    var rules = TextRules()
    rules.tokens = .words
    #expect(try read("Well, 3 (x) … 👍 日本語!", rules: rules).tokens == [["well", "3", "x", "日本語"]])
    #expect(try read("* * *", rules: rules).facts.sentencesWithoutTokens == 1)
    rules.letterCase = .folded
    #expect(try read("STRAßE ΟΔΟΣ", rules: rules).tokens == [["strasse", "οδοσ"]])
    rules.letterCase = .kept
    #expect(try read("STRAßE Aβ", rules: rules).tokens == [["STRAßE", "Aβ"]])
    rules.locale = "en-u-ss-standard"
    #expect(try read("Mr. Smith left. He did.", rules: rules).texts == ["Mr. Smith left.", "He did."])
    for locale in ["", "é", "a b", "klingon", "en-u-ss-standrd", "xx"] {
      rules.locale = locale
      #expect(failure { _ = try TextReader(.plain, rules: rules) }?.kind == .usage)
    }
  }

  /// Every two borders of a small document; every size of pieces of a larger one.
  @Test(arguments: TextKind.allCases) func piecesDoNotMatter(kind: TextKind) throws {
    let frame = kind == .gutenberg ? "x\r\n*** START OF THE PROJECT GUTENBERG EBOOK É ***\r\n" : ""
    let bytes = Array((frame + Self.messy).utf8)
    for limit in [64, 1 << 16] {
      var rules = TextRules()
      rules.maximumSentence = limit
      let reader = try TextReader(kind, rules: rules)
      let whole = try reader.whole(bytes)
      #expect(whole.failure == nil && whole.sentences.count > 5)
      for border in 0...bytes.count { #expect(try reader.whole(bytes, borders: [border]) == whole) }
      for size in 1...70 {
        let borders = Array(stride(from: size, to: bytes.count, by: size))
        #expect(try reader.whole(bytes, borders: borders) == whole)
      }
    }
  }

  @Test func aLongLineIsReadInLittleMemory() throws {
    let sentence = Array("It was 10 o'clock — and all was well, said the watchman.  ".utf8)
    let count = 10_000_000 / sentence.count
    var line: [UInt8] = []
    for _ in 0..<count { line.append(contentsOf: sentence) }
    for kind in [TextKind.plain, .markdown] {
      var found = 0
      let facts = try TextReader(kind).read(line, path: "text") { sentence in
        found += 1
        precondition(sentence.text.count == 58 && sentence.tokens.count == 14)
      }
      #expect(found == count && facts.cuts == 0 && facts.paragraphs == 1)
    }
    // One sentence a line, and it is longer than the limit; a word that is.
    let facts = try TextReader(.lines).read(line, path: "text") { precondition($0.text.count <= 1 << 16) }
    #expect(facts.cuts == facts.sentences - 1 && facts.tokens == 14 * count)
    let word = try TextReader(.plain).read([UInt8](repeating: 0x61, count: 1_000_000), path: "text") { _ in }
    #expect(word.sentences == 16 && word.tokens == 16 && word.cuts == 15)
    let spaces = try TextReader(.plain).read([UInt8](repeating: 0x20, count: 1_000_000), path: "text") { _ in }
    #expect(spaces.sentences == 0)
  }

  /// A short sentence that makes room for less than the next character needs.
  @Test func aWindowIsNeverTooFull() throws {
    var rules = TextRules()
    rules.maximumSentence = 64
    for start in ["Q? ", "Q. ", "! ", "é! "] {
      let text = start + String(repeating: "😀", count: 200)
      let found = try read(text, rules: rules)
      #expect(found.tokens.flatMap { $0 }.count { $0 == "😀" } == 200)
      #expect(found.sentences.allSatisfy { $0.text.count <= 64 })
    }
  }

  /// Sentences that are found in a window are those of the whole paragraph.
  @Test func windowsDoNotMatter() throws {
    var random = SeededGenerator(7)
    let pieces = ["a", "B", "1", ".", "!", "? ", " ", "\"", ")", "(", "é", "。", "日", "\u{301}", ", ", "Mr. ", "…", "😀"]
    for _ in 0..<100 {
      let text = (0..<400).map { _ in pieces.randomElement(using: &random)! }.joined()
      var rules = TextRules()
      let whole = try read(text, rules: rules)
      guard let longest = whole.sentences.map(\.text.count).max() else { continue }
      rules.maximumSentence = max(64, 2 * longest)
      #expect(try read(text, rules: rules) == whole)
    }
  }

  /// What is decided without ICU is what ICU decides.
  @Test func tokensAreThoseOfICU() throws {
    var status: Int32 = 0
    let iterator = cpc_icu_breaks_open(1, "root", &status)
    defer { cpc_icu_breaks_close(iterator) }
    var random = SeededGenerator(11)
    let ascii = (0x20...0x7e).map { String(UnicodeScalar(UInt8($0))) }
    let others = ["a", "b", "7", " ", "é", "\u{301}", "א", "\u{2019}", "日", "ก", "\u{200d}", "😀", "カ", "\u{202f}x"]
    for tokens in TextRules.Tokens.allCases {
      var rules = TextRules()
      rules.tokens = tokens
      rules.letterCase = .kept
      let reader = try TextReader(.lines, rules: rules)
      for round in 0..<5_000 {
        let letters =
          round % 3 == 0
          ? ascii
          : round % 3 == 1 ? ["a", "B", "1", ".", "'", ",", ":", "_", "@", "-", " "] : ascii + others + others + others
        let line = (0..<Int.random(in: 1...24, using: &random)).map { _ in letters.randomElement(using: &random)! }
          .joined()
        let found = try reader.whole(Array(line.utf8))
        guard let sentence = found.sentences.first else { continue }
        let units = Array(String(decoding: sentence.text, as: UTF8.self).utf16)
        var ends = [Int32](repeating: 0, count: units.count)
        var kinds = ends
        let count = Int(cpc_icu_breaks(iterator, units, Int32(units.count), &ends, &kinds, &status))
        var expected: [[UInt16]] = []
        for i in 0..<count where tokens == .wordsAndMarks || kinds[i] >= 100 {
          let token = units[(i == 0 ? 0 : Int(ends[i - 1]))..<Int(ends[i])].filter { $0 != 0x20 }
          if !token.isEmpty { expected.append(token) }
        }
        // Normalization would change the combining ones.
        guard !line.unicodeScalars.contains("\u{301}") else { continue }
        #expect(
          sentence.tokens.map { Array(String(decoding: $0, as: UTF8.self).utf16) } == expected,
          "\(line.debugDescription)")
      }
    }
  }
}
