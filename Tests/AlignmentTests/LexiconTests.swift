import Alignment
import FileIO
import Labels
import TestSupport
import Testing

/// Reading pronunciations and phone sets from files.
@Suite struct LexiconTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ text: String) throws -> String {
    try File.writing(folder("file")).write(text)
    return folder("file")
  }

  private func phones(_ names: String) -> [UInt8] {
    names.split(separator: " ").map { UInt8(PhoneSet.cmu41.index(of: String($0))!) }
  }

  @Test func cmudict() throws {
    let path = try file(";;; comment\nread R EH1 D\nread(2) R IY1 D\nd'artagnan D AH0 R # foreign french\n\n")
    let lexicon = try Lexicon(contentsOf: path, phoneSet: .cmu41)
    #expect(lexicon.count == 2)
    #expect(lexicon["Read"] == [phones("R EH D"), phones("R IY D")])
    #expect(lexicon["D'ARTAGNAN"] == [phones("D AH R")])
    #expect(lexicon["red"] == nil)
  }

  @Test func librispeech() throws {
    // Two spaces or a tab, repeated lines for variants; the same pronunciation twice is one.
    let path = try file("READ  R EH1 D\nREAD\tR IY1 D\nREAD\tR IY0 D\r\nA''S  EY1 Z\n")
    let lexicon = try Lexicon(contentsOf: path, phoneSet: .cmu41)
    #expect(lexicon["READ"] == [phones("R EH D"), phones("R IY D")])
    #expect(lexicon["a''s"] == [phones("EY Z")])
  }

  @Test func probabilitiesArePassedOver() throws {
    let lexicon = try Lexicon(contentsOf: file("the\t0.99\t0.2\tDH AH0\n"), phoneSet: .cmu41)
    #expect(lexicon["THE"] == [phones("DH AH")])
    let whole = try Lexicon(contentsOf: file("# word p phones\nfoo 1 F UW\n#HASH-MARK HH AE SH\n"), phoneSet: .cmu41)
    #expect(whole.count == 2 && whole["FOO"] == [phones("F UW")] && whole["#hash-mark"] == [phones("HH AE SH")])
    // Where they are phones, they are no probabilities.
    let set = PhoneSet(name: "tones", names: ["SIL", "a", "1"])
    #expect(try Lexicon(contentsOf: file("one 1 a\n"), phoneSet: set)["one"] == [[2, 1]])
  }

  @Test func aByteOrderMarkIsPassedOver() throws {
    #expect(try Lexicon(contentsOf: file("\u{feff}the DH AH0\n"), phoneSet: .cmu41)["the"] == [phones("DH AH")])
  }

  @Test func otherPhoneSetsAndMaps() throws {
    try File.writing(folder("set")).write("SIL\nSPN\na\nsch\n")
    let set = try PhoneSet(name: "set", reading: File.reading(folder("set")))
    try File.writing(folder("map")).write("ʃ sch\naː a\nʔ\ntʃ a sch\n")
    let map = try PhoneMap(contentsOf: folder("map"))
    let lexicon = try Lexicon(contentsOf: file("schaß ʃ aː\nÄtsch ʔ a tʃ\n"), phoneSet: set, phoneMap: map)
    #expect(lexicon["SCHASS"] == [[3, 2]])
    #expect(lexicon["ätsch"] == [[2, 2, 3]])
  }

  @Test(arguments: [
    ("one W AH1 N\ntwo T UX1\n", "line 2"), ("one W AH1 N\n\ntwo\n", "line 3"), ("", "no word"),
    (";;; nothing\n", "no word"),
  ])
  func badLexicons(text: String, expected: String) throws {
    let path = try file(text)
    let failure = #expect(throws: Failure.self) { try Lexicon(contentsOf: path, phoneSet: .cmu41) }
    #expect(failure?.kind == .badInput)
    #expect(failure?.description.contains(expected) == true)
  }
}
