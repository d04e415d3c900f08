import FileIO
import Glibc
import Labels
import TestSupport
import Testing

/// By which ids files of one utterance are known, and how lines of one come to an end.
@Suite struct LabelNameTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let grid = """
    File type = "ooTextFile"
    "TextGrid"
    0 0.1 <exists> 1 "IntervalTier" "phones" 0 0.1 1 0 0.1 "S"

    """

  private func write(_ path: String, _ bytes: [UInt8] = Array(LabelNameTests.grid.utf8)) throws {
    try Folder.create(Folder.parent(of: folder(path)))
    try File.writing(folder(path)).write(bytes)
  }

  private func all(_ path: String) throws -> (tracks: [LabelTrack], failures: [Failure]) {
    let files = try LabelFiles(path)
    var tracks: [LabelTrack] = []
    var failures: [Failure] = []
    // A loop as every tool has it: what is bad is named, and it goes on.
    for _ in 0..<1000 {
      do {
        guard let track = try files.next() else { return (tracks, failures) }
        tracks.append(track)
      } catch let failure as Failure where failure.kind == .badInput { failures.append(failure) }
    }
    Issue.record("no end")
    return (tracks, failures)
  }

  @Test func filesInFoldersHaveTheirPath() throws {
    for path in ["t/FCJF0/SA1.TextGrid", "t/FAKS0/SA1.TEXTGRID", "t/84/121123/84-121123-0000.TextGrid", "t/x.TextGrid"]
    {
      try write(path)
    }
    let tracks = try all(folder("t")).tracks
    #expect(tracks.map(\.id) == ["84-121123-0000", "FAKS0/SA1", "FCJF0/SA1", "x"])
    #expect(tracks[0].candidates == ["84/121123/84-121123-0000", "121123/84-121123-0000", "84-121123-0000"])
    #expect(tracks[1].candidates == ["FAKS0/SA1", "SA1"] && tracks[3].candidates == ["x"])
    let typed = try all(folder("t/FCJF0/SA1.TextGrid")).tracks[0]
    #expect(typed.id == "SA1" && typed.candidates.contains("FCJF0/SA1") && typed.candidates.last == "SA1")
    let members = [ArchiveFile.Member("./t/FCJF0/SA1.TextGrid", Array(Self.grid.utf8))]
    try ArchiveFile.write(members, to: folder("t.tar.gz"), compression: .gzip)
    #expect(try all(folder("t.tar.gz")).tracks.map(\.candidates) == [["t/FCJF0/SA1", "FCJF0/SA1", "SA1"]])
  }

  @Test func aDamagedHeaderInAnArchiveOfLabelsIsNamed() throws {
    let members = ["a", "b", "c"].map { ArchiveFile.Member("t/\($0).TextGrid", Array(Self.grid.utf8)) }
    try ArchiveFile.write(members, to: folder("t.tar"), format: .ustar)
    var bytes = try File.contents(of: folder("t.tar"))
    let place = try #require(stride(from: 0, to: bytes.count, by: 512).first { bytes[$0...].starts(with: "t/b".utf8) })
    bytes[place] ^= 1
    try File.writing(folder("damaged.tar")).write(bytes)
    let (tracks, failures) = try all(folder("damaged.tar"))
    #expect(failures.contains { $0.reason.contains("a damaged header") }, "\(failures)")
    #expect(tracks.map(\.id) == ["t/a", "t/c"], "\(tracks.map(\.id))")
  }

  @Test func endsOfPathsAreFoundWhereTheyAreOnesOnly() {
    var index = IDIndex()
    #expect(index.insert(0, whole: ["a/p1/x"], ends: ["p1/x", "x"]) == nil)
    #expect(index.insert(1, whole: ["a/p2/x"], ends: ["p2/x", "x"]) == nil)
    #expect(index.insert(2, whole: ["y"]) == nil)
    #expect(index.insert(3, whole: ["b/y"], ends: ["y"]) == nil)
    #expect(index.insert(4, whole: ["y"]) == 2)
    #expect(index.find("p1/x") == .one(0) && index.find("p2/x") == .one(1) && index.find("x") == .several(0, 1))
    #expect(index.find("y") == .one(2) && index.find("p3/x") == .none && index.find("/x") == .none)
    #expect(index.find("p1/x", isWhole: true) == .none && index.find("y", isWhole: true) == .one(2))
  }

  @Test func comparesByPathAndNeverAcrossSpeakers() throws {
    for path in ["a/p1/x", "a/p2/x", "b/p2/x", "b/p3/x"] { try write("\(path).TextGrid") }
    func compare(_ a: String, _ b: String) throws -> (AlignmentComparison, [InputProblem]) {
      var problems: [InputProblem] = []
      let result = try AlignmentComparison(
        LabelFiles(folder(a)), LabelFiles(folder(b)), phoneSet: .cmu41
      ) { problems.append($0) }
      return (result, problems)
    }
    let (both, none) = try compare("a", "b")
    #expect(both.utterances.map(\.id) == ["p2/x"] && both.onlyA == 1 && both.onlyB == 1 && none.isEmpty)
    try File.writing(folder("l.jsonl")).write(
      #"{"id":"p1/x","phones":[["S",0,0.1]]}"# + "\n" + #"{"id":"x","phones":[["S",0,0.1]]}"# + "\n")
    let (lines, problems) = try compare("a", "l.jsonl")
    #expect(lines.utterances.map(\.id) == ["p1/x"] && problems.count == 1)
    #expect(problems.first?.failure.reason.contains("several") == true)
  }

  @Test func namesThatCannotBeAreNamed() throws {
    try write("t/good.TextGrid")
    try write("t/a\nb.TextGrid")
    let bad = Array(folder("t/").utf8) + [0xe9] + Array(".TextGrid".utf8)
    _ = (bad.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { new in
      folder("t/good.TextGrid").withCString { rename($0, new.baseAddress!) }
    }
    try write("t/good.TextGrid")
    let (tracks, failures) = try all(folder("t"))
    #expect(tracks.map(\.id) == ["good"])
    #expect(Set(failures.map(\.reason)) == ["the name is not UTF-8", "the name holds a control character"])
    #expect(failures.contains { $0.path?.hasSuffix("\\xE9.TextGrid") == true })
  }

  @Test(arguments: ["jsonl", "ctm", "txt", "cpc.txt"]) func whatIsNoTextEndsWithOneError(name: String) throws {
    let line: String =
      switch name {
      case "jsonl": #"{"id":"a","phones":[["S",0,0.1]]}"# + "\n"
      case "ctm": "a 1 0 0.1 S\nb 1 0 0.1 S\n"
      case "txt": "a S S S\n"
      default: "a 1 2 3\n"
      }
    let bad: [[UInt8]] = [
      [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 24) + 1), Array("b\0c\n".utf8) + Array(line.utf8),
      [UInt8](repeating: 0, count: 1 << 20),
    ]
    for bytes in bad {
      try write("l.\(name)", Array(line.utf8) + bytes)
      let (tracks, failures) = try all(folder("l.\(name)"))
      #expect(tracks.count <= 2 && failures.count == 1, "\(failures)")
      #expect(failures.first?.reason.contains("not read") == true)
    }
  }
}
