import FileIO
import TestSupport
import Testing

/// What text files look like, and what only seems to be one.
@Suite struct LineReaderTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The lines up to the end or to the first failure, and what follows that.
  private func read(_ bytes: [UInt8], limit: Int = 1 << 24, fromFile: Bool) throws -> (
    lines: [String], failure: Failure?
  ) {
    try File.writing(folder("text")).write(bytes)
    let reader =
      try fromFile
      ? LineReader(File.reading(folder("text")), maximumLength: limit)
      : LineReader(bytes, path: "text", maximumLength: limit)
    var lines: [String] = []
    do {
      while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
      return (lines, nil)
    } catch let failure as Failure {
      // Said once: a loop that names what is bad and goes on must come to an end.
      for _ in 0..<3 { #expect(try reader.next() == nil) }
      return (lines, failure)
    }
  }

  @Test(arguments: [true, false]) func everyLineEndIsOne(fromFile: Bool) throws {
    for (text, lines) in [
      ("a\nb\n", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("a\rb\r", ["a", "b"]), ("a\rb", ["a", "b"]),
      ("a\r\rb\n\nc\r\n\r\nd", ["a", "", "b", "", "c", "", "d"]), ("\u{feff}a\rb", ["a", "b"]), ("", []),
      ("\u{feff}", []), ("\r", [""]), ("\n", [""]), ("a\n\r\nb", ["a", "", "b"]),
      ("é\u{301}\r\u{feff}x", ["é\u{301}", "\u{feff}x"]),
    ] { #expect(try read(Array(text.utf8), fromFile: fromFile).lines == lines, "\(text.debugDescription)") }
  }

  @Test func lineEndsMayLieOnBothSidesOfABlock() throws {
    for ending in ["\n", "\r\n", "\r"] {
      for length in (1 << 16) - 4...(1 << 16) + 4 {
        let long = String(repeating: "x", count: length)
        let text = [long, "b", long, long, "", "c"].joined(separator: ending) + ending
        #expect(try read(Array(text.utf8), fromFile: true).lines == [long, "b", long, long, "", "c"])
      }
    }
  }

  @Test func offsetsAreThoseOfTheFile() throws {
    let text = "\u{feff}one\rtwo\r\nthree\nfour"
    let reader = LineReader(Array(text.utf8), path: "text")
    var found: [Int] = []
    while try reader.next() != nil { found.append(reader.lineOffset) }
    #expect(found == [3, 7, 12, 18])
    #expect(reader.offset == text.utf8.count)
  }

  @Test(arguments: [true, false]) func theLimitIsWhatItSays(fromFile: Bool) throws {
    for limit in [10, 70_000, 1 << 17] {
      for ending in ["", "\n", "\r\n", "\r", "\nb"] {
        let good = Array((String(repeating: "x", count: limit) + ending).utf8)
        let (lines, failure) = try read(good, limit: limit, fromFile: fromFile)
        #expect(lines.first?.utf8.count == limit && failure == nil)
        let long = Array(("a\n" + String(repeating: "x", count: limit + 1) + ending).utf8)
        let refused = try read(long, limit: limit, fromFile: fromFile)
        #expect(refused.lines == ["a"])
        #expect(refused.failure?.position == "line 2")
        #expect(refused.failure?.reason.contains("longer than \(limit) bytes") == true)
      }
    }
  }

  @Test(arguments: [true, false]) func whatIsNoTextEndsWithOneFailure(fromFile: Bool) throws {
    let zero = try read(Array("a\nb\0c\nd\n".utf8), fromFile: fromFile)
    #expect(zero.lines == ["a"] && zero.failure?.position == "line 2")
    for mark in [[0xff, 0xfe], [0xfe, 0xff]] as [[UInt8]] {
      let wide = try read(mark + [0x61, 0, 0x0a, 0], fromFile: fromFile)
      #expect(wide.lines.isEmpty && wide.failure?.reason.contains("UTF-16") == true)
    }
    var random = SeededGenerator(11)
    let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(try read(noise, fromFile: fromFile).failure != nil)
  }
}
