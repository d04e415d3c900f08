import FileIO

/// What the first bytes of a file of word vectors say: its format, and of how many numbers vectors are.
struct VectorFileStart {
  /// All that has been read.
  let bytes: [UInt8]
  let format: WordVectorFormat
  let dimensions: Int
  /// Words that the first line says there are; nil where there is no such line.
  let count: Int?
  /// Where the vectors begin.
  let body: Int

  static let mostDimensions = 65_536
  private static let size = 1 << 16

  init(_ source: any ByteSource, head: [UInt8], format: WordVectorFormat?) throws {
    let bytes = head + (try source.head(max(0, Self.size - head.count)))
    self.bytes = bytes
    let end = bytes.firstIndex(of: 0x0a) ?? bytes.count
    let header = Self.header(bytes[..<end])
    func fail(_ reason: String) -> Failure {
      Failure(
        .badInput, path: source.path, reason,
        hint: "word vectors are word2vec's text or binary, or GloVe's text: a word and its numbers a line")
    }
    guard !bytes.isEmpty else { throw fail("empty") }
    if let header, format != .glove {
      guard 1...Self.mostDimensions ~= header.dimensions else {
        throw fail("its first line says vectors of \(header.dimensions) numbers")
      }
      body = min(end + 1, bytes.count)
      (count, dimensions) = (header.count, header.dimensions)
      self.format = format ?? (Self.isBinary(bytes[body...], dimensions) ? .word2vecBinary : .word2vecText)
      return
    }
    guard format == nil || format == .glove else {
      throw fail("its first line is not two numbers, how many words there are and of how many numbers")
    }
    guard let dimensions = Self.usualNumbers(bytes), 1...Self.mostDimensions ~= dimensions else {
      throw fail("no line of a word and numbers")
    }
    (body, count, self.format, self.dimensions) = (0, nil, .glove, dimensions)
  }

  /// `WORDS NUMBERS`.
  private static func header(_ line: ArraySlice<UInt8>) -> (count: Int, dimensions: Int)? {
    let fields = Fields(line)
    guard fields.ranges.count == 2 else { return nil }
    let numbers = fields.ranges.map { range -> Int? in
      guard line[range].allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
      return Int(String(decoding: line[range], as: UTF8.self))
    }
    guard let count = numbers[0], let dimensions = numbers[1] else { return nil }
    return (count, dimensions)
  }

  /// Whether what follows the first word is no text.
  private static func isBinary(_ body: ArraySlice<UInt8>, _ dimensions: Int) -> Bool {
    guard let space = body.firstIndex(of: 0x20) else { return false }
    let numbers = body[(space + 1)...].prefix(4 * dimensions)
    return numbers.prefix { $0 != 0x0a }.contains { !(0x20...0x7e ~= $0 || $0 == 0x09 || $0 == 0x0d) }
      // A byte of a number may look like the end of a line.
      || (numbers.count == 4 * dimensions && numbers.contains { $0 == 0 })
  }

  /// How many numbers most of the first lines have.
  private static func usualNumbers(_ bytes: [UInt8]) -> Int? {
    var votes: [Int: Int] = [:]
    var lines = bytes.split(separator: 0x0a)
    // The last one may go on.
    if bytes.count >= size, lines.count > 1 { lines.removeLast() }
    for line in lines {
      let count = Fields(line).ranges.count
      if count > 1 { votes[count - 1, default: 0] += 1 }
    }
    return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}

/// What stands between spaces and tabs of a line.
struct Fields {
  private(set) var ranges: [Range<Int>] = []

  init(_ line: ArraySlice<UInt8>) {
    var start: Int?
    for i in line.indices {
      let isSpace = line[i] == 0x20 || line[i] == 0x09 || line[i] == 0x0d
      if isSpace, let first = start {
        ranges.append(first..<i)
        start = nil
      } else if !isSpace, start == nil {
        start = i
      }
    }
    if let start { ranges.append(start..<line.endIndex) }
  }
}
