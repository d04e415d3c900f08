/// How a stored picture is turned and mirrored to be looked at: the values of EXIF's tag 274 (CIPA DC-008, 4.6.5).
public enum Orientation: Int, Sendable, CaseIterable {
  case upright = 1
  case mirrored, turned180, flipped, transposed, turned90, transversed, turned270

  /// Whether width and height change places.
  public var swapsSides: Bool { rawValue > 4 }

  /// Of EXIF, which is a TIFF file; nil if it does not say, or cannot be read.
  init?(exif bytes: UnsafeRawBufferPointer) {
    let isLittle = bytes.starts(with: [0x49, 0x49])
    guard isLittle || bytes.starts(with: [0x4d, 0x4d]) else { return nil }
    func number16(_ place: Int) -> Int? { isLittle ? bytes.littleEndian16(place) : bytes.bigEndian16(place) }
    func number32(_ place: Int) -> Int? { isLittle ? bytes.littleEndian32(place) : bytes.bigEndian32(place) }
    guard number16(2) == 42, let start = number32(4), let count = number16(start) else { return nil }
    for entry in 0..<count {
      let place = start + 2 + entry * 12
      guard let tag = number16(place), let type = number16(place + 2) else { return nil }
      guard tag == 274 else { continue }
      // BYTE, SHORT or LONG.
      let value: Int? =
        switch type {
        case 1: bytes.count > place + 8 ? Int(bytes[place + 8]) : nil
        case 3: number16(place + 8)
        case 4: number32(place + 8)
        default: nil
        }
      guard let value, let orientation = Self(rawValue: value) else { return nil }
      self = orientation
      return
    }
    return nil
  }

  /// Of XMP, which is XML: its `tiff:Orientation`, as an attribute or an element.
  init?(xmp bytes: UnsafeRawBufferPointer) {
    let key: StaticString = "tiff:Orientation"
    for place in bytes.indices where bytes[place] == 0x74 && bytes.hasText(key, at: place) {
      let value = bytes.part(place + key.utf8CodeUnitCount..<bytes.count)
      for mark in ["=\"", "='", ">"] where value.starts(with: mark.utf8) {
        let digit = value.dropFirst(mark.utf8.count).first.map { Int($0) - 0x30 }
        guard let digit, let orientation = Self(rawValue: digit) else { return nil }
        self = orientation
        return
      }
    }
    return nil
  }
}
