import Glibc

/// A line or, of a long one, a part of it.
struct LinePiece {
  /// Whole characters, without the line end.
  var bytes: UnsafeRawBufferPointer
  /// Where it begins, in bytes of the text.
  var offset: Int
  var isFirst: Bool
  var isLast: Bool
}

/// The lines of a text that comes in pieces: they end at LF, CR LF or CR, and at nothing else.
final class LineSplitter {
  /// Longer lines come in parts, in bytes: where they are divided does not depend on the pieces of the text.
  static let longest = 1 << 16
  private let held = UnsafeMutableRawBufferPointer.allocate(byteCount: longest, alignment: 1)
  private var heldCount = 0
  /// Of the held bytes, or of the next ones if there are none.
  private var offset = 0
  private var isFirst = true
  /// Whether the last line ended with CR, so that a LF belongs to it.
  private var isBehindReturn = false
  private(set) var lines = 0

  deinit { held.deallocate() }

  func begin() { (heldCount, offset, isFirst, isBehindReturn, lines) = (0, 0, true, false, 0) }

  func add(_ text: UnsafeRawBufferPointer, _ body: (LinePiece) throws -> Void) throws {
    var i = 0
    while i < text.count {
      if isBehindReturn {
        isBehindReturn = false
        if text[i] == 0x0a {
          i += 1
          offset += 1
          continue
        }
      }
      var end = i
      while end < text.count, text[end] != 0x0a, text[end] != 0x0d { end += 1 }
      let isLine = end < text.count
      try extend(UnsafeRawBufferPointer(rebasing: text[i..<end]), isLast: isLine, body)
      i = end
      if isLine {
        isBehindReturn = text[end] == 0x0d
        i += 1
        offset += 1
      }
    }
  }

  /// A last line without a line end counts.
  func finish(_ body: (LinePiece) throws -> Void) throws {
    if heldCount > 0 || !isFirst { try extend(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, body) }
  }

  private func extend(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (LinePiece) throws -> Void) throws {
    var rest = bytes
    // In place, if all of the line is there.
    if heldCount == 0, isLast, rest.count <= Self.longest { return try send(rest, isLast: true, body) }
    while heldCount + rest.count > Self.longest {
      let room = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.longest - heldCount))
      hold(room)
      rest = UnsafeRawBufferPointer(rebasing: rest[room.count...])
      // The bytes of a character that is not whole stay behind.
      var count = heldCount
      if (rest.first ?? 0) & 0xc0 == 0x80 {
        repeat { count -= 1 } while held[count] & 0xc0 == 0x80
      }
      let tail = heldCount - count
      try send(UnsafeRawBufferPointer(rebasing: held[..<count]), isLast: false, body)
      memmove(held.baseAddress!, held.baseAddress! + count, tail)
      heldCount = tail
    }
    hold(rest)
    if isLast {
      let count = heldCount
      heldCount = 0
      try send(UnsafeRawBufferPointer(rebasing: held[..<count]), isLast: true, body)
    }
  }

  private func hold(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    memcpy(held.baseAddress! + heldCount, base, bytes.count)
    heldCount += bytes.count
  }

  private func send(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (LinePiece) throws -> Void) throws {
    let piece = LinePiece(bytes: bytes, offset: offset, isFirst: isFirst, isLast: isLast)
    offset += bytes.count
    isFirst = isLast
    if isLast { lines += 1 }
    try body(piece)
  }
}
