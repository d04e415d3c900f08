import CImageFixtures
import Images
import Pixels
import Testing

/// Files that ask for more than they can be worth.
struct BombTests {
  @Test func refusesTooManyPixels() throws {
    let files = [
      Pictures.jpeg(20, 10), Pictures.png(20, 10, bits: 8, colour: 2, pixels: Pictures.pixels(20, 10, channels: 3)),
      Pictures.webP(20, 10, hasAlpha: false, isLossless: true),
    ]
    for file in files {
      #expect(
        headerRefusal(file, pixelLimit: 199)?.contains("20 × 10 pixels: one picture may have 199 at most") == true)
      #expect(headerRefusal(file, pixelLimit: 200) == nil)
      let decoder = ImageDecoder(pixelLimit: 199)
      #expect(throws: (any Error).self) { try Decoded(file, decoder: decoder) }
    }
  }

  @Test func refusesMorePixelsThanBytesCanHold() throws {
    var jpeg = Pictures.jpeg(16, 16)
    let frame = try #require(jpeg.indices.first { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xc0 })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0x30, 0, 0x30, 0])
    #expect(refusal(jpeg)?.contains("cannot hold 12288 × 12288 pixels") == true)
    let png = Pictures.png(8, 8, bits: 8, colour: 2, pixels: Pictures.pixels(8, 8, channels: 3))
    let header = Array("IHDR".utf8) + Pictures.bigEndian(12288) + Pictures.bigEndian(12288) + png[24..<29]
    let large = png[..<12] + header + Pictures.bigEndian(Int(Pictures.crc(header))) + png[33...]
    #expect(refusal(Array(large))?.contains("cannot hold 12288 × 12288 pixels") == true)
    for side in [0, 0x8000_0000] {
      let header = Array("IHDR".utf8) + Pictures.bigEndian(side) + Pictures.bigEndian(1) + png[24..<29]
      #expect(refusal(png[..<12] + header + Pictures.bigEndian(Int(Pictures.crc(header))) + png[33...]) != nil)
    }
  }

  @Test func refusesTooManyScans() throws {
    let jpeg = Pictures.jpeg(64, 64, channels: 1) { $0.is_progressive = true }
    let scans = jpeg.indices.dropLast().filter { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xda }
    let last = try #require(scans.last)
    let scan = jpeg[last..<jpeg.count - 2]
    let many = jpeg[..<(jpeg.count - 2)] + (0..<300).flatMap { _ in scan } + [0xff, 0xd9]
    #expect(refusal(Array(many))?.contains("more than 200 scans") == true)
  }

  @Test func leavesPackedWhatIsNotPixels() throws {
    let pixels = Pictures.pixels(8, 8, channels: 3)
    var png = Pictures.png(8, 8, bits: 8, colour: 2, pixels: pixels)
    // None of these could be unpacked.
    for name in ["iCCP", "zTXt", "iTXt", "tEXt"] {
      png = Pictures.adding(
        name, Array("a\0\0".utf8) + [UInt8](repeating: 0x78, count: 1 << 16), to: png, before: "IDAT")
    }
    #expect(try Decoded(png).pixels == pixels)
  }
}
