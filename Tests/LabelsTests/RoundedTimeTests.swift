import FileIO
import Labels
import TestSupport
import Testing

/// Times that rounding has moved: overlaps and gaps of less than a cell.
@Suite struct RoundedTimeTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let phones = [
    ("SIL", "0", "0.1"), ("S", "0.10001", "0.205"), ("T", "0.2", "0.3"), ("K", "0.306", "0.4"),
  ]

  /// The phones as each format spells them.
  private static func files(_ phones: [(String, String, String)]) -> [(name: String, text: String)] {
    let end = phones.last!.2
    let grid = phones.map { "\($0.1)\n\($0.2)\n\"\($0.0)\"\n" }.joined()
    let entries = phones.map { "[\($0.1),\($0.2),\"\($0.0)\"]" }.joined(separator: ",")
    let pairs = phones.map { "[\"\($0.0)\",\($0.1),\($0.2)]" }.joined(separator: ",")
    return [
      (
        "a.TextGrid",
        "File type = \"ooTextFile\"\n\"TextGrid\"\n0\n\(end)\n<exists>\n1\n\"IntervalTier\"\n\"phones\"\n0\n\(end)\n\(phones.count)\n\(grid)"
      ),
      ("a.json", "{\"start\":0,\"end\":\(end),\"tiers\":{\"phones\":{\"entries\":[\(entries)]}}}"),
      ("a.jsonl", "{\"id\":\"a\",\"phones\":[\(pairs)]}\n"),
      (
        "a.ctm",
        phones.map { "a 1 \($0.1) \((((Double($0.2) ?? 0) - (Double($0.1) ?? 0)) * 1e6).rounded() / 1e6) \($0.0)\n" }
          .joined()
      ),
    ]
  }

  private func open(_ file: (name: String, text: String)) throws -> LabelFiles {
    try File.writing(folder(file.name)).write(file.text)
    return try LabelFiles(folder(file.name))
  }

  @Test(arguments: 0..<4) func theLaterPhoneHasThem(format: Int) throws {
    let files = try open(Self.files(Self.phones)[format])
    let track = try #require(try files.next())
    #expect(files.mends.overlaps == 1 && files.mends.gaps == 2, "\(track)")
    guard case .intervals(let intervals) = track.content else { return #expect(Bool(false)) }
    // Cut where the later one begins; nothing else is changed.
    #expect(intervals.map(\.label) == ["SIL", "S", "T", "K"])
    #expect(intervals.map(\.end) == [0.1, 0.2, 0.3, 0.4] && intervals.map(\.begin) == [0, 0.10001, 0.2, 0.306])
    // The centre of cell 30 lies in the gap.
    let classes = try track.classes(samples: 6400, rate: 16_000, cell: 160, phoneSet: .cmu41, unlabelled: 255)
    #expect(
      classes == [UInt16](repeating: 0, count: 10) + .init(repeating: 2, count: 10) + .init(repeating: 4, count: 10)
        + .init(repeating: 6, count: 10))
    let again = try LabelWriter(.textgrid).text(of: track, samples: 6400)
    #expect(again.contains("xmin = 0.3\n") && again.contains("xmax = 0.2\n"))
  }

  @Test(arguments: [("-0.005", true), ("-0.01", true), ("-0.0101", false), ("-1", false)])
  func upToACellBeforeTheStart(begin: String, isTaken: Bool) throws {
    for file in Self.files([("S", begin, "0.2"), ("T", "0.2", "0.3")]) {
      guard isTaken else {
        #expect(throws: Failure.self, "\(file.name)") { try open(file).next() }
        continue
      }
      let files = try open(file)
      let track = try #require(try files.next())
      #expect(files.mends.early == 1 && files.mends.overlaps == 0 && files.mends.gaps == 0, "\(file.name)")
      #expect(files.mends.description == "1 phone less than 10 ms before the start: cut there")
      guard case .intervals(let intervals) = track.content else { return #expect(Bool(false)) }
      #expect(intervals.map(\.begin) == [0, 0.2] && intervals.map(\.end) == [0.2, 0.3], "\(file.name)")
      #expect(try LabelWriter(.jsonl).text(of: track, samples: nil).contains("[\"S\",0,"))
    }
  }

  @Test(arguments: [("0.19", true), ("0.195", true), ("0.1899", false), ("0.15", false), ("0.0", false)])
  func upToACell(begin: String, isTaken: Bool) throws {
    for file in Self.files([("S", "0", "0.2"), ("T", begin, "0.3")]) {
      if isTaken {
        let files = try open(file)
        #expect(try files.next() != nil && files.mends.overlaps == 1, "\(file.name)")
      } else {
        let failure = #expect(throws: Failure.self) { try open(file).next() }
        #expect(failure?.reason.contains("overlap") == true, "\(file.name)")
      }
    }
  }

  @Test func shortPhonesMayBeCoveredWhole() throws {
    let sequence = try IntervalSequence(
      [("S", 0, 0.1), ("T", 0.1, 0.104), ("K", 0.098, 0.2), ("Z", 0.2, 0.2)].map {
        PhoneInterval(label: $0.0, begin: $0.1, end: $0.2)
      })
    #expect(sequence.intervals.map(\.label) == ["S", "K", "Z"] && sequence.intervals[0].end == 0.098)
    #expect(sequence.mends.overlaps == 1)
  }

  @Test func aGapOfACellIsOne() throws {
    let track = LabelTrack(
      id: "a",
      content: .intervals([
        PhoneInterval(label: "S", begin: 0, end: 0.1), PhoneInterval(label: "T", begin: 0.11, end: 0.2),
      ]), position: "")
    let classes = try track.classes(samples: 3200, rate: 16_000, cell: 160, phoneSet: .cmu41, unlabelled: 255)
    #expect(classes[9] == 2 && classes[10] == 255 && classes[11] == 4)
    #expect(throws: Failure.self) { try LabelWriter(.textgrid).text(of: track, samples: 3200) }
  }

  /// NIST's fields, comments and the channel.
  @Test func readsNISTsCTM() throws {
    let text = """
      \u{feff};; made by somebody
      a A 0.00 0.10 S 0.98 lex spk1\r
      a A 0.10 0.10 T 0.5 lex
      ;; between
      b B 0.0 0.2 K 1.0 non-lex spk2\r

      """
    let files = try open(("a.ctm", text))
    #expect(try files.next()?.id == "a" && files.next()?.id == "b" && files.next() == nil)
    let mixed = try open(("b.ctm", "a A 0 0.1 S\na B 0.1 0.1 T\nb A 0 0.1 S\n"))
    let failure = #expect(throws: Failure.self) { try mixed.next() }
    #expect(failure?.reason.contains("channel B after channel A") == true)
    #expect(try mixed.next()?.id == "b" && mixed.next() == nil)
    // The first line of b is bad: all of b is left out, and nothing of a.
    let next = try open(("d.ctm", "a A 0 0.1 S\na A 0.1 0.1 T\nb A 0 0.1\nb A 0.1 0.1 T\nc A 0 0.1 S\n"))
    #expect(try next.next().map { "\($0.content)" }?.contains("T") == true)
    let first = #expect(throws: Failure.self) { try next.next() }
    #expect(first?.position == "line 3" && first?.reason.contains("4 fields") == true)
    #expect(try next.next()?.id == "c" && next.next() == nil)
    for line in ["a A 0 0.1 S 1 lex spk more\n", "a * * <ALT_BEGIN>\n"] {
      let bad = try open(("c.ctm", line + "b A 0 0.1 S\n"))
      #expect(throws: Failure.self) { try bad.next() }
      #expect(try bad.next()?.id == "b")
    }
  }
}
