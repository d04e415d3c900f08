import FileIO
import Labels
import TestSupport
import Testing

/// What is written in a format is read back as it was.
@Suite struct FormatRoundTripTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let phones = ["SIL", "AH0", "S", "T", "", "sp", "spn", "K", "IY1", "ä\"q"]

  /// Times with as many decimals as aligners write, and trailing zeros among them.
  private func intervals(_ random: inout SeededGenerator, labels: [String], gaps: Bool) -> [PhoneInterval] {
    var time = gaps ? Int.random(in: 0...300, using: &random) : 0
    func text(_ thousandths: Int) -> String {
      let digits = String(thousandths % 1000 + 1000).dropFirst()
      return "\(thousandths / 1000).\(digits.hasSuffix("0") && time % 3 == 0 ? digits.dropLast() : digits)"
    }
    return (0..<Int.random(in: 1...60, using: &random)).map { _ in
      let begin = text(time)
      time += Int.random(in: 1...500, using: &random)
      let interval = PhoneInterval(label: labels.randomElement(using: &random)!, begin: begin, end: text(time))!
      if gaps, Bool.random(using: &random) { time += Int.random(in: 1...300, using: &random) }
      return interval
    }
  }

  private func tracks(of content: (inout SeededGenerator) -> LabelTrack.Content, seed: UInt64) -> [LabelTrack] {
    var random = SeededGenerator(seed)
    return (0..<40).map { LabelTrack(id: "utt-\($0)", content: content(&random), position: "") }
  }

  private func reread(_ tracks: [LabelTrack], _ writer: LabelWriter, _ reading: LabelReading = LabelReading()) throws
    -> [LabelTrack]
  {
    let path: String
    if writer.format.isOneUtterance {
      path = folder(writer.format.rawValue)
      try Folder.create(path)
      for track in tracks {
        let name = "\(track.id).\(writer.format.fileExtension)"
        try writeAtomically(to: "\(path)/\(name)") { try $0.write(try writer.text(of: track, samples: nil)) }
      }
    } else {
      path = folder("labels")
      try writeAtomically(to: path) { file in
        for track in tracks { try file.write(try writer.text(of: track, samples: nil)) }
      }
    }
    let files = try LabelFiles(path, reading: reading)
    var result: [LabelTrack] = []
    while let track = try files.next() { result.append(track) }
    return result
  }

  private func spelled(_ track: LabelTrack) -> [[String]] {
    guard case .intervals(let intervals) = track.content else { return [] }
    return intervals.map { [$0.label, $0.beginText, $0.endText] }
  }

  @Test(arguments: [LabelFormat.jsonl, .ctm, .textgrid, .mfaJSON], [1, 2] as [UInt64])
  func intervalFormatsKeepLabelsAndTimes(format: LabelFormat, seed: UInt64) throws {
    let isGapless = format == .textgrid || format == .mfaJSON
    let labels = format == .ctm ? Self.phones.filter { !$0.isEmpty } : Self.phones
    let tracks = tracks(of: { .intervals(intervals(&$0, labels: labels, gaps: !isGapless)) }, seed: seed)
    let found = try reread(tracks, LabelWriter(format))
    #expect(found.count == tracks.count)
    let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    for track in tracks {
      let back = try #require(byID[track.id])
      #expect(back.content == track.content)
      guard format != .ctm else { continue }
      // In a CTM an end is a sum, which has the decimals of the longer term.
      #expect(spelled(back) == spelled(track))
    }
  }

  @Test func everyIntervalFormatGoesThroughEveryOther() throws {
    let labels = Self.phones.filter { !$0.isEmpty }
    let tracks = tracks(of: { .intervals(intervals(&$0, labels: labels, gaps: false)) }, seed: 3)
    var passing = tracks
    for format in [LabelFormat.ctm, .textgrid, .jsonl, .mfaJSON, .ctm, .jsonl] {
      passing = try reread(passing, LabelWriter(format)).sorted { $0.id < $1.id }
    }
    #expect(passing.map(\.content) == tracks.sorted { $0.id < $1.id }.map(\.content))
  }

  @Test(arguments: FrameGrid.allCases)
  func frameFormatsKeepEveryLabel(grid: FrameGrid) throws {
    let names = PhoneSet.cmu41.names
    let tracks = tracks(
      of: { random in
        var label = "SIL"
        return .frames(
          (0..<Int.random(in: 1...400, using: &random)).map { _ in
            if Int.random(in: 0..<5, using: &random) == 0 { label = names.randomElement(using: &random)! }
            return label
          }, grid)
      }, seed: 4)
    try writeAtomically(to: folder("phones.txt")) { file in
      for (i, name) in (["<eps>"] + names).enumerated() { try file.write("\(name) \(i)\n") }
    }
    let symbols = try SymbolTable(reading: File.reading(folder("phones.txt")))
    for (format, symbols) in [(LabelFormat.cpc, nil), (.kaldi, nil), (.kaldi, symbols)] {
      var writer = LabelWriter(format)
      writer.grid = grid
      writer.symbols = symbols
      var reading = LabelReading()
      reading.grid = grid
      reading.symbols = symbols
      #expect(try reread(tracks, writer, reading).map(\.content) == tracks.map(\.content), "\(format)")
    }
    // Through times and back.
    let timed = tracks.map { track in
      var track = track
      track.content = .intervals(track.intervals(samples: nil, rate: 16000, cell: 160))
      return track
    }
    for (track, original) in zip(try reread(timed, LabelWriter(.jsonl)), tracks) {
      guard case .frames(let labels, _) = original.content else { continue }
      // The fewest samples that have so many labels.
      let samples = (1...).lazy.first { grid.count(samples: $0, cell: 160) == labels.count }!
      #expect(try track.frames(on: grid, samples: samples + 79, rate: 16000, cell: 160) == labels)
    }
  }

  @Test func cellsOfLinesKeepTheirHoles() throws {
    let tracks = [LabelTrack(id: "a", content: .frames(["S", nil, "T"], .cells), position: "")]
    #expect(try reread(tracks, LabelWriter(.jsonl)).map(\.content) == tracks.map(\.content))
    let failure = #expect(throws: Failure.self) { try LabelWriter(.cpc).text(of: tracks[0], samples: 400) }
    #expect(failure?.reason.contains("frame 0 of 1 has no label") == true)
    var filling = LabelWriter(.cpc)
    filling.fill = "SIL"
    filling.grid = .cells
    #expect(try filling.text(of: tracks[0], samples: 400) == "a 2 0 4\n")
    filling.fill = nil
    let hole = #expect(throws: Failure.self) { try filling.text(of: tracks[0], samples: 400) }
    #expect(hole?.reason.contains("frame 1 of 3 has no label") == true)
  }

  @Test func whatTheGridsLeaveOpenIsFilled() throws {
    // Of 32,000 samples Kaldi has 198 frames, 1.9875 s of them, and our grid 200 cells.
    let track = LabelTrack(
      id: "a", content: .frames([String?](repeating: "S", count: 198), .snipEdges), position: "")
    var writer = LabelWriter(.cpc)
    writer.grid = .cells
    writer.fill = "SIL"
    let cells = String(repeating: " 2", count: 199) + " 0\n"
    #expect(try writer.text(of: track, samples: 32_000) == "a" + cells)
    for (format, words) in [(LabelFormat.textgrid, "xmax = 2.0\n"), (.mfaJSON, #"[1.9875,2.0,"SIL"]"#)] {
      writer.format = format
      #expect(try writer.text(of: track, samples: 32_000).contains(words))
    }
  }

  @Test func theLengthThatAFileDeclaresIsKept() throws {
    let track = LabelTrack(
      id: "a", content: .intervals([PhoneInterval(label: "S", begin: 0, end: 0.5)]), position: "")
    for format in [LabelFormat.textgrid, .mfaJSON] {
      // Known from the utterance, and from the file that was read.
      let path = folder("a.\(format.fileExtension)")
      try writeAtomically(to: path) { try $0.write(LabelWriter(format).text(of: track, samples: 16_000)) }
      let back = try #require(try LabelFiles(path).next())
      #expect(back.duration == 1 && back.content == track.content)
      try back.length.check(samples: 16_000, rate: 16_000, cell: 160)
      for other in [LabelFormat.textgrid, .mfaJSON] {
        let path = folder("b.\(other.fileExtension)")
        try writeAtomically(to: path) { try $0.write(LabelWriter(other).text(of: back, samples: nil)) }
        #expect(try LabelFiles(path).next()?.duration == 1)
      }
    }
  }

  @Test func gapsAreFilledOrRefused() throws {
    let intervals = [
      PhoneInterval(label: "S", begin: 0.1, end: 0.2), PhoneInterval(label: "T", begin: 0.25, end: 0.3),
    ]
    let track = LabelTrack(id: "a", content: .intervals(intervals), position: "")
    for format in [LabelFormat.textgrid, .mfaJSON] {
      let failure = #expect(throws: Failure.self) { try LabelWriter(format).text(of: track, samples: nil) }
      #expect(failure?.reason.contains("from 0.0 to 0.1 s") == true)
    }
    var writer = LabelWriter(.ctm)
    writer.fill = "SIL"
    #expect(
      try writer.text(of: track, samples: 5120)
        == "a 1 0 0.1 SIL\na 1 0.1 0.1 S\na 1 0.2 0.05 SIL\na 1 0.25 0.05 T\na 1 0.3 0.02 SIL\n")
  }

  @Test func aNameThatTheFormatCannotSayIsRefused() {
    let track = LabelTrack(
      id: "a b", content: .intervals([PhoneInterval(label: "S", begin: 0, end: 1)]), position: "")
    #expect(throws: Failure.self) { try LabelWriter(.ctm).text(of: track, samples: nil) }
    #expect(throws: Failure.self) { try LabelWriter(.kaldi).text(of: track, samples: nil) }
  }
}
