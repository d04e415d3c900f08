import FileIO
import Labels
import TestSupport
import Testing

/// Files as other tools write them, and files that are broken.
@Suite struct FormatReadingTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try writeAtomically(to: folder(name)) { try $0.write(bytes) }
    return folder(name)
  }

  private func tracks(_ path: String, _ reading: LabelReading = LabelReading()) throws -> [LabelTrack] {
    let files = try LabelFiles(path, reading: reading)
    var result: [LabelTrack] = []
    while let track = try files.next() { result.append(track) }
    return result
  }

  private func track(_ name: String, _ text: String) throws -> LabelTrack {
    let all = try tracks(write(name, Array(text.utf8)))
    return try #require(all.count == 1 ? all[0] : nil)
  }

  private func intervals(_ track: LabelTrack) -> [String] {
    guard case .intervals(let intervals) = track.content else { return [] }
    return intervals.map { "\($0.label) \($0.beginText) \($0.endText)" }
  }

  private static let long = """
    File type = "ooTextFile"
    Object class = "TextGrid"

    xmin = 0
    xmax = 0.50
    tiers? <exists>
    size = 3
    item []:
        item [1]:
            class = "IntervalTier"
            name = "words"
            xmin = 0
            xmax = 0.50
            intervals: size = 1
            intervals [1]:
                xmin = 0
                xmax = 0.50
                text = "a ""b"" 7 !"
        item [2]:
            class = "TextTier"
            name = "marks"
            xmin = 0
            xmax = 0.50
            points: size = 1
            points [1]:
                number = 0.25
                mark = "x"
        item [3]:
            class = "IntervalTier"
            name = "84 - phones"
            xmin = 0
            xmax = 0.50
            intervals: size = 2
            intervals [1]:
                xmin = 0
                xmax = 0.240
                text = ""
            intervals [2]:
                xmin = 0.240
                xmax = 0.50
                text = "AH0"

    """

  private static let short = """
    File type = "ooTextFile"
    "TextGrid"

    0
    0.50
    <exists>
    1
    "IntervalTier"
    "phones"
    0
    0.50
    2
    0
    0.240
    ""
    0.240 ! a comment "
    0.50
    "AH0"
    """

  @Test func readsTextGridsInEveryForm() throws {
    let wanted = [" 0 0.240", "AH0 0.240 0.50"]
    for text in [Self.long, Self.short, Self.short.replacing("\n", with: "\r\n"), "\u{feff}" + Self.long] {
      let track = try track("84-1-0.TextGrid", text)
      #expect(track.id == "84-1-0" && track.duration == 0.5)
      #expect(intervals(track) == wanted)
    }
    for isBig in [true, false] {
      let units = Array("\u{feff}\(Self.long.replacing("AH0", with: "ɚ"))".utf16)
      let bytes = units.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
      let found = try tracks(write("u.TextGrid", bytes))
      #expect(found.count == 1 && intervals(found[0]) == [wanted[0], "ɚ 0.240 0.50"])
    }
  }

  @Test func readsMFAsJSON() throws {
    let tier = #"{"type":"interval","entries":[[0,0.240,""],[0.240,0.5,"AH0"]]}"#
    for name in ["phones", "84 - phones"] {
      let text =
        #"{"start": 0, "end": 0.5, "tiers": {"words": {"type": "interval", "entries": []}, "# + "\"\(name)\": \(tier)}}"
      for file in ["84-1-0.json", "84-1-0.txt"] {
        let track = try track(file, text)
        #expect(track.id == "84-1-0" && track.duration == 0.5 && intervals(track) == [" 0 0.240", "AH0 0.240 0.5"])
      }
    }
  }

  @Test func readsKaldisCTM() throws {
    let ctm = ";; comment\na 1 0.00 0.10 SIL\na 1 0.10 0.20 AH0_B 0.98\n\nb 1 0.5 .25 3\n"
    let found = try tracks(write("x", Array(ctm.utf8)))
    #expect(found.map(\.id) == ["a", "b"] && found.map(\.position) == ["line 2", "line 5"])
    #expect(found.map(intervals) == [["SIL 0.00 0.10", "AH0_B 0.10 0.30"], ["3 0.5 0.75"]])
    #expect(PhoneSet.cmu41.index(of: "AH0_B") == 31 && PhoneSet.cmu41.index(of: "SIL_S") == 0)
    #expect(["", "sil", "sp", "spn"].map { PhoneSet.cmu41.index(of: $0) } == [0, 0, 0, 1])
    // Counted as frames of Kaldi's analysis, cell t takes label t - 1.
    var reading = LabelReading()
    reading.grid = .snipEdges
    let frames = try tracks(write("y", Array("a 1 0.00 0.02 SIL\na 1 0.02 0.01 S\n".utf8)), reading)
    #expect(frames.map(\.content) == [.frames(["SIL", "SIL", "S"], .snipEdges)])
    let classes = try frames[0].classes(samples: 720, rate: 16000, cell: 160, phoneSet: .cmu41, unlabelled: .max)
    #expect(classes == [0, 0, 0, 2, .max])
  }

  @Test func readsLabelsOfFrames() throws {
    let cpc = try tracks(write("x.txt", Array("u-1 0 0 2\nu-2 40\n".utf8)))
    #expect(cpc.map(\.content) == [.frames(["SIL", "SIL", "S"], .snipEdges), .frames(["EH"], .snipEdges)])
    var reading = LabelReading()
    reading.symbols = try SymbolTable(reading: File.reading(write("phones.txt", Array("<eps> 0\nSIL 1\nS_B 2\n".utf8))))
    let kaldi = try tracks(folder("x.txt").replacing("x.txt", with: "k.txt"), reading, "u 1 1 2\n")
    #expect(kaldi.map(\.content) == [.frames(["SIL", "SIL", "S_B"], .snipEdges)])
    let names = try tracks(write("n.txt", Array("u SIL S\n".utf8)))
    #expect(names.map(\.content) == [.frames(["SIL", "S"], .snipEdges)])
  }

  private func tracks(_ path: String, _ reading: LabelReading, _ text: String) throws -> [LabelTrack] {
    try writeAtomically(to: path) { try $0.write(text) }
    return try tracks(path, reading)
  }

  @Test func readsFoldersAndZips() throws {
    for name in ["f/b", "f/a", "f/.hidden"] { try Folder.create(folder(name)) }
    for (place, text) in [
      ("f/b/2.TextGrid", Self.long), ("f/a/3.TextGrid", Self.short), ("f/1.ctm", "x 1 0.0 0.1 S\ny 1 0.0 0.1 S\n"),
      ("f/b/2.trans.txt", "84-1-0 GO DO\n"), ("f/README.txt", "words\n"), ("f/.hidden/9.TextGrid", Self.long),
      ("f/frames.txt", "z 0 0\n"),
    ] { _ = try write(place, Array(text.utf8)) }
    let found = try tracks(folder("f"))
    #expect(found.map(\.id) == ["x", "y", "a/3", "b/2", "z"])
    #expect(found.last?.position == "frames.txt, line 1" && found[2].position == "a/3.TextGrid, tier phones")
  }

  @Test func aMapRenamesLabels() throws {
    var reading = LabelReading()
    reading.map = try PhoneMap(contentsOf: write("map", Array("ə AH\n\"\" SPN\n".utf8)))
    let found = try tracks(write("x.jsonl", Array(#"{"id":"a","phones":[["ə",0.00,1],["",1,2.50]]}"#.utf8)), reading)
    #expect(found.map(intervals) == [["AH 0.00 1", "SPN 1 2.50"]])
    for bad in [Array("a b\na c\n".utf8), [0x61, 0x20, 0xe4]] {
      #expect(throws: Failure.self) { try PhoneMap(contentsOf: self.write("map", bad)) }
    }
  }

  @Test func byteOrderMarksArePassedOver() throws {
    for (name, text) in [
      ("x.ctm", "a 1 0.0 0.1 S\na 1 0.1 0.1 T\n"), ("n.txt", "a SIL S\nb SIL\n"), ("x.txt", "a 0 0\nb 0 1\n"),
      ("x.jsonl", #"{"id":"a","phones":[["S",0,1]]}"#), ("a.json", #"{"tiers":{"phones":{"entries":[[0,1,"S"]]}}}"#),
    ] {
      let plain = try tracks(write(name, Array(text.utf8)))
      let marked = try tracks(write(name, Array("\u{feff}\(text)".utf8)))
      #expect(plain == marked && plain[0].id == "a", "\(name)")
    }
    let set = try write("set.txt", Array("\u{feff}SIL\nS\n".utf8))
    #expect(try PhoneSet(contentsOf: set) == PhoneSet(name: "other", names: ["SIL", "S"]))
    #expect(try PhoneSet(contentsOf: set).name == "set")
  }

  @Test func aTierOfAnyNameCanBeRead() throws {
    let grid = try write("x.TextGrid", Array(Self.long.replacing("84 - phones", with: "MAU").utf8))
    let json = try write("x.json", Array(#"{"tiers":{"A - MAU":{"entries":[[0,1,"S"]]}}}"#.utf8))
    for path in [grid, json] {
      let failure = #expect(throws: Failure.self) { try self.tracks(path) }
      #expect(failure?.hint?.contains("MAU\"; \(setting: "tier") NAME reads another") == true)
      var reading = LabelReading()
      reading.tiers = LabelTiers(only: "MAU")
      #expect(try tracks(path, reading).count == 1)
    }
    let none = try write("x.json", Array(#"{"tiers":{}}"#.utf8))
    #expect(#expect(throws: Failure.self) { try self.tracks(none) }?.hint == "it has no tiers")
  }

  @Test func compressedFilesAreRead() throws {
    try Folder.create(folder("z"))
    for (name, text) in [("a.txt", "u 0 0\n"), ("b.ctm", "v 1 0.0 0.1 S\n"), ("w.TextGrid", Self.long)] {
      let path = try write("z/\(name)", Array(text.utf8))
      #expect(try runProcess("/bin/gzip", [path]).status == 0)
    }
    #expect(try tracks(folder("z")).map(\.id) == ["u", "v", "w"])
    #expect(try tracks(folder("z/a.txt.gz")).map(\.id) == ["u"])
    #expect(try tracks(folder("z/w.TextGrid.gz")).map(\.id) == ["w"])
    let cut = try write("cut.gz", Array(File.contents(of: folder("z/w.TextGrid.gz")).dropLast(40)))
    #expect(throws: Failure.self) { try self.tracks(cut) }
  }

  @Test func numbersAskForTheTableOfKaldi() {
    let track = LabelTrack(
      id: "a", content: .intervals([PhoneInterval(label: "3", begin: 0, end: 1)]), position: "")
    let failure = #expect(throws: Failure.self) {
      try track.classes(samples: 16_000, rate: 16_000, cell: 160, phoneSet: .cmu41, unlabelled: .max)
    }
    #expect(failure?.hint?.contains("\(setting: "kaldi_phones")") == true)
  }

  // MARK: Broken files

  /// Name of the file, its text, where, why.
  private static let broken: [(String, String, String?, String)] = [
    ("x.TextGrid", "", "line 1", "the file ends"),
    ("x.TextGrid", "File type = \"ooTextFile\"\nObject class = \"Pitch\"\n", "line 2", "not a TextGrid"),
    ("x.TextGrid", short.replacing("<exists>", with: "<absent>"), "line 6", "no tiers"),
    ("x.TextGrid", short.replacing("0.240\n\"\"", with: "\"\""), "line 14", "stands where an end should be"),
    ("x.TextGrid", short.replacing("0.240\n\"\"", with: "-1\n\"\""), "line 15", "an interval from 0 to -1"),
    ("x.TextGrid", short.replacing("0.240\n\"\"", with: "0.24x\n\"\""), "line 14", "0.24x stands where an end"),
    ("x.TextGrid", short.replacing("\n2\n", with: "\n3\n"), "line 18", "the file ends where a begin should be"),
    ("x.TextGrid", short.replacing("\n2\n", with: "\n1\n"), "line 16", "goes on after its last tier"),
    ("x.TextGrid", short.replacing("\n2\n", with: "\n1e99\n"), "line 12", "is no number"),
    ("x.TextGrid", short.replacing("0.240 !", with: "0.1 !"), "line 18", "overlap"),
    ("x.TextGrid", String(short.dropLast()), "line 18", "a quotation that never ends"),
    ("x.TextGrid", short.replacing("phones", with: "segments"), nil, "no tier \"phones\""),
    ("x.TextGrid", short.replacing("IntervalTier", with: "PitchTier"), "line 8", "a tier of class \"PitchTier\""),
    (
      "x.TextGrid", short.replacing("\n0.50\n\"AH0\"", with: "\n9.5\n\"AH0\""), "line 18",
      "after the end of the file's time"
    ),
    ("x.TextGrid", long.replacing("\"words\"", with: "\"phones\""), "line 41", "two tiers of phones"),
    ("x.json", "{\"tiers\":\n{", "line 2", "not JSON"),
    ("x.json", "[]", nil, "no object 'tiers'"),
    ("x.json", #"{"tiers":{"words":{"entries":[]}}}"#, nil, "no tier \"phones\""),
    ("x.json", #"{"end":0.5,"tiers":{"phones":{"entries":[[0,1,"S"]]}}}"#, "tier phones", "after the end of the file"),
    ("x.json", #"{"tiers":{"phones":{}}}"#, "tier phones", "no array 'entries'"),
    ("x.json", #"{"tiers":{"phones":{"entries":[[0,1,"S"],[1,"S"]]}}}"#, "tier phones, entry 1", "[1,\"S\"] is not"),
    ("x.json", #"{"tiers":{"phones":{"entries":[[1,0,"S"]]}}}"#, "tier phones, entry 0", "is not"),
    ("x.json", #"{"tiers":{"phones":{"entries":[[0,1,"S"],[0.5,2,"T"]]}}}"#, "tier phones", "overlap"),
    ("x.json", #"{"tiers":{"phones":{"entries":[]},"a - phones":{"entries":[]}}}"#, nil, "two tiers"),
    ("x.json", #"{"end":"x","tiers":{"phones":{"entries":[]}}}"#, nil, "'end' is \"x\""),
    ("x.ctm", "a 1 0.0 0.1\n", "line 1", "4 fields"),
    ("x.ctm", "a 1 0.0 0.1 S 1 2 3 4\n", "line 1", "9 fields"),
    ("x.ctm", "a 1 x 0.1 S\n", "line 1", "not a begin"),
    ("x.ctm", "a 1 0.0 -0.1 S\n", "line 1", "not a begin"),
    ("x.ctm", "a 1 0.0 nan S\n", "line 1", "not a begin"),
    ("x.ctm", "a 1 0.0 0.2 S\na 1 0.1 0.2 T\n", "line 2", "overlap"),
    ("x.txt", "u 0 0 41\n", "line 1", "u: 41 is no class of cmu41"),
    ("x.txt", "u 0 0\nv 0 -1\n", "line 2", "v: -1 is no class"),
    ("x.txt", "u 0 0\nv 0 S\n", "line 2", "v: S is no class"),
    ("x.jsonl", #"{"id":"a","phones":[["S",0.2,0.1]]}"#, "line 1", "not [\"label\",begin,end]"),
    ("x.jsonl", #"{"id":"a","phones":[["S",0,0.2],["T",0.1,0.3]]}"#, "line 1", "overlap"),
    ("x.bin", "\u{1}\u{2}", nil, "format is not known"),
    ("x.bin", "", nil, "the file is empty"),
  ]

  @Test(arguments: broken.indices)
  func namesWhatIsWrong(case index: Int) throws {
    let (name, text, position, reason) = Self.broken[index]
    let path = try write(name, Array(text.utf8))
    let failure = #expect(throws: Failure.self) { try self.tracks(path) }
    #expect(failure?.kind == .badInput && failure?.path == path, "\(String(describing: failure))")
    #expect(failure?.position == position && failure?.reason.contains(reason) == true, "\(String(describing: failure))")
  }

  @Test func badUTF16IsRefused() throws {
    for bytes: [UInt8] in [[0xff, 0xfe, 0x41], [0xff, 0xfe, 0x00, 0xd8]] {
      let path = try write("x.TextGrid", bytes)
      #expect(throws: Failure.self) { try self.tracks(path) }
    }
    let path = try write("x.TextGrid", Array("\"ooTextFile\"\n \n".utf8) + [0xe4, 0x0a])
    #expect(#expect(throws: Failure.self) { try self.tracks(path) }?.position == "line 3")
  }

  @Test func goesOnAfterABadUtterance() throws {
    let files = try LabelFiles(
      write("x.ctm", Array("a 1 0.0 0.1 S\na 1 0.1 x S\na 1 0.2 0.1 S\nb 1 0.0 0.1 S\nc 1 9\nd 1 0.0 0.1 T\n".utf8)))
    var seen: [String] = []
    while true {
      do {
        guard let track = try files.next() else { break }
        seen.append(track.id)
      } catch let failure as Failure { seen.append(failure.position ?? "?") }
    }
    #expect(seen == ["line 2", "b", "line 5", "d"])
  }

  /// Bytes changed, left out and put in, at places that the seed draws: an error or other labels, never a crash.
  @Test(arguments: ["x.TextGrid", "x.json", "x.ctm", "x.txt", "x.jsonl"])
  func damagedFilesAreReadOrRefused(name: String) throws {
    let whole: String =
      switch name {
      case "x.TextGrid": Self.long
      case "x.json":
        #"{"start":0,"end":0.5,"tiers":{"phones":{"type":"interval","entries":[[0,0.240,""],[0.240,0.5,"AH0"]]}}}"#
      case "x.ctm": "a 1 0.00 0.10 SIL\na 1 0.10 0.20 AH0_B 0.98\nb 1 0.5 0.25 S\n"
      case "x.txt": "u-1 0 0 2\nu-2 40 12 12 3\n"
      default: #"{"id":"a","phones":[["S",0.00,1],["",1,2.50]]}"# + "\n" + #"{"id":"b","cells":["S",null]}"#
      }
    let spices = [
      "9", "e", "99999", "1e300", "-", "\"", "\n", " ", "[", "}", "nan", "\u{0}", "ä", ".", "0", "<exists>",
    ]
    var random = SeededGenerator(21)
    var (good, bad) = (0, 0)
    for _ in 0..<1500 {
      var bytes = Array(whole.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
        default: bytes.insert(contentsOf: Array(spices.randomElement(using: &random)!.utf8), at: place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let path = folder(name)
      try File.writing(path).write(bytes)
      var reading = LabelReading()
      reading.grid = Bool.random(using: &random) ? nil : .snipEdges
      do {
        let comparison = try AlignmentComparison(
          LabelFiles(path, reading: reading), LabelFiles(path, reading: reading), phoneSet: .cmu41
        ) { _ in bad += 1 }
        good += comparison.utterances.count
        for track in try tracks(path, reading) {
          for format in LabelFormat.allCases { _ = try? LabelWriter(format).text(of: track, samples: nil) }
        }
      } catch is Failure { bad += 1 }
    }
    #expect(good > 50 && bad > 50, "\(good) \(bad)")
  }
}
