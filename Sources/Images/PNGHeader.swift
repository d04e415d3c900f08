/// The chunks of a PNG file (W3C, third edition), none of them unpacked.
struct PNGHeader {
  var format = ImageFormat(kind: .png, width: 0, height: 0, channels: 0)
  /// Behind the last chunk (IEND); nil if that is missing.
  var end: Int?
  /// Bytes of packed pixels.
  private(set) var packed = 0
  private var frames: (count: Int, includesDefault: Bool)?
  private var exif: Orientation?
  private var xmp: Orientation?

  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]

  init(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count >= 33 else { throw HeaderProblem.headerCutShort }
    guard bytes.bigEndian32(8) == 13, bytes.hasText("IHDR", at: 12) else {
      throw HeaderProblem.damaged(at: 8, "it does not begin with its header (IHDR)")
    }
    try readHeader(bytes.part(16..<29))
    var place = 33
    while end == nil, let length = bytes.bigEndian32(place), bytes.count - place >= 8 {
      guard length <= 0x7fff_ffff else { throw HeaderProblem.damaged(at: place, "a chunk of \(length) bytes") }
      read(bytes, name: place + 4, data: place + 8..<place + 8 + length)
      place += 12 + length
    }
    // Without pixels, the header is not known to be whole.
    guard packed > 0 || end != nil else { throw HeaderProblem.headerCutShort }
    guard packed > 0 else { throw HeaderProblem.damaged(at: place, "no pixels (IDAT)") }
    if end ?? 0 > bytes.count { end = nil }
    format.orientation = exif ?? xmp ?? .upright
    if let frames, frames.count + (frames.includesDefault ? 0 : 1) > 1 {
      throw HeaderProblem.notRead("animated PNG", hint: "ffmpeg -i IN -frames:v 1 OUT.png takes its first picture")
    }
  }

  private mutating func readHeader(_ header: UnsafeRawBufferPointer) throws {
    format.width = header.bigEndian32(0) ?? 0
    format.height = header.bigEndian32(4) ?? 0
    format.bits = Int(header[8])
    let depths: [Int]
    switch header[9] {
    case 0: (format.channels, depths) = (1, [1, 2, 4, 8, 16])
    case 2: (format.channels, depths) = (3, [8, 16])
    case 3:
      (format.channels, depths) = (1, [1, 2, 4, 8])
      format.traits.append("palette")
    case 4: (format.channels, depths) = (2, [8, 16])
    case 6: (format.channels, depths) = (4, [8, 16])
    default: throw HeaderProblem.damaged(at: 25, "no colour type \(header[9])")
    }
    guard depths.contains(format.bits) else {
      throw HeaderProblem.damaged(at: 24, "no \(format.bits) bits a channel with colour type \(header[9])")
    }
    format.hasAlpha = header[9] & 4 != 0
    guard format.width <= 0x7fff_ffff, format.height <= 0x7fff_ffff else {
      throw HeaderProblem.damaged(at: 16, "\(format.width) × \(format.height) pixels")
    }
    guard header[10] == 0 else { throw HeaderProblem.damaged(at: 26, "no compression method \(header[10])") }
    guard header[11] == 0 else { throw HeaderProblem.damaged(at: 27, "no filter method \(header[11])") }
    guard header[12] < 2 else { throw HeaderProblem.damaged(at: 28, "no interlace method \(header[12])") }
    if header[12] == 1 { format.traits.append("interlaced") }
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer, name: Int, data: Range<Int>) {
    if bytes.hasText("IDAT", at: name) {
      packed += data.count
    } else if bytes.hasText("IEND", at: name) {
      end = data.upperBound + 4
    } else if bytes.hasText("tRNS", at: name), packed == 0 {
      format.hasAlpha = true
    } else if bytes.hasText("eXIf", at: name), exif == nil {
      exif = Orientation(exif: bytes.part(data))
    } else if bytes.hasText("acTL", at: name), packed == 0 {
      frames = (bytes.bigEndian32(data.lowerBound) ?? 0, false)
    } else if bytes.hasText("fcTL", at: name), packed == 0 {
      frames?.includesDefault = true
    } else if bytes.hasText("iTXt", at: name), bytes.hasText("XML:com.adobe.xmp\0\0", at: data.lowerBound), xmp == nil {
      xmp = Orientation(xmp: bytes.part(data))
    }
  }
}
