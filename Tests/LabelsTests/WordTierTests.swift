import FileIO
import Glibc
import Labels
import OrderedJSON
import TestSupport
import Testing

/// Words beside phones, in the formats that have a place for them, and alone.
@Suite struct WordTierTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let vocabulary = ["THE", "DON'T", "<unk>", "\"Q\"", "ÉTÉ", "12", "A", "phones"]

  /// Words with silences between them, each of a few phones that fill it; on the grid of 10 ms.
  private func tracks(_ seed: UInt64) -> [LabelTrack] {
    var random = SeededGenerator(seed)
    func spelled(_ hundredths: Int) -> String { JSON.real(Double(hundredths) / 100).compact }
    return (0..<30).map { number in
      var time = 0
      var (phones, words): ([PhoneInterval], [PhoneInterval]) = ([], [])
      func phone(_ label: String) {
        let begin = time
        time += Int.random(in: 3...30, using: &random)
        phones.append(PhoneInterval(label: label, begin: spelled(begin), end: spelled(time))!)
      }
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        if Bool.random(using: &random) { phone("SIL") }
        let begin = time
        for _ in 0..<Int.random(in: 1...5, using: &random) { phone(["AH", "T", "K"].randomElement(using: &random)!) }
        words.append(
          PhoneInterval(
            label: Self.vocabulary.randomElement(using: &random)!, begin: spelled(begin), end: spelled(time))!)
      }
      phone("SIL")
      var track = LabelTrack(id: "utt-\(number)", content: .intervals(phones), position: "")
      track.words = words
      return track
    }
  }

  private func lines(_ tracks: [LabelTrack]) throws -> String {
    try tracks.map { try LabelWriter(.jsonl).text(of: $0, samples: nil) }.joined()
  }

  private func spelled(_ intervals: [PhoneInterval]?) -> [[String]]? {
    intervals?.map { [$0.label, $0.beginText, $0.endText] }
  }

  private func convert(_ arguments: [String], _ output: String) throws -> ToolResult {
    let result = try runTool("cpc-align", ["convert"] + arguments + ["-o", folder(output)])
    #expect(result.status == 0, "\(result.messages)")
    return result
  }

  /// By id, in the order of names.
  private func sorted(_ text: [UInt8]) -> [String] {
    String(decoding: text, as: UTF8.self).split(separator: "\n").map { String($0) }.sorted()
  }

  @Test(arguments: ["textgrid", "mfa-json"]) func wordsGoBesidePhonesThroughFilesOfOneUtterance(format: String) throws {
    let tracks = tracks(1)
    try File.writing(folder("a.jsonl")).write(lines(tracks))
    _ = try convert([folder("a.jsonl"), "--to", format], "grids")
    _ = try convert([folder("grids"), "--to", "jsonl"], "b.jsonl")
    #expect(try sorted(File.contents(of: folder("b.jsonl"))) == sorted(File.contents(of: folder("a.jsonl"))))
    // Through the other format, the same files come out.
    _ = try convert([folder("grids"), "--to", format == "textgrid" ? "mfa-json" : "textgrid"], "others")
    _ = try convert([folder("others"), "--to", format], "again")
    for name in try Folder.names(in: folder("grids")) {
      #expect(try File.contents(of: folder("again/\(name)")) == File.contents(of: folder("grids/\(name)")))
    }
    // The phones alone are what they are without words.
    var bare = tracks
    for i in bare.indices { bare[i].words = nil }
    _ = try convert([folder("grids"), "--tier", "phones", "--to", "jsonl"], "bare.jsonl")
    #expect(try sorted(File.contents(of: folder("bare.jsonl"))) == sorted(Array(lines(bare).utf8)))
    // And the words alone what they are.
    _ = try convert([folder("grids"), "--tier", "words", "--to", "jsonl"], "words.jsonl")
    let alone = tracks.map { track in
      JSON.object(["id": .string(track.id), "words": .array(track.words!.map(\.json))]).compact
    }
    #expect(try sorted(File.contents(of: folder("words.jsonl"))) == alone.sorted())
  }

  @Test func theTiersOfATextGridAreThoseThatMFAWrites() throws {
    for track in tracks(2) {
      let text = try LabelWriter(.textgrid).text(of: track, samples: nil)
      let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
      func value(_ line: Substring) -> String { String(line.split(separator: " = ", maxSplits: 1).last ?? "") }
      let names = lines.indices.filter { lines[$0].hasPrefix("name = ") }
      #expect(names.map { value(lines[$0]) } == ["\"words\"", "\"phones\""])
      #expect(lines.contains("size = 2"))
      guard case .intervals(let phones) = track.content else { return }
      let end = phones.last!.endText
      for (tier, range) in [names[0]..<names[1], names[1]..<lines.count].enumerated() {
        let first = range.filter { lines[$0].hasPrefix("intervals [") }
        #expect(value(lines[range.lowerBound + 3]) == "\(first.count)" && value(lines[range.lowerBound + 2]) == end)
        let intervals = first.map { i in
          [String(value(lines[i + 3]).dropFirst().dropLast()), value(lines[i + 1]), value(lines[i + 2])]
        }
        // From 0 to the end without a gap.
        #expect(intervals.first?[1] == "0" || intervals.first?[1] == "0.0")
        #expect(intervals.last?[2] == end)
        for (a, b) in zip(intervals, intervals.dropFirst()) { #expect(a[2] == b[1]) }
        let expected = spelled(tier == 0 ? track.words : phones)!.map {
          [$0[0].split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""), $0[1], $0[2]]
        }
        #expect(intervals.filter { tier == 1 || !$0[0].isEmpty } == expected)
      }
    }
  }

  /// The phones are there, whatever the words are; what has no place for words never looks at them.
  @Test(arguments: ["jsonl", "textgrid", "mfa-json"]) func badWordsCostTheWordsAlone(format: String) throws {
    let text: [String: String] = [
      "jsonl": #"{"id":"u","phones":[["AH",0,0.5],["B",0.5,0.9]],"words":[["a",0,0.5],["b",0.3,0.9]]}"# + "\n",
      "textgrid": """
      "ooTextFile" "TextGrid" 0 1 <exists> 2
      "IntervalTier" "words" 0 1 2 0 0.5 "a" 0.3 0.9 "b"
      "IntervalTier" "phones" 0 1 2 0 0.5 "AH" 0.5 0.9 "B"
      """,
      "mfa-json": #"""
      {"start":0,"end":1,"tiers":{"words":{"type":"interval","entries":[[0,0.5,"a"],[0.3,0.9,"b"]]},
      "phones":{"type":"interval","entries":[[0,0.5,"AH"],[0.5,0.9,"B"]]}}}
      """#,
    ]
    let name = ["jsonl": "u.jsonl", "textgrid": "u.TextGrid", "mfa-json": "u.json"][format]!
    try Folder.create(folder("bad"))
    try File.writing(folder("bad/\(name)")).write(text[format]!)
    let input = format == "jsonl" ? folder("bad/\(name)") : folder("bad")
    let ctm = try runTool("cpc-align", ["convert", input, "--to", "ctm"])
    #expect(ctm.status == 0 && ctm.text.split(separator: "\n").count == 2, "\(ctm.messages)")
    let both = try runTool("cpc-align", ["convert", input, "--to", "jsonl"])
    #expect(both.status == 1 && both.messages.contains("without its words"), "\(both.messages)")
    let line = try JSON(parsing: both.text)
    #expect(line["phones"]?.arrayValue?.count == 2 && line["words"] == nil)
    let words = try runTool("cpc-align", ["convert", input, "--tier", "words", "--to", "ctm"])
    #expect(words.status == 1 && words.messages.contains("overlap"), "\(words.messages)")
    if format == "jsonl" {
      let other = try runTool("cpc-align", ["convert", input, "--tier", "word", "--to", "ctm"])
      #expect(other.status == 64 && other.messages.contains("only phones and words"), "\(other.messages)")
    }
  }

  @Test func aCTMHasTheWordsAlone() throws {
    let tracks = tracks(3)
    try File.writing(folder("a.jsonl")).write(lines(tracks))
    let phones = try convert([folder("a.jsonl"), "--to", "ctm"], "phones.ctm")
    #expect(phones.messages.contains("the words of 30 utterances are left out"), "\(phones.messages)")
    _ = try convert([folder("a.jsonl"), "--tier", "words", "--to", "ctm"], "words.ctm")
    let rows = String(decoding: try File.contents(of: folder("words.ctm")), as: UTF8.self).split(separator: "\n")
    let all = tracks.flatMap { track in track.words!.map { (track.id, $0) } }
    #expect(rows.count == all.count)
    for (row, (id, word)) in zip(rows, all) {
      let fields = row.split(separator: " ").map { String($0) }
      #expect(fields.count == 5 && fields[0] == id && fields[1] == "1" && fields[4] == word.label)
      #expect(fields[2] == word.beginText)
      #expect(abs(Double(fields[2])! + Double(fields[3])! - word.end) < 1e-9)
    }
    // And back.
    _ = try convert([folder("words.ctm"), "--tier", "words", "--to", "jsonl"], "b.jsonl")
    let back = try LabelFiles(folder("b.jsonl"), reading: reading(LabelTiers(only: "words")))
    for track in tracks where !track.words!.isEmpty {
      let found = try #require(try back.next())
      #expect(found.id == track.id && found.content == .intervals(track.words!))
    }
    #expect(try back.next() == nil)
  }

  private func reading(_ tiers: LabelTiers) -> LabelReading {
    var reading = LabelReading()
    reading.tiers = tiers
    return reading
  }

  @Test func blankWordsAreSilences() throws {
    let grid = """
      "ooTextFile"
      "TextGrid"
      0 0.5 <exists> 2
      "IntervalTier" "s1 - words" 0 0.5 3
      0 0.1 ""
      0.1 0.4 "hello"
      0.4 0.5 ""
      "IntervalTier" "s1 - phones" 0 0.5 3
      0 0.1 ""
      0.1 0.4 "AH0"
      0.4 0.5 ""

      """
    try File.writing(folder("u.TextGrid")).write(grid)
    for (arguments, expected) in [
      (
        ["--to", "jsonl"],
        #"{"id":"u","phones":[["",0,0.1],["AH0",0.1,0.4],["",0.4,0.5]],"words":[["hello",0.1,0.4]]}"# + "\n"
      ),
      (["--tier", "words", "--to", "jsonl"], #"{"id":"u","words":[["hello",0.1,0.4]]}"# + "\n"),
      (["--tier", "words", "--to", "ctm"], "u 1 0.1 0.3 hello\n"),
    ] {
      let result = try runTool("cpc-align", ["convert", folder("u.TextGrid")] + arguments)
      #expect(result.status == 0 && result.text == expected, "\(result.text)\(result.messages)")
    }
    _ = try convert([folder("u.TextGrid"), "--tier", "words", "--to", "textgrid"], "words")
    let words = try #require(try LabelFiles(folder("words"), reading: reading(LabelTiers(only: "words"))).next())
    #expect(
      words.content
        == .intervals(
          [("", 0, 0.1), ("hello", 0.1, 0.4), ("", 0.4, 0.5)].map { PhoneInterval(label: $0.0, begin: $0.1, end: $0.2) }
        ))
  }

  @Test func whatIsWrongWithWordsIsNamed() throws {
    let phones = #""phones":[["S",0,0.5]]"#
    for (words, reason) in [
      (#"[["A",0,0.3],["B",0.1,0.4]]"#, "overlap"), (#"[["A",0.3,0.4],["B",0.1,0.2]]"#, "overlap or run backwards"),
    ] {
      let line = #"{"id":"a",\#(phones),"words":\#(words)}"#
      try File.writing(folder("a.jsonl")).write(line + "\n" + #"{"id":"b",\#(phones)}"# + "\n")
      let result = try runTool("cpc-align", ["convert", folder("a.jsonl"), "--to", "jsonl"])
      let both = ["a", "b"].map { #"{"id":"\#($0)",\#(phones)}"# + "\n" }.joined()
      #expect(result.status == 1 && result.text == both, "\(result.text)")
      let message = result.messages
      #expect(message.contains("a: ") && message.contains("line 1: without its words: "), "\(message)")
      #expect(message.contains(reason), "\(message)")
      // The phones are good.
      let alone = try runTool("cpc-align", ["convert", folder("a.jsonl"), "--tier", "phones", "--to", "jsonl"])
      #expect(alone.status == 0 && alone.text.contains(#"{"id":"a",\#(phones)}"#), "\(alone.messages)")
    }
    // Rounding is mended, and counted.
    try File.writing(folder("a.jsonl")).write(#"{"id":"a",\#(phones),"words":[["A",0,0.3],["B",0.295,0.4]]}"# + "\n")
    let mended = try runTool("cpc-align", ["convert", folder("a.jsonl"), "--to", "jsonl"])
    #expect(mended.text == #"{"id":"a",\#(phones),"words":[["A",0,0.295],["B",0.295,0.4]]}"# + "\n", "\(mended.text)")
    #expect(mended.messages.contains("1 word less than 10 ms too long"), "\(mended.messages)")
    // A key of the same name that holds something else is somebody's own.
    for words in ["12", #"["A","B"]"#, #"[["A",1]]"#, "null", #"[["A",0.2,0.1]]"#] {
      try File.writing(folder("a.jsonl")).write(#"{"id":"a",\#(phones),"words":\#(words)}"# + "\n")
      let result = try runTool("cpc-align", ["convert", folder("a.jsonl"), "--to", "jsonl"])
      #expect(result.status == 0 && result.text == #"{"id":"a",\#(phones)}"# + "\n", "\(result.text)\(result.messages)")
    }
    let tier = #"{"type":"interval","entries":[[0,0.5,"S"]]}"#
    for (name, text, reason) in [
      ("t.json", #"{"tiers":{"words":\#(tier),"s - words":\#(tier),"phones":\#(tier)}}"#, "two tiers of words"),
      (
        "t.json", #"{"end":0.2,"tiers":{"words":\#(tier),"phones":{"entries":[]}}}"#,
        "without its words: they go on until 0.5"
      ),
      (
        "t.TextGrid",
        #""ooTextFile" "TextGrid" 0 1 <exists> 3 "IntervalTier" "words" 0 1 0 "IntervalTier" "a - words" 0 1 0 "#
          + #""IntervalTier" "phones" 0 1 0"#, "without its words: there are 2 tiers of words"
      ),
    ] {
      try File.writing(folder(name)).write(text)
      let result = try runTool("cpc-align", ["convert", folder(name), "--to", "jsonl"])
      #expect(result.status == 1 && result.messages.contains(reason), "\(result.messages)")
      unlink(folder(name))
    }
  }
}
