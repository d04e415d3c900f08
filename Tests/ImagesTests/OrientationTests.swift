import Images
import Pixels
import Testing

struct OrientationTests {
  /// Of EXIF: where the first row and the first column of what is stored are seen.
  @Test func turnsAsEXIFSays() throws {
    // A B C
    // D E F
    let letters: [Int: [String]] = [
      1: ["ABC", "DEF"], 2: ["CBA", "FED"], 3: ["FED", "CBA"], 4: ["DEF", "ABC"], 5: ["AD", "BE", "CF"],
      6: ["DA", "EB", "FC"], 7: ["FC", "EB", "DA"], 8: ["CF", "BE", "AD"],
    ]
    let png = Pictures.png(3, 2, bits: 8, colour: 0, pixels: Array("ABCDEF".utf8))
    for (value, rows) in letters {
      let file = Pictures.adding("eXIf", Pictures.exif(UInt8(value)), to: png, before: "IDAT")
      let decoded = try Decoded(file)
      #expect((decoded.width, decoded.height) == (rows[0].utf8.count, rows.count))
      #expect(decoded.pixels == rows.joined().utf8.flatMap { [$0, $0, $0] }, "orientation \(value)")
    }
  }

  /// Turned back by the other orientation, every pixel is at its place; larger than the squares that turning goes by.
  @Test func turnsLargePictures() throws {
    let pixels = Pictures.pixels(83, 45, channels: 3)
    for (there, back) in [(2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6)] {
      let png = Pictures.png(83, 45, bits: 8, colour: 2, pixels: pixels)
      let turned = try Decoded(Pictures.adding("eXIf", Pictures.exif(UInt8(there)), to: png, before: "IDAT"))
      let again = Pictures.png(turned.width, turned.height, bits: 8, colour: 2, pixels: turned.pixels)
      let decoded = try Decoded(Pictures.adding("eXIf", Pictures.exif(UInt8(back)), to: again, before: "IDAT"))
      #expect(decoded.width == 83 && decoded.pixels == pixels)
    }
  }
}
