import FileIO
import TestSupport
import Testing
import WordVectors

@Suite struct WordVectorFileTests {
  private static let words = ["the", "a", "caf\u{e9}", "1984", "don't", "—"].map { Array($0.utf8) } + [[0xff, 0xfe]]
  private static let vectors: [[Float]] = words.indices.map { i in [Float(i) / 8, -1, 1e-3 * Float(i), 2] }

  /// The bytes of a file of these words.
  private static func file(
    _ format: WordVectorFormat, header: String? = nil, feeds: Bool = true, end: String = "\n"
  ) -> [UInt8] {
    var bytes = format == .glove ? [] : Array((header ?? "\(words.count) 4\n").utf8)
    for (word, vector) in zip(words, vectors) {
      bytes += word
      guard format == .word2vecBinary else {
        bytes += Array((" " + vector.map { "\($0)" }.joined(separator: " ") + end).utf8)
        continue
      }
      bytes.append(0x20)
      for number in vector { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += Array($0) } }
      if feeds { bytes.append(0x0a) }
    }
    return bytes
  }

  private func read(
    _ bytes: [UInt8], format: WordVectorFormat? = nil, isWanted: (ArraySlice<UInt8>) -> Bool = { _ in true }
  ) throws -> WordVectors {
    let folder = try TemporaryFolder()
    try writeAtomically(to: folder("v")) { try $0.write(bytes) }
    return try WordVectors(reading: folder("v"), format: format, isWanted: isWanted)
  }

  private func read(_ text: String, format: WordVectorFormat? = nil) throws -> WordVectors {
    try read(Array(text.utf8), format: format)
  }

  private func expectAll(_ read: WordVectors, _ format: WordVectorFormat) {
    #expect(read.format == format && read.dimensions == 4 && read.problems.isEmpty)
    #expect(read.words == Self.words && read.passedOver == 0)
    for (i, vector) in Self.vectors.enumerated() {
      #expect(Array(read.vector(i)) == vector && read.place(of: Self.words[i]) == i)
    }
    #expect(read.place(of: Array("café".utf8)) == nil || Array("café".utf8) == Self.words[2])
  }

  @Test(arguments: WordVectorFormat.allCases) func formatsAreToldApart(format: WordVectorFormat) throws {
    for given in [nil, format] {
      expectAll(try read(Self.file(format), format: given), format)
      expectAll(try read(Self.file(format, feeds: false), format: given), format)
      if format != .word2vecBinary {
        for end in ["\r\n", " \n", "\t \r\n"] {
          expectAll(try read(Self.file(format, end: end), format: given), format)
        }
        expectAll(try read(Array(Self.file(format).dropLast()), format: given), format)
      }
    }
  }

  @Test(arguments: WordVectorFormat.allCases, ["gzip", "xz"]) func compressedFiles(
    format: WordVectorFormat, tool: String
  ) throws {
    let folder = try TemporaryFolder()
    try writeAtomically(to: folder("v")) { try $0.write(Self.file(format)) }
    #expect(try runProcess(tool, [folder("v")]).status == 0)
    expectAll(try WordVectors(reading: folder("v." + ["gzip": "gz", "xz": "xz"][tool]!)), format)
  }

  @Test(arguments: WordVectorFormat.allCases) func onlyWhatIsWantedIsKept(format: WordVectorFormat) throws {
    let some = try read(Self.file(format)) { $0.elementsEqual("1984".utf8) || $0.elementsEqual("absent".utf8) }
    #expect(some.words == [Array("1984".utf8)] && some.numbers == Self.vectors[3] && some.passedOver == 6)
    #expect(some.problems.isEmpty)
    let none = try read(Self.file(format)) { _ in false }
    #expect(none.count == 0 && none.passedOver == 7)
  }

  @Test(arguments: [true, false]) func linesThatAreNoVectors(hasHeader: Bool) throws {
    let text =
      (hasHeader ? "9 2\n" : "") + """
        a 1 2

        b 1
        c 1 2 3
        a 7 7
        at name@domain.com 1 2
        d 1 x
        e nan 1
        f 1e99 1
         1 2
        g 1.5 -2e-1
           
        h 0x1p3 1
        i 1 2junk

        """
    let read = try read(text)
    #expect(read.words == ["a", "g"].map { Array($0.utf8) } && read.numbers == [1, 2, 1.5, -0.2])
    let problems = read.problems
    #expect(problems[.blank] == 2 && problems[.duplicate] == 1 && problems[.notFinite] == 2)
    #expect(problems[.malformed] == 7 && problems[.count] == (hasHeader ? 1 : 0))
    let lines = problems.examples.compactMap(\.position)
    #expect(lines.contains("line \(hasHeader ? 4 : 3)") && lines.contains("line \(hasHeader ? 6 : 5)"))
    #expect(problems.examples.contains { $0.reason.contains("'a' for the second time") })
    #expect(problems.summary.contains("2 blank lines"))
    if hasHeader {
      #expect(problems.examples.contains { $0.reason.contains("says 9 words, there are 12") })
      #expect(problems.summary.contains("1 wrong counts"))
    }
  }

  @Test func howManyAreNamed() throws {
    let read = try read("a 1 2\n" + String(repeating: "a 1 2\n", count: 1000))
    #expect(read.problems[.duplicate] == 1000 && read.problems.examples.count == VectorProblems.named)
  }

  /// Most lines decide how many numbers a vector has.
  @Test func aFirstLineThatIsNone() throws {
    let read = try read(". . . 1 2 3\na 1 2 3\nb 4 5 6\n")
    #expect(read.dimensions == 3 && read.count == 2 && read.problems[.malformed] == 1)
  }

  @Test func binaryFilesThatEndOrGoOn() throws {
    let whole = Self.file(.word2vecBinary)
    for missing in 2...15 {
      let read = try read(Array(whole.dropLast(missing)))
      #expect(read.format == .word2vecBinary && read.count == 6, "\(missing)")
      #expect(read.problems[.count] == 1 && read.problems[.malformed] == 1, "\(missing)")
      #expect(read.problems.examples.contains { $0.reason.contains("says 7 words, there are 6") })
    }
    // The last line feed is no part of a word.
    #expect(try read(Array(whole.dropLast())).problems.isEmpty)
    let more = try read(whole + Array("more".utf8))
    #expect(more.count == 7 && more.problems[.malformed] == 1 && more.problems[.count] == 0)
    let fewer = try read(Self.file(.word2vecBinary, header: "3 4\n"))
    #expect(fewer.count == 3 && fewer.problems[.malformed] == 1)
    let missing = try read(Self.file(.word2vecBinary, header: "999999999999 4\n"))
    #expect(missing.count == 7 && missing.problems[.count] == 1)
  }

  @Test func binaryNumbersOfAllKinds() throws {
    func bytes(_ numbers: [Float]) -> [UInt8] {
      numbers.flatMap { number in withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) } }
    }
    // Numbers whose bytes are spaces, line feeds and letters.
    let odd = [0x2020_2020, 0x0a0a_0a0a, 0x4141_4141].map { Float(bitPattern: $0) }
    var file = Array("4 3\n".utf8)
    for (word, numbers) in [("a", odd), ("b", [.nan, 0, 0]), ("a", [1, 2, 3]), ("c", [0, 0, 0])] {
      file += Array("\(word) ".utf8) + bytes(numbers)
    }
    for format in [WordVectorFormat.word2vecBinary] {
      let read = try read(file, format: format)
      #expect(read.words.map { String(decoding: $0, as: UTF8.self) } == ["a", "c"] && read.numbers == odd + [0, 0, 0])
      #expect(read.problems[.notFinite] == 1 && read.problems[.duplicate] == 1 && read.problems[.count] == 0)
    }
  }

  @Test(arguments: [
    ("", "empty"), ("\n\n", "no line of a word"), ("word\nword\n", "no line of a word"),
    ("0 0\n", "vectors of 0 numbers"),
    ("5 70000\na 1\n", "vectors of 70000 numbers"), ("5 3\n", "no word with 3 numbers"),
    ("5 3\na 1 2\nb 1 2\n", "no word with 3 numbers"), ("a 1\u{0}2\n", "a zero byte"),
  ]) func filesThatAreNone(content: String, reason: String) throws {
    #expect {
      try read(content)
    } throws: {
      let failure = $0 as? Failure
      return failure?.kind == .badInput && failure?.reason.contains(reason) == true && failure?.path != nil
    }
  }

  @Test func formatsThatAreNotTheGivenOne() throws {
    #expect(throws: Failure.self) { try read(Self.file(.glove), format: .word2vecText) }
    #expect(throws: Failure.self) { try read(Self.file(.glove), format: .word2vecBinary) }
    // A word without an end.
    let endless = Array("2 4\n".utf8) + [UInt8](repeating: 0x61, count: 10_000)
    #expect(throws: Failure.self) { try read(endless, format: .word2vecBinary) }
    let cut = try TemporaryFolder()
    try writeAtomically(to: cut("v")) { try $0.write(Self.file(.glove)) }
    #expect(try runProcess("gzip", [cut("v")]).status == 0)
    let bytes = try File.contents(of: cut("v.gz"))
    try writeAtomically(to: cut("cut.gz")) { try $0.write(Array(bytes.dropLast(20))) }
    #expect(throws: Failure.self) { try WordVectors(reading: cut("cut.gz")) }
    #expect(throws: Failure.self) { try WordVectors(reading: cut("absent")) }
  }

  /// Larger than what is read at once.
  @Test(arguments: WordVectorFormat.allCases) func largeFiles(format: WordVectorFormat) throws {
    let (count, dimensions) = (3000, 60)
    var bytes = format == .glove ? [] : Array("\(count) \(dimensions)\n".utf8)
    for i in 0..<count {
      bytes += Array("word\(i)".utf8)
      for j in 0..<dimensions {
        let number = Float((i * 31 + j * 17) % 1000) / 1024 - 0.5
        if format == .word2vecBinary {
          if j == 0 { bytes.append(0x20) }
          withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += Array($0) }
        } else {
          bytes += Array(" \(number)".utf8)
        }
      }
      bytes.append(0x0a)
    }
    let read = try read(bytes)
    #expect(read.format == format && read.count == count && read.dimensions == dimensions && read.problems.isEmpty)
    for i in stride(from: 0, to: count, by: 97) {
      #expect(read.place(of: Array("word\(i)".utf8)) == i)
      #expect(read.vector(i).enumerated().allSatisfy { $1 == Float((i * 31 + $0 * 17) % 1000) / 1024 - 0.5 })
    }
  }
}
