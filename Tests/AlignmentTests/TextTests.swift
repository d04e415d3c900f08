import Alignment
import FileIO
import Glibc
import Labels
import TestSupport
import Testing

private let dataFolder = getenv("CPC_TEST_DATA").map { String(cString: $0) }

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
    ("", []), ("3.14.15", []), ("1..2", []), ("3,4,5", []), ("1,00", []), (".5", ["POINT FIVE"]), ("5.", []),
    ("5%", ["FIVE PERCENT"]), ("$1", ["ONE DOLLAR"]), ("€20", ["TWENTY EUROS"]), ("50¢", ["FIFTY CENTS"]),
    ("£1.50", ["ONE POUND FIFTY", "ONE POUND AND FIFTY PENCE", "ONE FIFTY"]), ("$3.00", ["THREE DOLLARS"]),
    ("$2.5", ["TWO POINT FIVE DOLLARS"]), ("$", []), ("$x", []), ("10:30", ["TEN THIRTY"]),
    ("9:05", ["NINE OH FIVE", "NINE FIVE"]), ("8:00", ["EIGHT", "EIGHT O'CLOCK", "EIGHT HUNDRED"]), ("9:75", []),
    ("1:2:3", []), ("1e5", []), ("-5", []),
  ])
  func numbers(token: String, expected: [String]) {
    #expect(NumberWords.readings(of: token).map { $0.joined(separator: " ") } == expected)
  }

  @Test func words() {
    let spoken = SpokenWord.words(
      of: "“Well,” she said -- it's well-known: 5% & more… <noise> [laughs] ♪ 'tis.", isEnglish: true)
    #expect(
      spoken.map(\.written) == [
        "WELL", "SHE", "SAID", "IT'S", "WELL", "KNOWN", "5%", "&", "MORE", "<NOISE>", "[LAUGHS]", "♪", "'TIS",
      ])
    #expect(spoken[6].readings == [["FIVE", "PERCENT"]])
    #expect(spoken[7].readings == [["AND"]])
    #expect(spoken.filter { $0.readings.isEmpty }.map(\.written) == ["<NOISE>", "[LAUGHS]", "♪"])
  }

  @Test(arguments: [
    ("12%.", "TWELVE PERCENT"), ("3.14.15", "THREE FOURTEEN FIFTEEN"), ("1..2", "ONE TWO"),
    ("3,4,5", "THREE FOUR FIVE"),
    ("(1,234)", "ONE THOUSAND TWO HUNDRED THIRTY FOUR"), ("'90s", "NINETIES"), ("5'", "FIVE"), (".5", "POINT FIVE"),
    ("$5, £5.", "FIVE DOLLARS FIVE POUNDS"), ("hello<unk>there", "HELLO * THERE"), ("a [background noise] b", "A * B"),
    ("[unclosed word", "UNCLOSED WORD"), ("1 < 2", "ONE * TWO"), ("end.Next hello,world", "END NEXT HELLO WORLD"),
    ("Dr. Smith, Mr Jones", "DOCTOR SMITH MISTER JONES"), ("St. James", "SAINT JAMES"), ("st", "ST"),
    ("Ph.D. U.S.A. e.g.", "P H D U S A E G"), ("R&D AT&T", "R AND D AT AND T"), ("foo@bar.com", "FOO AT BAR COM"),
    ("½ cup, 1½ cups", "ONE HALF CUP ONE AND ONE HALF CUPS"), ("x²", "X SQUARED"), ("B2B MP3", "B TWO B MP THREE"),
    ("co\u{AD}operate zero\u{200B}width", "COOPERATE ZEROWIDTH"), ("peut-être", "PEUT ÊTRE"),
    ("dogs' 'tis", "DOGS' 'TIS"),
    ("٣", "THREE"), ("1st, 2nd", "FIRST SECOND"), ("— … ♪", "*"), ("5-6", "FIVE SIX"), ("100€", "ONE HUNDRED EUROS"),
  ])
  func english(text: String, expected: String) {
    let spoken = SpokenWord.words(of: text, isEnglish: true)
    #expect(spoken.map { $0.readings.first?.joined(separator: " ") ?? "*" }.joined(separator: " ") == expected)
  }

  @Test func knownWordsAreTakenAsTheyAre() {
    let known: Set = ["PEUT-ÊTRE", "MP3", "1ST", "R&D", "DR"]
    let spoken = SpokenWord.words(of: "Peut-être, mp3. 'R&D' 1st Dr. X-MP3", isEnglish: true) { known.contains($0) }
    #expect(spoken.map(\.readings) == ["PEUT-ÊTRE", "MP3", "R&D", "1ST", "DR", "X", "MP3"].map { [[$0]] })
  }

  @Test func otherLanguagesKeepTheirDigits() {
    let spoken = SpokenWord.words(of: "12 «Äpfel», l'eau [bruit] 3,5%", isEnglish: false)
    #expect(spoken.map(\.written) == ["12", "ÄPFEL", "L'EAU", "[BRUIT]", "3,5"])
  }

  @Test(arguments: [
    ("don't", "D OW N T"), ("I'm", "AY M"), ("I'll", "AY L"), ("he's", "HH IY Z"), ("you're", "Y UH R"),
    ("Tony's", "T OW N IY Z"), ("won't", "W OW N T"), ("cat's", "K AE T S"), ("church's", "CH ER CH IH Z"),
    ("isn't", "IH Z AH N T"), ("they've", "DH EY V"), ("that'd", "DH AE T AH D"), ("it'll", "IH T AH L"),
    ("o'clock", "AH K L AA K"), ("'tis", "T IH Z"), ("dogs'", "D AA G Z"), ("'don't'", "D OW N T"),
    ("couldn't've", "K UH D AH N T AH V"), ("Łódź", "L AA D Z"), ("'s", "EH S"),
  ])
  func contractionsAndAccents(word: String, expected: String) throws {
    #expect(try Pronouncer().pronounce(word).first?.first.map(names) == expected)
  }

  /// What CMUdict says of JOHN'S is what is made of its JOHN, in all but a few of its 6,400 words with clitics: in
  /// those it says the stem in another way than alone (`ENGINEER`, `ENGINEER'S`), or errs.
  @Test(.enabled(if: dataFolder != nil, "CPC_TEST_DATA names no folder with real speech"))
  func cliticsAreCMUdicts() throws {
    let folder = try TemporaryFolder()
    let dictionary = dataFolder! + "/cmudict.dict"
    let whole = try Lexicon(contentsOf: dictionary, phoneSet: .cmu41)
    let file = LineReader(try File.reading(dictionary))
    var (stems, words): ([UInt8], [String]) = ([], [])
    while let line = try file.next() {
      let word = String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
      if !word.contains("'") {
        stems += line + [UInt8(ascii: "\n")]
      } else if ["'s", "'ll", "'ve", "'d"].contains(where: word.hasSuffix), !word.contains("(") {
        words.append(word)
      }
    }
    try File.writing(folder("stems")).write(stems)
    let without = try Lexicon(contentsOf: folder("stems"), phoneSet: .cmu41)
    let pronouncer = try Pronouncer(lexicon: without)
    let tried = words.filter { without[String($0.prefix { $0 != "'" })] != nil }
    let same = try tried.count { word in
      let found = try pronouncer.pronounce(word)[0]
      return whole[word]!.contains { found.contains($0) }
    }
    #expect(tried.count > 1000)
    #expect(Double(same) > 0.95 * Double(tried.count), "\(same) of \(tried.count)")
  }

  private func names(_ phones: [UInt8]) -> String {
    phones.map { PhoneSet.cmu41.names[Int($0)] }.joined(separator: " ")
  }

  @Test func englishWithoutALexicon() throws {
    let pronouncer = try Pronouncer()
    let phones = try pronouncer.pronounce("THE CONTENT café, don't xyzzy").map { $0.map(names) }
    #expect(phones[0] == ["DH AH", "DH IY"])
    #expect(phones[1] == ["K AA N T EH N T", "K AH N T EH N T"])
    #expect(phones[3] == ["D OW N T", "D OW N"])
    // No forms that CMUdict lacks (of without V, and without D).
    #expect(try pronouncer.pronounce("of and").map { $0.map(names) } == [["AH V"], ["AH N D", "AE N D"]])
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
    // QUILTER'S is as guessed as QUILTER; what hangs on a known word is not.
    #expect(try pronouncer.pronounce("HELLO'S 'Hello'").map { $0.map(names) } == [["S IH Z", "S AH Z"], ["S"]])
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
