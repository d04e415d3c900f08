import Glibc

/// What some editors write before UTF-8 text.
public let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

/// Bytes that are read front to back: a file, or what a compressed one holds.
public protocol ByteSource: AnyObject {
  /// For messages.
  var path: String { get }
  /// Reads up to `buffer.count` bytes; 0 is the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Lines of a byte stream, without their line ends (`\n`, `\r\n` or `\r`), and without a byte order mark before the first.
///
/// What is no text (a zero byte, UTF-16, a line without end) ends the reading: the failure is thrown once, and after it
/// there is nothing, so that a caller who names what is bad and goes on comes to an end.
public final class LineReader {
  private let source: (any ByteSource)?
  private let path: String
  private var buffer: [UInt8]
  private var start = 0
  private var end: Int
  /// The first `\n` at or after ``start``, as far as ``searched``; nil if there is none.
  private var newline: Int?
  private var searched = 0
  private var isFinished = false
  /// Longer lines are refused, their ends not counted: nobody's manifest has them, and a binary file given by mistake may.
  public let maximumLength: Int
  /// Number of the line that ``next()`` returned last, from 1.
  public private(set) var line = 0
  /// Where the next line begins, and where the line that ``next()`` returned last began, in bytes from the reader's start.
  public var offset: Int { passed + start }
  public private(set) var lineOffset = 0
  /// Bytes that have left the buffer.
  private var passed = 0

  /// `head` are bytes already read from `source`, for example to see what it is.
  public init(_ source: any ByteSource, head: [UInt8] = [], maximumLength: Int = 1 << 24) {
    self.source = source
    path = source.path
    self.maximumLength = maximumLength
    end = head.count
    buffer = head
    guard head.count < 1 << 16 else { return }
    buffer = [UInt8](unsafeUninitializedCapacity: 1 << 16) { bytes, count in
      // All at once: files of one line come by the thousand.
      count = bytes.count
      bytes.suffix(from: bytes.initialize(from: head).1).update(repeating: 0)
    }
  }

  /// Of bytes that are all there. `path` is for messages.
  public init(_ bytes: [UInt8], path: String, maximumLength: Int = 1 << 24) {
    source = nil
    self.path = path
    self.maximumLength = maximumLength
    buffer = bytes
    end = bytes.count
    isFinished = true
  }

  /// The next line; nil at the end, and after a failure. A last line without a line end counts.
  public func next() throws -> [UInt8]? {
    do {
      if passed == 0, start == 0, line == 0 { try beginText() }
      while true {
        if let (limit, width) = lineEnd() {
          guard limit - start <= maximumLength else { throw tooLong() }
          defer { start = limit + width }
          return try take(upTo: limit)
        }
        if isFinished {
          guard start < end else { return nil }
          guard end - start <= maximumLength else { throw tooLong() }
          defer { start = end }
          return try take(upTo: end)
        }
        // A `\r` may be there already, and its `\n` not yet.
        guard end - start <= maximumLength + 1 else { throw tooLong() }
        try fill()
      }
    } catch {
      start = 0
      end = 0
      newline = nil
      searched = 0
      isFinished = true
      line = max(line, 1)
      throw error
    }
  }

  /// Where the line ends that begins at ``start``, and how many bytes its end has; nil if that is not in the buffer.
  private func lineEnd() -> (limit: Int, width: Int)? {
    buffer.withUnsafeBytes { raw -> (limit: Int, width: Int)? in
      guard let base = raw.baseAddress, start < end else { return nil }
      func find(_ byte: Unicode.Scalar, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty, let hit = memchr(base + range.lowerBound, CInt(byte.value), range.count) else {
          return nil
        }
        return UnsafeRawPointer(hit) - base
      }
      if newline.map({ $0 < start }) ?? true {
        newline = find("\n", max(start, searched)..<end)
        searched = newline.map { $0 + 1 } ?? end
      }
      let limit = newline ?? end
      if let mark = find("\r", start..<limit) {
        if mark + 1 < end { return (mark, mark + 1 == newline ? 2 : 1) }
        return isFinished ? (mark, 1) : nil
      }
      return newline.map { ($0, 1) }
    }
  }

  private func take(upTo limit: Int) throws -> [UInt8] {
    line += 1
    lineOffset = offset
    let hasZero = buffer.withUnsafeBytes { raw in
      start < limit && memchr(raw.baseAddress! + start, 0, limit - start) != nil
    }
    guard !hasZero else { throw failure("a zero byte: this is no text", line: line) }
    return Array(buffer[start..<limit])
  }

  /// Passes a byte order mark, and refuses that of UTF-16.
  private func beginText() throws {
    while end - start < byteOrderMark.count, !isFinished { try fill() }
    let head = buffer[start..<end].prefix(byteOrderMark.count)
    if head.starts(with: byteOrderMark) {
      start += byteOrderMark.count
    } else if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
      throw failure("UTF-16, where UTF-8 is read", line: 1, hint: "iconv -f UTF-16 -t UTF-8 converts it")
    }
  }

  private func tooLong() -> Failure { failure("longer than \(maximumLength) bytes", line: line + 1) }

  private func failure(_ reason: String, line: Int, hint: String? = nil) -> Failure {
    Failure(.badInput, path: path, at: "line \(line)", "\(reason); what follows is not read", hint: hint)
  }

  private func fill() throws {
    if start > 0 {
      buffer.withUnsafeMutableBytes { raw in _ = memmove(raw.baseAddress!, raw.baseAddress! + start, end - start) }
      passed += start
      end -= start
      newline = newline.map { $0 - start }
      searched = max(0, searched - start)
      start = 0
    }
    if end == buffer.count { buffer.append(contentsOf: repeatElement(0, count: buffer.count)) }
    let free = end..<buffer.count
    let count = try buffer.withUnsafeMutableBytes { raw in
      try source?.read(into: UnsafeMutableRawBufferPointer(rebasing: raw[free])) ?? 0
    }
    if count == 0 { isFinished = true }
    end += count
  }
}
