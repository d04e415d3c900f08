/// Foreign bytes, of which a number or a name is taken only where it is there.
extension UnsafeRawBufferPointer {
  /// Nil beyond the end.
  func bigEndian16(_ place: Int) -> Int? {
    guard place >= 0, count - 2 >= place else { return nil }
    return Int(UInt16(bigEndian: loadUnaligned(fromByteOffset: place, as: UInt16.self)))
  }

  func bigEndian32(_ place: Int) -> Int? {
    guard place >= 0, count - 4 >= place else { return nil }
    return Int(UInt32(bigEndian: loadUnaligned(fromByteOffset: place, as: UInt32.self)))
  }

  func littleEndian16(_ place: Int) -> Int? { bigEndian16(place).map { Int(UInt16($0).byteSwapped) } }

  func littleEndian32(_ place: Int) -> Int? { bigEndian32(place).map { Int(UInt32($0).byteSwapped) } }

  func hasText(_ text: StaticString, at place: Int) -> Bool {
    guard place >= 0, count - text.utf8CodeUnitCount >= place else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(self[place..<place + $0.count]) }
  }

  /// The bytes of `range` that are there.
  func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[range.clamped(to: 0..<count)])
  }
}
