import CImageFixtures
import Images
import Pixels
import Testing

/// Pictures that are cut off or damaged: an error, never a part of a picture.
struct TruncationTests {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("JPEG", Pictures.jpeg(24, 24) { ($0.columns, $0.rows) = (2, 2) }),
    ("restarts", Pictures.jpeg(24, 48) { $0.restart = 1 }),
    ("progressive JPEG", Pictures.jpeg(24, 24) { $0.is_progressive = true }),
    ("arithmetic JPEG", Pictures.jpeg(24, 24) { $0.is_arithmetic = true }),
    ("CMYK", Pictures.jpeg(16, 16, channels: 4)),
    ("PNG", Pictures.png(9, 9, bits: 8, colour: 2, pixels: Pictures.pixels(9, 9, channels: 3))),
    (
      "interlaced PNG",
      Pictures.png(9, 9, bits: 8, colour: 6, pixels: Pictures.pixels(9, 9, channels: 4), isInterlaced: true)
    ), ("lossless WebP", Pictures.webP(12, 12, hasAlpha: true, isLossless: true)),
    ("lossy WebP", Pictures.webP(24, 24, hasAlpha: true, isLossless: false)),
    ("plain WebP", Pictures.webP(24, 24, hasAlpha: false, isLossless: false)),
  ]

  @Test(arguments: files.indices) func refusesEveryTruncation(_ i: Int) throws {
    let (name, file) = Self.files[i]
    let decoder = ImageDecoder()
    let whole = try Decoded(file, decoder: decoder)
    for count in 0..<file.count {
      let cut = Array(file[..<count])
      #expect(refusal(cut)?.isEmpty == false, "\(name) cut to \(count) of \(file.count) bytes")
      #expect(throws: (any Error).self) { try Decoded(cut, decoder: decoder) }
      #expect(decoder.pixels.width == 0)
    }
    // Nothing stays of those.
    #expect(try Decoded(file, decoder: decoder).pixels == whole.pixels)
  }

  @Test(arguments: files.indices) func tellsWhatFollows(_ i: Int) throws {
    let file = Self.files[i].bytes
    let more = try Decoded(file + [1, 2, 3, 4, 5])
    #expect(more.outcome.trailingBytes == 5)
    #expect(try Decoded(file).outcome.trailingBytes == 0)
    #expect(try more.pixels == Decoded(file).pixels)
  }

  /// With its last marker, so that only the pixels are missing.
  @Test func refusesJPEGThatEndsEarly() throws {
    for (name, file) in Self.files[..<3] {
      let scan = try #require(file.indices.dropLast().last { file[$0] == 0xff && file[$0 + 1] == 0xda })
      for count in stride(from: scan + 20, to: file.count - 12, by: 7) where file[count - 1] != 0xff {
        let reason = refusal(file[..<count] + [0xff, 0xd9])
        #expect(reason?.contains("JPEG, damaged") == true && reason?.contains("near byte") == true, "\(name): \(count)")
      }
    }
  }

  @Test func refusesProgressiveJPEGWithoutColour() throws {
    let file = Pictures.jpeg(24, 24) { $0.is_progressive = true }
    let scans = file.indices.dropLast().filter { file[$0] == 0xff && file[$0 + 1] == 0xda }
    #expect(scans.count > 5)
    // Of the first scan, that it is of one channel: nothing holds the others.
    let grey = Pictures.jpeg(24, 24, channels: 1) { $0.is_progressive = true }
    let first = try #require(grey.indices.dropLast().first { grey[$0] == 0xff && grey[$0 + 1] == 0xda })
    let joined = file[..<scans[0]] + grey[first...]
    #expect(refusal(Array(joined)) != nil)
  }

  @Test func refusesDamagedPNG() throws {
    let file = Self.files[5].bytes
    let pixels = try #require(file.indices.first { file[$0...].starts(with: "IDAT".utf8) })
    for place in pixels + 4..<file.count - 12 {
      var damaged = file
      damaged[place] ^= 0x10
      #expect(refusal(damaged)?.contains("PNG, damaged") == true, "byte \(place)")
    }
  }
}
