/// Looks through bytes for what is not UTF-8 (the Unicode Standard, table 3-7).
enum UTF8Scan {
  enum Rest { case nothing, incomplete, invalid }

  /// How many bytes from the start are whole characters, none of them zero, and what is after them.
  static func valid(_ bytes: UnsafeRawBufferPointer) -> (count: Int, rest: Rest) {
    var i = 0
    let count = bytes.count
    while i < count {
      if i + 8 <= count {
        let word = bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        let high: UInt64 = 0x8080_8080_8080_8080
        // Exact where no high bit is set: a byte is zero if taking 1 from it borrows.
        if word & high == 0, (word &- 0x0101_0101_0101_0101) & high == 0 {
          i += 8
          continue
        }
      }
      let lead = bytes[i]
      if lead == 0 { return (i, .invalid) }
      if lead < 0x80 {
        i += 1
        continue
      }
      let width = self.width(lead)
      guard width > 1 else { return (i, .invalid) }
      for k in 1..<width {
        guard i + k < count else { return (i, .incomplete) }
        guard isContinuation(bytes[i + k], place: k, lead: lead) else { return (i, .invalid) }
      }
      i += width
    }
    return (count, .nothing)
  }

  /// Bytes of a character that begins so; 0 if none does.
  @inline(__always)
  static func width(_ lead: UInt8) -> Int {
    switch lead {
    case ..<0x80: 1
    case 0xc2...0xdf: 2
    case 0xe0...0xef: 3
    case 0xf0...0xf4: 4
    default: 0
    }
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8, place: Int, lead: UInt8) -> Bool {
    guard place == 1 else { return byte & 0xc0 == 0x80 }
    switch lead {
    case 0xe0: return 0xa0...0xbf ~= byte
    case 0xed: return 0x80...0x9f ~= byte
    case 0xf0: return 0x90...0xbf ~= byte
    case 0xf4: return 0x80...0x8f ~= byte
    default: return byte & 0xc0 == 0x80
    }
  }

  /// The character at a place of valid UTF-8, and its width.
  @inline(__always)
  static func scalar(_ bytes: UnsafeRawBufferPointer, at i: Int) -> (scalar: UInt32, width: Int) {
    func part(_ k: Int) -> UInt32 { UInt32(bytes[i + k]) & 0x3f }
    let lead = UInt32(bytes[i])
    switch lead {
    case ..<0x80: return (lead, 1)
    case ..<0xe0: return ((lead & 0x1f) << 6 | part(1), 2)
    case ..<0xf0: return ((lead & 0x0f) << 12 | part(1) << 6 | part(2), 3)
    default: return ((lead & 0x07) << 18 | part(1) << 12 | part(2) << 6 | part(3), 4)
    }
  }
}
