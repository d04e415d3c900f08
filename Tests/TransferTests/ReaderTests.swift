import FileIO
import Kernels
import TestSupport
import Testing
import Text
import Transfer

/// Files of labelled sentences as they come, and as they should not come.
@Suite struct ReaderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String) throws -> SentenceFile { try SentenceFile(Array(text.utf8), path: "x.tsv") }

  @Test func linesEndAtLineFeedsAlone() throws {
    // U+0085, U+2028, form feed, vertical tab and CR are inside sentences.
    let file = try read("1\tone\u{85}two\n0\ta\u{2028}b\u{0c}c\u{0b}d\re\n1\tlast")
    #expect(file.lines.map(\.text) == ["one\u{85}two", "a\u{2028}b\u{0c}c\u{0b}d\re", "last"])
    #expect(file.lines.map(\.number) == [1, 2, 3] && file.problems.isEmpty && file.carriageReturns == 0)
    #expect(file.encoding == .utf8 && file.doubt == nil)
  }

  @Test func carriageReturnsAtEndsAreDroppedAndCounted() throws {
    let file = try read("\u{feff}1\tone\r\n0\ttwo\r\n0\tthree \r")
    #expect(file.lines.map(\.text) == ["one", "two", "three"] && file.lines.map(\.label.text) == ["1", "0", "0"])
    #expect(file.carriageReturns == 3)
  }

  @Test func whatIsNoUTF8IsReadAsWindows1252AndSaid() throws {
    let bytes = Array("1\tcaf".utf8) + [0xe9, 0x20, 0x85, 0x20, 0x93] + Array("x\n0\tplain\n".utf8)
    let file = try SentenceFile(bytes, path: "mr.tsv")
    #expect(file.lines.map(\.text) == ["café … “x", "plain"])
    #expect(file.encoding != .utf8 && file.doubt?.position == "byte 5")
    // One that was named is taken at its word.
    #expect(throws: Failure.self) { try SentenceFile(bytes, path: "mr.tsv", encoding: .utf8) }
    let named = try SentenceFile(bytes, path: "mr.tsv", encoding: TextEncoding("iso-8859-1"))
    #expect(named.lines[0].text == "café \u{85} \u{93}x" && named.doubt == nil)
  }

  @Test func whatIsNoTextIsNotGuessedAt() throws {
    for bytes in [
      [0x31, 0x09, 0, 0x61, 0x0a], [0xff, 0xfe, 0x31, 0, 0x09, 0], [0xe9, 0, 0x0a], Array("%PDF-1.4\n1\ta\n".utf8), [],
    ]
      as [[UInt8]]
    { #expect(throws: Failure.self) { try SentenceFile(bytes, path: "x.tsv") } }
    // But a sentence may begin with anything.
    let file = try read("1\t%PDF- is a beginning\n0\t\u{feff}mark\n")
    #expect(file.lines.count == 2)
  }

  @Test func badLinesAreNamedAndCounted() throws {
    let file = try read("1\tgood\nno tab here\n\n \t\n\tno label\n0\t\n0\t \t \n1\ttabs\tinside\n  \n")
    #expect(file.lines.map(\.text) == ["good", "", "", "tabs\tinside"])
    #expect(file.problems.map(\.position) == ["line 2", "line 4", "line 5"])
    #expect(file.emptySentences == [6, 7] && file.blankLines == 2)
    #expect(throws: Failure.self) { try read("only sentences\nwithout labels\n") }
  }

  @Test func setsAreFoundInFoldersAndArchives() throws {
    let (good, more) = (Array("1\ta b\n0\tc\n1\td\n0\te\n".utf8), Array("0\tc\n1\tnew\n".utf8))
    let members: [(String, [UInt8])] = [
      ("sets/zoo.tsv", good), ("sets/trec.train.tsv", good), ("sets/trec.test.tsv", more), ("sets/subj.txt", good),
      ("sets/mr.tsv.gz", Gzip.stored(good)), ("sets/notes.md", good), ("sets/._mr.tsv", [0, 5, 22, 7]),
    ]
    try Folder.create(folder("sets"))
    for (name, bytes) in members { try File.writing(folder(name)).write(bytes) }
    try ArchiveFile.write(
      members.filter { !$0.0.hasSuffix(".gz") }.map { ArchiveFile.Member($0.0, $0.1) }, to: folder("a.tgz"),
      compression: .gzip)
    for (path, names) in [("sets", ["MR", "Subj", "TREC", "zoo"]), ("a.tgz", ["Subj", "TREC", "zoo"])] {
      var files = SetFiles()
      try files.add(folder(path))
      let reader = try SetReader(files)
      #expect(reader.sets.map(\.set.name) == names && reader.problems.isEmpty, "\(path)")
      #expect(files.passed.count == 2, "\(files.passed)")
      let trec = try #require(reader.sets.first { $0.set.name == "TREC" }).set
      #expect(trec.classes == ["0", "1"] && trec.test?.map(\.text) == ["c", "new"] && trec.sentences.count == 4)
    }
    var single = SetFiles()
    try single.add(folder("sets/mr.tsv.gz"))
    try single.add(folder("sets/trec.train.tsv"))
    let sets = try SetReader(single).sets.map(\.set)
    #expect(sets.map(\.name) == ["MR", "TREC"] && sets[1].test == nil)
  }

  @Test func whatMakesNoSetIsNamed() throws {
    func reader(_ files: [(String, String)]) throws -> SetReader {
      var found = SetFiles()
      for (name, text) in files {
        try File.writing(folder(name)).write(Array(text.utf8))
        try found.add(folder(name))
      }
      return try SetReader(found)
    }
    let good = "1\ta\n0\tb\n1\tc\n0\td\n"
    let mixed = try reader([
      ("good.tsv", good), ("alone.test.tsv", good), ("one.tsv", "1\ta\n1\tb\n"),
      ("swapped.tsv", "a b\t1\nc d\t0\ne f\t1\ng h\t1\ni\t0\n"),
      ("binary.tsv", "\u{0}\u{1}"),
    ])
    #expect(mixed.sets.map(\.set.name) == ["good"] && mixed.problems.count == 4, "\(mixed.problems)")
    try Folder.create(folder("again"))
    #expect(throws: Failure.self) { try reader([("mr.tsv", good), ("again/mr.tsv", good)]) }
    #expect(try reader([("again/empty.tar.gz", "")]).problems.count == 1)
    var none = SetFiles()
    #expect(throws: Failure.self) { try none.add(folder("nowhere")) }
  }

  @Test func labelsThatAreNumbersAreInTheirOrder() throws {
    func classes(_ labels: [String]) throws -> [String] {
      let text = (0..<40).map { "\(labels[$0 % labels.count])\tw\($0)\n" }.joined()
      try File.writing(folder("classes.tsv")).write(Array(text.utf8))
      var files = SetFiles()
      try files.add(folder("classes.tsv"))
      return try SetReader(files).sets[0].set.classes
    }
    #expect(try classes(["10", "9", "-1"]) == ["-1", "9", "10"])
    #expect(try classes(["10", "9", "b"]) == ["10", "9", "b"])
    #expect(try classes(["1", "01"]) == ["01", "1"])
    // The same to the eye, and two labels all the same.
    #expect(try classes(["\u{e9}", "e\u{301}"]).count == 2)
  }
}
