import FileIO
import OrderedJSON
import TestSupport
import Testing
import Text

@Suite struct KindTests {
  @Test func markdown() throws {
    let text = """
      # Title: _Moby-Dick_ #
      Call me *Ishmael*. Some **years**
      ago--never_mind 3_d_ 2 * 3 &amp;c.
      -------
      - one item
      * the [second](http://x.org/a_(b)) and ![a picture](p.png)
      > > quoted `code` in 1833\\. Then
      > more.

        *    *    *

      Setext
      ======
      ```swift
      let x = 1
      ```
      #hashtag Lord ____ said \\*no\\* [not a link] a]b [x
      | a | b |
      |---|:-:|
      """
    let found = try read(text, .markdown)
    #expect(
      found.texts == [
        "Title: Moby-Dick", "Call me Ishmael.", "Some years ago--never_mind 3_d 2 * 3 &c.", "one item",
        "the second and a picture quoted code in 1833.", "Then more.", "Setext", "let x = 1",
        "#hashtag Lord ____ said *no* [not a link] a]b [x | a | b |",
      ])
    #expect(found.facts.markupLines == 6)
    let bytes = Array(text.utf8)
    for sentence in found.sentences {
      #expect(bytes[sentence.range.lowerBound] == sentence.text[0])
    }
  }

  private static let header = "The Project Gutenberg EBook of X\r\n\r\nLicence.\r\n\r\n"

  @Test func gutenberg() throws {
    let book = "\r\nProduced by Y.\r\n\r\nChapter *** 1\r\n\r\n"
    for start in [
      "*** START OF THE PROJECT GUTENBERG EBOOK X ***\r\n", "***START OF THIS PROJECT GUTENBERG ETEXT X***\r\n",
      "*** START OF THE PROJECT GUTENBERG EBOOK A LONG\r\nTITLE ***\r\n",
      "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\r\n",
    ] {
      for end in ["*** END OF THE PROJECT GUTENBERG EBOOK X ***\r\n", "End of Project Gutenberg's X, by Y\r\n"] {
        let found = try read(Self.header + start + book + end + "More licence.\n", .gutenberg)
        #expect(found.texts == ["Produced by Y.", "Chapter *** 1"])
        #expect(found.facts.headerBytes == (Self.header + start).utf8.count)
        #expect(found.facts.footerBytes == end.utf8.count + 14 && found.facts.missingFooters == 0)
        #expect(GutenbergFrame.isHeader(Array((Self.header + start).utf8)))
      }
      let cut = try read(Self.header + start + book, .gutenberg)
      #expect(cut.facts.missingFooters == 1 && cut.facts.footerBytes == 0 && cut.texts.count == 2)
    }
    // In some books the small print stands at the end.
    let small = "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\r\nEnd notes here.\r\n"
    let late = try read(
      Self.header + "*** START OF THE PROJECT GUTENBERG EBOOK X ***\r\n" + book
        + "*** END OF THE PROJECT GUTENBERG EBOOK X ***\r\n" + small, .gutenberg)
    #expect(late.texts == ["Produced by Y.", "Chapter *** 1"] && late.facts.missingFooters == 0)
    // Several books in one file, as `cat` makes it.
    let start = "*** START OF THE PROJECT GUTENBERG EBOOK X ***\r\n"
    let end = "*** END OF THE PROJECT GUTENBERG EBOOK X ***\r\n"
    let one = { (text: String) in Self.header + start + text + end + "More licence.\n" }
    let three = try read(one("One ends\r\n") + one("two begins. Two.\r\n") + one("Three.\r\n"), .gutenberg)
    #expect(three.texts == ["One ends", "two begins.", "Two.", "Three."], "\(three.texts)")
    let around = (Self.header + start + end + "More licence.\n").utf8.count
    #expect(three.facts.headerBytes + three.facts.footerBytes == 3 * around && three.facts.missingFooters == 0)
    #expect(!GutenbergFrame.isHeader(Array((Self.header + book).utf8)))
    for text in [Self.header + book, "", String(repeating: "x\n", count: 600_000)] {
      let failure = try read(text, .gutenberg).failure
      #expect(failure?.kind == .badInput && failure?.reason.contains("START OF") == true)
    }
  }

  @Test func jsonLines() throws {
    let folder = try TemporaryFolder()
    let lines = [
      #"{"id":1,"text":"One. Two\n\nthree."}"#, "", "[1]", #"{"id":2}"#, #"{"text":3}"#, "{", #"{"text":"\u0000"}"#,
      #"{"te\u0078t":"caf\u00e9"}"#,
    ]
    try File.writing(folder("x.jsonl")).write(lines.joined(separator: "\n"))
    let documents = try JSONLinesReader(File.reading(folder("x.jsonl")))
    let reader = try TextReader(.plain)
    var sentences: [String] = []
    var failures: [String] = []
    while true {
      do {
        guard let document = try documents.next() else { break }
        try reader.read(document.text, path: "line \(document.line)") {
          sentences.append(String(decoding: $0.text, as: UTF8.self))
        }
      } catch let failure as Failure {
        failures.append("\(failure.path == folder("x.jsonl") ? "" : failure.path!)\(failure.position!)")
      }
    }
    #expect(isSameText(sentences, ["One.", "Two", "three.", "café"]))
    #expect(failures == ["line 3", "line 4", "line 5", "line 6", "line 7byte 0"])
    let other = try JSONLinesReader(File.reading(folder("x.jsonl")), key: "id")
    #expect(throws: Failure.self) { try other.next() }
  }

  @Test func rulesAsJSON() throws {
    var rules = TextRules()
    rules.tokens = .words
    rules.letterCase = .folded
    rules.locale = "el"
    rules.maximumSentence = 1000
    #expect(try TextRules(JSON(parsing: rules.json.compact)) == rules)
    #expect(rules.differences(from: rules).isEmpty)
    #expect(TextRules().differences(from: rules).contains("case: lower, not folded"))
    #expect(TextVersions.current.icu.utf8.contains(UInt8(ascii: ".")))
    for (key, value) in [
      ("tokens", "all"), ("case", "UPPER"), ("normalization", "NFKC"), ("segmentation", "spaces"),
      ("maximum_sentence", "9"),
    ] {
      var object = rules.json.objectValue!
      object[key] = .string(value)
      #expect(throws: TextRulesError.self) { try TextRules(.object(object)) }
    }
    rules.versions.icu = "1.0"
    #expect(failure { _ = try TextReader(.plain, rules: rules) }?.reason.contains("ICU 1.0") == true)
  }
}
