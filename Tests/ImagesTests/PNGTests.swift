import Images
import Pixels
import Testing

struct PNGTests {
  @Test(arguments: [false, true]) func keepsEveryPixel(_ isInterlaced: Bool) throws {
    let rgb = Pictures.pixels(13, 11, channels: 3)
    let file = Pictures.png(13, 11, bits: 8, colour: 2, pixels: rgb, isInterlaced: isInterlaced)
    #expect(try Decoded(file).pixels == rgb)
    let grey = Pictures.pixels(13, 11, channels: 1)
    let greyFile = Pictures.png(13, 11, bits: 8, colour: 0, pixels: grey, isInterlaced: isInterlaced)
    #expect(try Decoded(greyFile).pixels == grey.flatMap { [$0, $0, $0] })
  }

  @Test func widensFewBits() throws {
    // Two rows of three pixels.
    let bilevel = try Decoded(Pictures.png(3, 2, bits: 1, colour: 0, pixels: [0b1010_0000, 0b0100_0000]))
    #expect(bilevel.pixels == [255, 0, 255, 0, 255, 0].flatMap { [$0, $0, $0] })
    let nibbles = try Decoded(Pictures.png(3, 2, bits: 4, colour: 0, pixels: [0x0f, 0x80, 0x12, 0x30]))
    #expect(nibbles.pixels == [0, 255, 136, 17, 34, 51].flatMap { [$0, $0, $0] })
  }

  @Test func takesTheUpperEightOfSixteenBits() throws {
    let pixels: [UInt8] = [0x00, 0xff, 0x7f, 0xff, 0x80, 0x00, 0xfe, 0xff, 0xff, 0xff, 0x01, 0x80]
    let upper = stride(from: 0, to: pixels.count, by: 2).map { pixels[$0] }
    #expect(try Decoded(Pictures.png(2, 1, bits: 16, colour: 2, pixels: pixels)).pixels == upper)
    #expect(
      try Decoded(Pictures.png(6, 1, bits: 16, colour: 0, pixels: pixels)).pixels == upper.flatMap { [$0, $0, $0] })
  }

  @Test func looksUpPaletteAndTransparency() throws {
    let palette: [UInt8] = [10, 20, 30, 40, 50, 60, 70, 80, 90]
    let indices: [UInt8] = [0, 1, 2]
    let plain = try Decoded(Pictures.png(3, 1, bits: 8, colour: 3, pixels: indices, palette: palette))
    #expect(plain.pixels == palette && !plain.outcome.format.hasAlpha)
    let file = Pictures.png(3, 1, bits: 8, colour: 3, pixels: indices, palette: palette, transparency: [0, 128])
    let seen = try Decoded(file, background: RGB8(200, 0, 100))
    #expect(seen.pixels == [200, 0, 100, 120, 25, 80, 70, 80, 90])
  }

  @Test func putsAlphaOverTheBackground() throws {
    var pixels: [UInt8] = []
    for alpha in 0...255 { pixels += [0, 255, 77, UInt8(alpha)] }
    let decoded = try Decoded(Pictures.png(256, 1, bits: 8, colour: 6, pixels: pixels), background: RGB8(9, 99, 199))
    for alpha in 0...255 {
      for (i, (front, back)) in [(0, 9), (255, 99), (77, 199)].enumerated() {
        let exact = Double(front * alpha + back * (255 - alpha)) / 255
        #expect(Int(decoded.pixels[3 * alpha + i]) == Int(exact.rounded()))
      }
    }
    let grey = try Decoded(Pictures.png(2, 1, bits: 8, colour: 4, pixels: [50, 255, 50, 0]))
    #expect(grey.pixels == [50, 50, 50, 255, 255, 255])
  }

  @Test func hidesTheTransparentColour() throws {
    let pixels: [UInt8] = [1, 2, 3, 1, 2, 4]
    let file = Pictures.png(2, 1, bits: 8, colour: 2, pixels: pixels, transparency: [0, 1, 0, 2, 0, 3])
    #expect(try Decoded(file).pixels == [255, 255, 255, 1, 2, 4])
    // All sixteen bits must be the same.
    let deep = Pictures.png(2, 1, bits: 16, colour: 0, pixels: [5, 1, 5, 2], transparency: [5, 2])
    #expect(try Decoded(deep).pixels == [5, 5, 5, 255, 255, 255])
  }

  @Test func writesWhatItReads() throws {
    let pixels = Pictures.pixels(61, 40, channels: 3)
    let files = try (0..<2).map { _ in
      try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: 61, height: 40) }
    }
    #expect(files[0] == files[1])
    let decoded = try Decoded(files[0])
    #expect((decoded.width, decoded.height) == (61, 40))
    #expect(decoded.pixels == pixels)
  }
}
