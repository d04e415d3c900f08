/// The marks of ASCII that are segments of their own and no words, whatever ASCII is next to them, unless it is a letter or
/// digit on both sides. ICU itself is asked which these are: to ICU 72 `@` is a letter, to others it is not.
struct PlainMarks {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  init(_ words: BreakIterator) throws {
    let marks = (UInt16(0x21)...0x7e).filter { !Self.isAlphanumeric($0) }
    let neighbours = marks + "aZ09".utf16
    for mark in marks {
      // `!a a! ` and so on: each character is a segment.
      let text = neighbours.flatMap { other -> [UInt16] in [mark, other, 0x20, other, mark, 0x20] }
      let count = try text.withUnsafeBufferPointer { try words.divide($0) }
      guard count == text.count,
        (0..<count).allSatisfy({ text[$0] != mark || words.kinds[$0] < BreakIterator.wordKind })
      else { continue }
      if mark < 64 { low |= 1 << UInt64(mark) } else { high |= 1 << UInt64(mark - 64) }
    }
  }

  @inline(__always)
  func contains(_ unit: UInt16) -> Bool {
    guard unit < 128 else { return false }
    return (unit < 64 ? low : high) >> UInt64(unit & 63) & 1 != 0
  }

  @inline(__always)
  static func isAlphanumeric(_ unit: UInt16) -> Bool { (unit | 0x20) &- 0x61 < 26 || unit &- 0x30 < 10 }
}
