import Glibc

/// The scans of a JPEG file: found before anything is decoded, because libjpeg decodes as many as there are, however
/// long that takes, and leaves grey what no scan holds.
struct JPEGScans {
  private(set) var count = 0
  /// Where the file of this picture ends, after its last marker (EOI).
  private(set) var end = 0

  /// Real files have ten or so. Each is one pass over all pixels.
  static let limit = 200
  /// Of scans times pixels.
  static let workLimit = 1 << 32

  init(_ bytes: UnsafeRawBufferPointer, _ header: JPEGHeader) throws {
    let format = header.format
    // A block of 64 pixels takes one bit at least, where codes have whole bits.
    guard header.isArithmetic || format.width * format.height <= 512 * bytes.count else {
      throw HeaderProblem.cutShort(
        at: bytes.count, "\(bytes.count) bytes cannot hold \(format.width) × \(format.height) pixels")
    }
    var missing = Set(header.components)
    var place = header.firstScan
    while true {
      let start = place
      guard let marker = try? JPEGHeader.nextMarker(bytes, &place) else { throw Self.cutShort(bytes) }
      if marker == 0xd9 { break }
      if marker == 0x01 || (0xd0...0xd8).contains(marker) { continue }
      guard let segment = try? JPEGHeader.segment(bytes, at: place) else { throw Self.cutShort(bytes) }
      place = segment.upperBound
      guard marker == 0xda else { continue }
      count += 1
      guard count <= Self.limit, count * format.width * format.height <= Self.workLimit else {
        throw HeaderProblem.damaged(at: start, "more than \(count - 1) scans: this looks like a decompression bomb")
      }
      missing.subtract(Self.firstCoefficients(bytes.part(segment)))
      place = Self.endOfCoded(bytes, from: place)
    }
    end = place
    guard missing.isEmpty else {
      throw HeaderProblem.damaged(
        at: end, "it ends before a scan of \(missing.count) of its \(format.channels) channels")
    }
  }

  /// Components of which a scan holds the first coefficient, without which there is nothing to see.
  private static func firstCoefficients(_ segment: UnsafeRawBufferPointer) -> [UInt8] {
    guard let count = segment.first.map({ Int($0) }), segment.count >= 4 + 2 * count, segment[1 + 2 * count] == 0 else {
      return []
    }
    return (0..<count).map { segment[1 + 2 * $0] }
  }

  /// The next byte 255 that begins a marker; the end of the bytes if there is none.
  private static func endOfCoded(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    guard let base = bytes.baseAddress else { return start }
    var place = start
    while place + 1 < bytes.count, let found = memchr(base + place, 0xff, bytes.count - 1 - place) {
      place = UnsafeRawPointer(found) - base
      let next = bytes[place + 1]
      if next != 0, next != 0xff, !(0xd0...0xd7).contains(next) { return place }
      place += next == 0xff ? 1 : 2
    }
    return bytes.count
  }

  private static func cutShort(_ bytes: UnsafeRawBufferPointer) -> HeaderProblem {
    .cutShort(at: bytes.count, "it ends without its last marker (EOI)")
  }
}
