import Alignment
import FileIO
import Labels
import TestSupport
import Testing

/// From transcripts to what is looked up, and to phones.
@Suite struct TextTests {
  @Test(arguments: [
    ("7", ["SEVEN"]), ("42", ["FORTY TWO"]), ("1,001", ["ONE THOUSAND ONE"]), ("21st", ["TWENTY FIRST"]),
    ("12TH", ["TWELFTH"]), ("30th", ["THIRTIETH"]), ("3.14", ["THREE POINT ONE FOUR"]), ("0", ["ZERO"]),
    ("007", ["ZERO ZERO SEVEN"]),
    ("1906", ["ONE THOUSAND NINE HUNDRED SIX", "NINETEEN OH SIX"]),
    ("1900", ["ONE THOUSAND NINE HUNDRED", "NINETEEN HUNDRED"]), ("2000", ["TWO THOUSAND"]),
    ("1990s", ["ONE THOUSAND NINE HUNDRED NINETIES", "NINETEEN NINETIES"]),
    ("120", ["ONE HUNDRED TWENTY", "ONE TWO ZERO"]), ("5000000", ["FIVE MILLION"]), ("abc", []), ("12abc", []),
    ("", []),
  ])
  func numbers(token: String, expected: [String]) {
    #expect(NumberWords.readings(of: token).map { $0.joined(separator: " ") } == expected)
  }

  @Test func words() {
    let spoken = SpokenWord.words(
      of: "“Well,” she said -- it's well-known: 5% & more… <noise> [laughs] ♪ 'tis.", isEnglish: true)
    #expect(
      spoken.map(\.written) == [
        "WELL", "SHE", "SAID", "IT'S", "WELL", "KNOWN", "5", "&", "MORE", "<NOISE>", "[LAUGHS]", "♪", "'TIS",
      ])
    #expect(spoken[6].readings == [["FIVE", "PERCENT"]])
    #expect(spoken[7].readings == [["AND"]])
    #expect(spoken.filter { $0.readings.isEmpty }.map(\.written) == ["<NOISE>", "[LAUGHS]", "♪"])
  }

  private func names(_ phones: [UInt8]) -> String {
    phones.map { PhoneSet.cmu41.names[Int($0)] }.joined(separator: " ")
  }

  @Test func englishWithoutALexicon() throws {
    let pronouncer = try Pronouncer()
    let phones = try pronouncer.pronounce("THE CONTENT café, don't xyzzy").map { $0.map(names) }
    #expect(phones[0] == ["DH AH", "DH IY"])
    #expect(phones[1] == ["K AA N T EH N T", "K AH N T EH N T"])
    #expect(phones[3] == ["D AA N T"] || phones[3] == ["D OW N T"])
    #expect(phones.allSatisfy { !$0.isEmpty })
    #expect(try pronouncer.pronounce("<noise>") == [[[1]]])
    #expect(pronouncer.noiseWords.map(\.word) == ["<NOISE>"])
    for text in ["привет", "HELLO 你好", "", " -- "] {
      let failure = #expect(throws: Failure.self) { try pronouncer.pronounce(text) }
      #expect(failure?.kind == .badInput)
    }
  }

  @Test func aLexiconComesFirst() throws {
    let folder = try TemporaryFolder()
    try File.writing(folder("lexicon")).write("hello S\nпривет P R\n'tis T\nHundred N\n")
    let pronouncer = try Pronouncer(lexicon: Lexicon(contentsOf: folder("lexicon"), phoneSet: .cmu41))
    #expect(
      try pronouncer.pronounce("Hello ПРИВЕТ 'TIS HUNDRED").map { $0.map(names) } == [["S"], ["P R"], ["T"], ["N"]])
    #expect(try pronouncer.pronounce("SEVEN seven THINGS").count == 3)
    #expect(pronouncer.unknownWords.map(\.word) == ["SEVEN", "THINGS"])
    #expect(pronouncer.unknownWords.map(\.count) == [2, 1])
  }

  @Test func otherLanguagesGuessNothing() throws {
    let folder = try TemporaryFolder()
    try File.writing(folder("set")).write("SIL\nSPN\na\n")
    try File.writing(folder("lexicon")).write("ja a\n")
    let set = try PhoneSet(name: "set", reading: File.reading(folder("set")))
    #expect(throws: Failure.self) { try Pronouncer(phoneSet: set) }
    let pronouncer = try Pronouncer(phoneSet: set, lexicon: Lexicon(contentsOf: folder("lexicon"), phoneSet: set))
    #expect(try pronouncer.pronounce("Ja nein") == [[[2]], [[1]]])
    #expect(pronouncer.unknownWords.map(\.word) == ["NEIN"])
  }
}
