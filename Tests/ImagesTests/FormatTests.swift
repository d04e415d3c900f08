import CImageFixtures
import Images
import Pixels
import Testing

/// What is told, or refused, from the header.
struct FormatTests {
  private static let png = Pictures.png(3, 2, bits: 8, colour: 2, pixels: Pictures.pixels(3, 2, channels: 3))

  private func format(_ file: [UInt8]) throws -> ImageFormat {
    try file.withUnsafeBytes { try ImageFormat(of: $0, name: "file") }
  }

  @Test func tellsWhatAPictureIs() throws {
    let jpeg = try format(Pictures.jpeg(20, 10) { $0.is_progressive = true })
    #expect((jpeg.kind, jpeg.width, jpeg.height) == (.jpeg, 20, 10))
    #expect((jpeg.channels, jpeg.bits, jpeg.traits) == (3, 8, ["progressive"]))
    let png = try format(
      Pictures.png(
        5, 2, bits: 4, colour: 3, pixels: [0, 0, 0, 0, 0, 0], isInterlaced: true, palette: [1, 2, 3], transparency: [7])
    )
    #expect((png.kind, png.width, png.height) == (.png, 5, 2))
    #expect((png.channels, png.bits, png.hasAlpha, png.traits) == (1, 4, true, ["palette", "interlaced"]))
    let webP = try format(Pictures.webP(6, 4, hasAlpha: true, isLossless: true))
    #expect((webP.kind, webP.width, webP.height) == (.webp, 6, 4))
    #expect((webP.channels, webP.hasAlpha, webP.traits) == (4, true, ["lossless"]))
  }

  @Test(arguments: 1...8) func readsOrientationOfEveryContainer(_ value: Int) throws {
    let number = UInt8(value)
    let jpeg = Pictures.jpeg(8, 4)
    let webP = Pictures.webP(8, 4, hasAlpha: false, isLossless: true)
    let xmp = Array("<x tiff:Orientation=\"\(value)\"/>".utf8)
    let element = Array("<tiff:Orientation>\(value)</tiff:Orientation>".utf8)
    func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
      // The features of an extended file: EXIF 8, XMP 4.
      let features: [UInt8] = Array("VP8X".utf8) + [10, 0, 0, 0, name == "EXIF" ? 8 : 4, 0, 0, 0, 7, 0, 0, 3, 0, 0]
      let more = Array(name.utf8) + Pictures.littleEndian(data.count) + data + (data.count % 2 == 1 ? [0] : [])
      let size = Pictures.littleEndian(webP.count - 8 + features.count + more.count)
      return Array("RIFF".utf8) + size + Array("WEBP".utf8) + features + webP[12...] + more
    }
    let exif = Array("Exif\0\0".utf8)
    let files = [
      Pictures.adding(0xe1, exif + Pictures.exif(number), to: jpeg),
      Pictures.adding(0xe1, exif + Pictures.exif(number, isLittle: true), to: jpeg),
      Pictures.adding(0xe1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + xmp, to: jpeg),
      Pictures.adding("eXIf", Pictures.exif(number), to: Self.png, before: "IDAT"),
      Pictures.adding("eXIf", Pictures.exif(number), to: Self.png, before: "IEND"),
      Pictures.adding("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + element, to: Self.png, before: "IDAT"),
      chunk("EXIF", Pictures.exif(number)), chunk("EXIF", exif + Pictures.exif(number)), chunk("XMP ", xmp),
    ]
    for (i, file) in files.enumerated() {
      let format = try format(file)
      #expect(format.orientation.rawValue == value, "file \(i)")
      #expect((format.orientedWidth > format.orientedHeight) == (value < 5))
      #expect(try Decoded(file).width == format.orientedWidth, "file \(i)")
    }
  }

  @Test func takesNoOrientationThatIsNone() throws {
    let jpeg = Pictures.jpeg(8, 4)
    for exif in [
      Pictures.exif(0), Pictures.exif(9), Array(Pictures.exif(6).prefix(15)), [],
      [0x4d, 0x4d, 0, 42, 255, 255, 255, 255],
    ] {
      let file = Pictures.adding(0xe1, Array("Exif\0\0".utf8) + exif, to: jpeg)
      #expect(try format(file).orientation == .upright)
    }
  }

  @Test func refusesOthersByName() {
    let names: [(String, [UInt8])] = [
      ("empty", []), ("GIF,", Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0]),
      ("BMP,", Array("BM".utf8) + [UInt8](repeating: 0, count: 52)),
      ("TIFF,", [0x49, 0x49, 42, 0, 8, 0, 0, 0]), ("TIFF,", [0x4d, 0x4d, 0, 42, 0, 0, 0, 8]),
      ("HEIC,", [0, 0, 0, 24] + Array("ftypheic".utf8)), ("AVIF,", [0, 0, 0, 24] + Array("ftypavif".utf8)),
      ("JPEG XL,", [0xff, 0x0a, 1]), ("JPEG XL,", [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 13, 10, 0x87, 10]),
      ("JPEG 2000,", [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 13, 10, 0x87, 10]),
      ("JPEG 2000,", [0xff, 0x4f, 0xff, 0x51]),
      ("PSD,", Array("8BPS".utf8) + [0, 1]), ("ICO,", [0, 0, 1, 0, 1, 0]),
      ("SVG,", Array("<?xml version='1.0'?>\n<svg>".utf8)),
      ("HTML,", Array("\n<!DOCTYPE html><html>Not found".utf8)), ("text,", Array("404: not found\n".utf8)),
      ("zeros,", [UInt8](repeating: 0, count: 64)), ("neither JPEG", [200, 1, 2, 3]), ("PDF,", Array("%PDF-1.4".utf8)),
      ("PNG, damaged", [0x89, 0x50, 0x4e, 0x47, 10, 26, 10]), ("RIFF, but", Array("RIFF\0\0\0\0WAVE".utf8)),
    ]
    for (name, file) in names {
      let refusal = headerRefusal(file) ?? "taken"
      #expect(refusal.contains(name), "\(refusal)")
    }
  }

  @Test func refusesKindsOfJPEGByName() throws {
    let jpeg = Pictures.jpeg(16, 16)
    let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xc0 })
    let changes: [(String, Int, UInt8)] = [
      ("lossless", 1, 0xc3), ("lossless", 1, 0xcb), ("hierarchical", 1, 0xc5), ("12 bits", 4, 12), ("2 channels", 9, 2),
    ]
    for (name, place, value) in changes {
      var changed = jpeg
      changed[frame + place] = value
      #expect(headerRefusal(changed)?.contains(name) == true)
    }
    var changed = jpeg
    (changed[frame + 5], changed[frame + 6]) = (0, 0)
    #expect(headerRefusal(changed)?.contains("DNL") == true)
  }

  @Test func refusesAnimation() throws {
    let frame = [UInt8](repeating: 0, count: 26)
    func animated(_ count: Int, withDefault: Bool) -> [UInt8] {
      let counted = Pictures.adding(
        "acTL", Pictures.bigEndian(count) + Pictures.bigEndian(0), to: Self.png, before: "IDAT")
      return withDefault ? Pictures.adding("fcTL", frame, to: counted, before: "IDAT") : counted
    }
    #expect(headerRefusal(animated(2, withDefault: true))?.contains("animated PNG") == true)
    // The one that shows without animation, and one more.
    #expect(headerRefusal(animated(1, withDefault: false))?.contains("animated PNG") == true)
    #expect(try Decoded(animated(1, withDefault: true)).pixels == Decoded(Self.png).pixels)
    let features: [UInt8] = Array("VP8X".utf8) + [10, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 3, 0, 0]
    let animation = Array("ANIM".utf8) + [6, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let body = Array("WEBP".utf8) + features + animation
    let webP = Array("RIFF".utf8) + Pictures.littleEndian(body.count) + body
    #expect(headerRefusal(webP)?.contains("animated WebP") == true)
  }
}
