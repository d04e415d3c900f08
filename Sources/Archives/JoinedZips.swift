import FileIO
import Glibc

/// Finds a second zip archive in a file or a pipe: of a file the last is read, whose table stands at the end, and of a pipe
/// the first.
struct JoinedZips {
  private static let header: [UInt8] = [0x50, 0x4b, 3, 4]
  private static let end: [UInt8] = [0x50, 0x4b, 5, 6]
  /// The last bytes of the block before.
  private var rest: [UInt8] = []
  private(set) var hasFound = false

  /// Takes the next bytes of a pipe after the archive's members: no member may come any more.
  mutating func look(_ block: some Sequence<UInt8>) {
    let bytes = rest + block
    hasFound = hasFound || bytes.indices.contains { bytes[$0] == 0x50 && bytes[$0...].starts(with: Self.header) }
    rest = bytes.suffix(Self.header.count - 1)
  }

  /// How many bytes stand before the archive that a file ends with, if the file begins with one; 0 of all others.
  static func bytesBefore(_ input: ArchiveInput) -> Int {
    guard input.isSeekable, let descriptor = input.file?.descriptor, let size = input.size,
      input.firstBytes.starts(with: header)
    else { return 0 }
    // The last record, which a comment of up to 65,535 bytes may follow.
    let length = min(size, 22 + 0xffff)
    let tail = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, length, off_t(size - length)))
    }
    guard tail.count == length,
      let place = tail.indices.dropLast(21).last(where: { tail[$0] == 0x50 && tail[$0...].starts(with: end) })
    else { return 0 }
    func field(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(tail[place + offset + $1]) << (8 * $1) }
    }
    let (table, offset) = (field(12), field(16))
    // Zip64 has them elsewhere.
    guard table < 0xffff_ffff, offset < 0xffff_ffff else { return 0 }
    return max(0, size - length + place - table - offset)
  }
}
