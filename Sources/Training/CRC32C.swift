/// CRC-32C (Castagnoli), byte by byte from a table; frames are short.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  /// As TFRecord stores it: rotated by 15 bits, plus a constant.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let crc = ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
