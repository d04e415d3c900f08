import FileIO

/// The failure that names what a file is that is no picture of ours.
func foreignFormat(_ bytes: UnsafeRawBufferPointer, name: String) -> Failure {
  guard !bytes.isEmpty else { return Failure(.badInput, path: name, "empty") }
  if bytes.hasText("IHDR", at: 12) || bytes.hasText("PNG", at: 1) {
    return Failure(
      .badInput, path: name, at: "byte 0", "PNG, damaged: its first bytes are changed, as by copying it as text")
  }
  if let format = pictureFormat(bytes) {
    return Failure(
      .badInput, path: name, "\(format), which is not read: only JPEG, PNG and WebP are",
      hint: "ImageMagick converts most: convert IN OUT.png")
  }
  if let content = otherContent(bytes) { return Failure(.badInput, path: name, "\(content), not a picture") }
  return Failure(.badInput, path: name, "neither JPEG, PNG nor WebP")
}

private func pictureFormat(_ bytes: UnsafeRawBufferPointer) -> String? {
  for (name, marks) in marksOfPictures where marks.contains(where: { bytes.starts(with: $0) }) { return name }
  if bytes.hasText("BM", at: 0), bytes.count >= 14, bytes.littleEndian32(6) == 0 { return "BMP" }
  if bytes.hasText("RIFF", at: 0) { return "RIFF, but not WebP" }
  // ISO base media: the brand tells.
  if bytes.hasText("ftyp", at: 4) {
    if bytes.hasText("avif", at: 8) || bytes.hasText("avis", at: 8) { return "AVIF" }
    if ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"].contains(where: { bytes.hasText($0, at: 8) }) {
      return "HEIC"
    }
    return "a video or another file of ISO base media"
  }
  return nil
}

private let marksOfPictures: [(String, [[UInt8]])] = [
  ("GIF", [Array("GIF8".utf8)]),
  ("TIFF", [[0x49, 0x49, 42, 0], [0x4d, 0x4d, 0, 42], [0x49, 0x49, 43, 0], [0x4d, 0x4d, 0, 43]]),
  ("JPEG XL", [[0xff, 0x0a], [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20]]),
  ("JPEG 2000", [[0xff, 0x4f, 0xff, 0x51], [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20]]),
  ("JPEG-LS or JPEG without its first marker", [[0xff, 0xf7]]),
  ("PSD", [Array("8BPS".utf8)]),
  ("ICO", [[0, 0, 1, 0], [0, 0, 2, 0]]),
  ("MNG", [[0x8a, 0x4d, 0x4e, 0x47]]),
  ("JNG", [[0x8b, 0x4a, 0x4e, 0x47]]),
  ("OpenEXR", [[0x76, 0x2f, 0x31, 0x01]]),
  ("DDS", [Array("DDS ".utf8)]),
  ("QOI", [Array("qoif".utf8)]),
  ("Radiance HDR", [Array("#?RADIANCE".utf8)]),
  ("Netpbm", (1...7).map { [UInt8(ascii: "P"), UInt8(ascii: "0") + $0, 10] }),
]

private let marksOfOthers: [(String, [UInt8])] = [
  ("PDF", Array("%PDF".utf8)), ("PostScript", Array("%!PS".utf8)), ("gzip", [0x1f, 0x8b]),
  ("ZIP", [0x50, 0x4b, 3, 4]), ("Zstandard", [0x28, 0xb5, 0x2f, 0xfd]),
  ("a pointer of Git LFS", Array("version https://git-lfs".utf8)),
]

private func otherContent(_ bytes: UnsafeRawBufferPointer) -> String? {
  for (name, mark) in marksOfOthers where bytes.starts(with: mark) { return name }
  let head = bytes.prefix(1 << 10)
  if head.allSatisfy({ $0 == 0 }) { return "zeros" }
  // Text, in whatever encoding has ASCII in it.
  guard head.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || (9...13).contains($0) }) else { return nil }
  let text = String(decoding: head, as: UTF8.self).lowercased()
  if text.contains("<svg") { return "SVG" }
  if text.contains("<!doctype html") || text.contains("<html") || text.contains("<head") { return "HTML" }
  return text.contains("<?xml") ? "XML" : "text"
}
