/// Classes of characters that the module itself decides about; both are stable (Unicode's PropList, White_Space).
enum Characters {
  /// White space and control characters: whatever lies between words. Line ends are seen to earlier.
  @inline(__always)
  static func isSpace(_ scalar: UInt32) -> Bool {
    if scalar <= 0x20 { return true }
    if scalar < 0x7f { return false }
    if scalar <= 0xa0 { return true }
    if scalar < 0x1680 { return false }
    switch scalar {
    case 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: return true
    default: return false
    }
  }

  /// Invisible and without meaning in a word: soft hyphen, zero width space, word joiner, zero width no-break space. They
  /// help to divide a text, and are taken out of its tokens.
  @inline(__always)
  static func isInvisible(_ unit: UInt16) -> Bool {
    unit == 0xad || unit == 0x200b || unit == 0x2060 || unit == 0xfeff
  }
}
