/// The wire format of protocol buffers, as far as event files need it.
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func field(_ number: Int, _ value: UInt64) {
    varint(UInt64(number << 3))
    varint(value)
  }

  mutating func field(_ number: Int, _ value: Double) {
    varint(UInt64(number << 3 | 1))
    bytes += littleEndian(value.bitPattern)
  }

  mutating func field(_ number: Int, _ value: Float) {
    varint(UInt64(number << 3 | 5))
    bytes += littleEndian(value.bitPattern)
  }

  mutating func field(_ number: Int, _ value: [UInt8]) {
    varint(UInt64(number << 3 | 2))
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func field(_ number: Int, _ value: String) { field(number, Array(value.utf8)) }

  mutating func field(_ number: Int, _ message: ProtocolBuffer) { field(number, message.bytes) }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
