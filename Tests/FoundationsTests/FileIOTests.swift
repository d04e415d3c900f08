import FileIO
import TestSupport
import Testing

@Suite struct FileIOTests {
  /// Known answers: `printf '' | xxhsum -H2`, `printf abc | xxhsum -H2` and `-H3`.
  @Test func hashesAsXXHSumDoes() {
    #expect(XXH3.hash128([]) == "99aa06d3014798d86001c324468d497f")
    #expect(XXH3.hash128(Array("abc".utf8)) == "06b05ab6733a618578af5f94892f3950")
    #expect(Array("abc".utf8).withUnsafeBytes { XXH3.hash64($0) } == 0x78af_5f94_892f_3950)
  }

  @Test func hashesPiecesAsTheWhole() {
    var random = SeededGenerator(2)
    let bytes = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let stream = XXH3.Stream()
    for _ in 0..<20 {
      stream.reset()
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...30_000, using: &random))
        piece.withUnsafeBytes { stream.update($0) }
        rest = rest.dropFirst(piece.count)
      }
      #expect(stream.digest128 == XXH3.hash128(bytes))
      #expect(stream.digest64 == bytes.withUnsafeBytes { XXH3.hash64($0) })
    }
  }

  @Test func readsLinesOfAnyLength() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(3)
    for ending in ["\n", "\r\n"] {
      let lines = (0..<200).map { _ in
        String(repeating: "x", count: [0, 1, 7, 300, 70_000, 200_000].randomElement(using: &random)!)
      }
      try writeAtomically(to: folder("lines")) { try $0.write(lines.joined(separator: ending)) }
      let reader = LineReader(try File.reading(folder("lines")))
      var read: [String] = []
      while let line = try reader.next() { read.append(String(decoding: line, as: UTF8.self)) }
      // A file that does not end with a line end may end with an empty line that nobody can see.
      #expect(read == (lines.last == "" ? lines.dropLast() : lines))
      #expect(reader.line == read.count)
    }
  }

  @Test func refusesEndlessLines() throws {
    let folder = try TemporaryFolder()
    try writeAtomically(to: folder("long")) { try $0.write(String(repeating: "x", count: 300_000)) }
    let reader = LineReader(try File.reading(folder("long")), maximumLength: 1000)
    #expect(throws: Failure.self) { try reader.next() }
  }

  @Test func continuesAfterAHead() throws {
    let folder = try TemporaryFolder()
    try writeAtomically(to: folder("rest")) { try $0.write("lf\nnext") }
    let reader = LineReader(try File.reading(folder("rest")), head: Array("first\nha".utf8))
    #expect(try reader.next() == Array("first".utf8))
    #expect(try reader.next() == Array("half".utf8))
    #expect(try reader.next() == Array("next".utf8))
    #expect(try reader.next() == nil)
  }

  @Test func atomicWritesLeaveTheOldFileOnFailure() throws {
    let folder = try TemporaryFolder()
    try writeAtomically(to: folder("file")) { try $0.write("old") }
    #expect(throws: Failure.self) {
      try writeAtomically(to: folder("file")) { file in
        try file.write("new, but not all of it")
        throw Failure(.system, "interrupted")
      }
    }
    #expect(try File.contents(of: folder("file")) == Array("old".utf8))
    #expect(try Folder.names(in: folder.path) == ["file"])
  }

  @Test func failuresNameThePath() {
    let error = #expect(throws: Failure.self) { try File.reading("/nonexistent/file") }
    #expect(error?.description == "/nonexistent/file: cannot open: No such file or directory")
  }

  @Test(arguments: [
    ("a/b", "b", "a"), ("a", "a", "."), ("/a", "a", "/"), ("a/b/", "b", "a"), ("/", "/", "/"),
    ("a/é/x y", "x y", "a/é"),
  ])
  func splitsPaths(path: String, name: String, parent: String) {
    #expect(Folder.name(of: path) == name)
    #expect(Folder.parent(of: path) == parent)
  }
}
