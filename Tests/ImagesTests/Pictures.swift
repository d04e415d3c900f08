import CImageFixtures
import FileIO
import Glibc
import Images
import Pixels
import TestSupport

/// Pictures for tests, and what they are read as.
enum Pictures {
  /// Smooth colours with some noise, of `channels` bytes a pixel.
  static func pixels(_ width: Int, _ height: Int, channels: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed)
    var result: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          let smooth = [x * 255 / max(1, width - 1), y * 255 / max(1, height - 1), (x + y) * 4 % 256, 255 - x % 256]
          result.append(UInt8(clamping: smooth[channel] + Int.random(in: -8...8, using: &generator)))
        }
      }
    }
    return result
  }

  static func jpeg(
    _ width: Int, _ height: Int, channels: Int = 3, pixels: [UInt8]? = nil,
    _ change: (inout cfixture_jpeg) -> Void = { _ in }
  ) -> [UInt8] {
    var picture = cfixture_jpeg()
    (picture.width, picture.height, picture.channels) = (CInt(width), CInt(height), CInt(channels))
    (picture.quality, picture.columns, picture.rows) = (90, 1, 1)
    change(&picture)
    return file { cfixture_jpeg_encode(&picture, pixels ?? Self.pixels(width, height, channels: channels), $0) }
  }

  /// - Parameter pixels: rows as PNG packs them.
  static func png(
    _ width: Int, _ height: Int, bits: Int, colour: Int, pixels: [UInt8], isInterlaced: Bool = false,
    palette: [UInt8] = [], transparency: [UInt8] = []
  ) -> [UInt8] {
    palette.withUnsafeBufferPointer { palette in
      transparency.withUnsafeBufferPointer { transparency in
        var picture = cfixture_png()
        (picture.width, picture.height, picture.bits) = (CInt(width), CInt(height), CInt(bits))
        (picture.colour, picture.is_interlaced) = (CInt(colour), isInterlaced)
        if !palette.isEmpty {
          (picture.palette, picture.palette_size) = (palette.baseAddress, CInt(palette.count / 3))
        }
        if !transparency.isEmpty {
          (picture.transparency, picture.transparency_size) = (transparency.baseAddress, CInt(transparency.count))
        }
        return file { cfixture_png_encode(&picture, pixels, $0) }
      }
    }
  }

  static func webP(_ width: Int, _ height: Int, hasAlpha: Bool, isLossless: Bool, pixels: [UInt8]? = nil) -> [UInt8] {
    let pixels = pixels ?? Self.pixels(width, height, channels: 4)
    return file { cfixture_webp_encode(pixels, CInt(width), CInt(height), hasAlpha, isLossless, $0) }
  }

  private static func file(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int) -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = encode(&bytes)
    precondition(count > 0, "no picture could be written")
    defer { free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// The smallest EXIF that tells an orientation.
  static func exif(_ orientation: UInt8, isLittle: Bool = false) -> [UInt8] {
    isLittle
      ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
      : [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  }

  /// A JPEG file with one more segment at its beginning.
  static func adding(_ marker: UInt8, _ segment: [UInt8], to jpeg: [UInt8]) -> [UInt8] {
    let length = segment.count + 2
    return jpeg[..<2] + [0xff, marker, UInt8(length >> 8), UInt8(length & 255)] + segment + jpeg[2...]
  }

  /// A PNG file with one more chunk before the first called `next`.
  static func adding(_ name: String, _ data: [UInt8], to png: [UInt8], before next: String) -> [UInt8] {
    guard let place = png.indices.first(where: { png[$0...].starts(with: next.utf8) }) else { return png }
    let body = Array(name.utf8) + data
    return png[..<(place - 4)] + bigEndian(data.count) + body + bigEndian(Int(crc(body))) + png[(place - 4)...]
  }

  static func bigEndian(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

  static func littleEndian(_ number: Int) -> [UInt8] { bigEndian(number).reversed() }

  /// The checksum of PNG's chunks.
  static func crc(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
    return ~sum
  }
}

/// What a file is decoded to.
struct Decoded {
  var outcome: ImageDecoder.Outcome
  var width: Int
  var height: Int
  var pixels: [UInt8]

  init(_ file: [UInt8], background: RGB8 = .white, decoder: ImageDecoder? = nil) throws {
    let decoder = decoder ?? ImageDecoder(background: background)
    outcome = try file.withUnsafeBytes { try decoder.decode($0, name: "file") }
    (width, height, pixels) = (decoder.pixels.width, decoder.pixels.height, Array(decoder.pixels.bytes))
  }
}

/// Why a file is refused; nil if it is decoded.
func refusal(_ file: [UInt8]) -> String? { failure { _ = try Decoded(file) }?.description }

/// Why the header of a file is refused; nil if it is taken.
func headerRefusal(_ file: [UInt8], pixelLimit: Int = ImageFormat.defaultPixelLimit) -> String? {
  failure { _ = try file.withUnsafeBytes { try ImageFormat(of: $0, name: "file", pixelLimit: pixelLimit) } }?
    .description
}
