/// Where, from an offset on, the header of another audio file stands: of files that were joined, where none says how long
/// the first is. Samples that look like this do not come by chance: at least six bytes must be as they are.
func headerOfAnother(_ reader: EncodedReader, from start: Int) -> Int? {
  let length = 1 << 20
  // Headers may lie across two blocks.
  let overlap = 32
  for first in stride(from: start, to: reader.size, by: length - overlap) {
    let block = reader.bytes(at: first, count: length)
    for i in block.indices where isFirstByte[Int(block[i])] {
      for mark in marks where block[i...].starts(with: mark.bytes) && isHeader(block, at: i - mark.offset, mark) {
        return first + i - mark.offset
      }
    }
  }
  return nil
}

private struct Mark {
  var bytes: [UInt8]
  /// Of the bytes in the header.
  var offset = 0
  /// What the header begins with.
  var before: [String] = []
  var isAU = false
}

private let marks = [
  Mark(bytes: Array("WAVE".utf8), offset: 8, before: ["RIFF", "RIFX", "RF64", "BW64"]),
  Mark(bytes: Array("AIFF".utf8), offset: 8, before: ["FORM"]),
  Mark(bytes: Array("AIFC".utf8), offset: 8, before: ["FORM"]),
  Mark(bytes: Array("fLaC\0\0\0\u{22}".utf8)), Mark(bytes: Array("NIST_1A\n".utf8)),
  Mark(bytes: Array("caff\0\u{1}\0\0".utf8)),
  Mark(bytes: [0x72, 0x69, 0x66, 0x66, 0x2e, 0x91, 0xcf, 0x11]), Mark(bytes: Array("OggS\0\u{2}".utf8)),
  Mark(bytes: Array(".snd\0\0".utf8), isAU: true), Mark(bytes: Array("dns.".utf8), isAU: true),
]

private func isHeader(_ block: [UInt8], at place: Int, _ mark: Mark) -> Bool {
  guard place >= 0 else { return false }
  let head = block[place...]
  guard !mark.isAU else {
    // A header of less than 64 KiB, a known coding, a rate, a few channels.
    guard head.count >= 24 else { return false }
    let isBigEndian = head.first == UInt8(ascii: ".")
    func field(_ i: Int) -> Int { number(head[place + 4 * i..<place + 4 * i + 4], isBigEndian: isBigEndian) }
    return (24..<0x10000).contains(field(1)) && (1...27).contains(field(3)) && (1000...400_000).contains(field(4))
      && (1...64).contains(field(5))
  }
  return mark.before.isEmpty || mark.before.contains { head.starts(with: $0.utf8) }
}

/// Of a mark: most bytes are of none.
private let isFirstByte = (0...255).map { byte in marks.contains { Int($0.bytes[0]) == byte } }
