import Glibc

/// What some editors write before UTF-8 text.
public let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

/// Lines of a byte stream, without their line ends (`\n` or `\r\n`), and without a byte order mark before the first.
public final class LineReader {
  private let file: File
  private var buffer: [UInt8]
  private var start: Int
  private var end: Int
  private var finished = false
  /// Longer lines are refused: nobody's manifest has them, and a binary file given by mistake may.
  public let maximumLength: Int
  /// Number of the line that ``next()`` returned last, from 1.
  public private(set) var line = 0
  /// Where the next line begins, and where the line that ``next()`` returned last began, in bytes from the reader's start.
  public var offset: Int { passed + start }
  public private(set) var lineOffset = 0
  /// Bytes that have left the buffer.
  private var passed = 0

  /// `head` are bytes already read from `file`, for example to see what it is.
  public init(_ file: File, head: [UInt8] = [], maximumLength: Int = 1 << 24) {
    self.file = file
    self.maximumLength = maximumLength
    buffer = head
    start = 0
    end = head.count
    if buffer.count < 1 << 16 { buffer.append(contentsOf: repeatElement(0, count: 1 << 16 - buffer.count)) }
  }

  /// The next line; nil at the end. A last line without a line end counts.
  public func next() throws -> [UInt8]? {
    var searched = start
    while true {
      let found = buffer.withUnsafeBytes { raw -> Int? in
        guard end > searched, let base = raw.baseAddress,
          let hit = memchr(base + searched, CInt(UInt8(ascii: "\n")), end - searched)
        else { return nil }
        return UnsafeRawPointer(hit) - base
      }
      if let found {
        defer { start = found + 1 }
        return take(upTo: found)
      }
      searched = end
      if finished {
        guard start < end else { return nil }
        defer { start = end }
        return take(upTo: end)
      }
      guard end - start <= maximumLength else {
        throw Failure(.badInput, path: file.path, at: "line \(line + 1)", "longer than \(maximumLength) bytes")
      }
      let consumed = start
      try fill()
      searched -= consumed - start
    }
  }

  private func take(upTo limit: Int) -> [UInt8] {
    if offset == 0, buffer[start..<limit].starts(with: byteOrderMark) { start += byteOrderMark.count }
    line += 1
    lineOffset = offset
    let stop = limit > start && buffer[limit - 1] == UInt8(ascii: "\r") ? limit - 1 : limit
    return Array(buffer[start..<stop])
  }

  private func fill() throws {
    if start > 0 {
      buffer.withUnsafeMutableBytes { raw in _ = memmove(raw.baseAddress!, raw.baseAddress! + start, end - start) }
      passed += start
      end -= start
      start = 0
    }
    if end == buffer.count { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
    let free = end..<buffer.count
    let count = try buffer.withUnsafeMutableBytes { raw in
      try file.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[free]))
    }
    if count == 0 { finished = true }
    end += count
  }
}
