import CImageFixtures
import Images
import Pixels
import Testing

struct JPEGTests {
  @Test func decodesAsTheLibraryDoes() throws {
    for (columns, rows) in [(1, 1), (2, 1), (2, 2), (1, 2)] {
      for isProgressive in [false, true] {
        for isArithmetic in [false, true] {
          let file = Pictures.jpeg(45, 37) {
            ($0.columns, $0.rows) = (CInt(columns), CInt(rows))
            ($0.is_progressive, $0.is_arithmetic) = (isProgressive, isArithmetic)
          }
          var expected = [UInt8](repeating: 0, count: 45 * 37 * 3)
          #expect(cfixture_jpeg_decode(file, file.count, &expected))
          let decoded = try Decoded(file)
          #expect(decoded.pixels == expected)
          #expect(
            decoded.outcome.format.traits == (isProgressive ? ["progressive"] : [])
              + (isArithmetic ? ["arithmetic"] : []))
        }
      }
    }
  }

  @Test func keepsColours() throws {
    let original = Pictures.pixels(40, 30, channels: 3)
    let decoded = try Decoded(Pictures.jpeg(40, 30, pixels: original) { $0.quality = 100 })
    #expect(zip(decoded.pixels, original).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
  }

  @Test func repeatsGrey() throws {
    let original = Pictures.pixels(40, 30, channels: 1)
    let decoded = try Decoded(Pictures.jpeg(40, 30, channels: 1, pixels: original) { $0.quality = 100 })
    #expect(decoded.outcome.format.channels == 1)
    for i in original.indices {
      #expect(abs(Int(decoded.pixels[3 * i]) - Int(original[i])) <= 2)
      #expect(decoded.pixels[3 * i] == decoded.pixels[3 * i + 1] && decoded.pixels[3 * i] == decoded.pixels[3 * i + 2])
    }
  }

  @Test(arguments: [false, true]) func mixesInks(_ isYCCK: Bool) throws {
    // No ink is 255.
    let inks: [[UInt8]] = [[255, 255, 255, 255], [0, 255, 255, 255], [255, 255, 255, 0], [128, 64, 32, 200]]
    let colours: [[Int]] = [[255, 255, 255], [0, 255, 255], [0, 0, 0], [100, 50, 25]]
    for (ink, colour) in zip(inks, colours) {
      let pixels = (0..<64).flatMap { _ in ink }
      let file = Pictures.jpeg(8, 8, channels: 4, pixels: pixels) {
        $0.quality = 100
        $0.is_ycck = isYCCK
      }
      let decoded = try Decoded(file)
      #expect(decoded.outcome.format.channels == 4)
      for i in 0..<3 { #expect(abs(Int(decoded.pixels[i]) - colour[i]) <= 3) }
    }
  }

  /// As cameras that record films leave them out, and other libraries take those of the picture before.
  @Test func lendsNoTables() throws {
    let strange = Pictures.jpeg(32, 32) { $0.is_progressive = true }
    let plain = Pictures.jpeg(32, 32)
    var bare: [UInt8] = Array(plain[..<2])
    var place = 2
    while plain[place + 1] != 0xda {
      let length = 2 + Int(plain[place + 2]) << 8 + Int(plain[place + 3])
      if plain[place + 1] != 0xc4 { bare += plain[place..<place + length] }
      place += length
    }
    bare += plain[place...]
    let decoder = ImageDecoder()
    _ = try Decoded(strange, decoder: decoder)
    #expect(try Decoded(bare, decoder: decoder).pixels == Decoded(plain).pixels)
  }

  @Test func tellsWarnings() throws {
    let file = Pictures.jpeg(16, 16)
    // Behind the first segment.
    let decoded = try Decoded(file[..<20] + [0] + file[20...])
    #expect(decoded.outcome.warning?.contains("1 extraneous bytes") == true)
    #expect(try decoded.pixels == Decoded(file).pixels)
  }
}
