/// Writes gzip for tests (RFC 1952) without compressing, so that a damaged bit is damage to the content alone.
public enum Gzip {
  public static func stored(_ bytes: [UInt8], blockSize: Int = 4000) -> [UInt8] {
    var result: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    for start in stride(from: 0, through: bytes.count, by: blockSize) {
      let block = bytes[start..<min(start + blockSize, bytes.count)]
      let isLast = start + blockSize > bytes.count
      result += [isLast ? 1 : 0] + little(block.count, 2) + little(~block.count, 2) + block
    }
    return result + little(crc32(bytes), 4) + little(bytes.count, 4)
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  private static func crc32(_ bytes: [UInt8]) -> Int {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xedb8_8320 }
    }
    return Int(~crc)
  }
}
