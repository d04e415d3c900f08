import Images
import Pixels
import Testing

struct WebPTests {
  @Test func keepsEveryPixelOfLossless() throws {
    let rgba = Pictures.pixels(13, 11, channels: 4)
    let opaque = try Decoded(Pictures.webP(13, 11, hasAlpha: false, isLossless: true, pixels: rgba))
    #expect(opaque.pixels == rgba.indices.filter { $0 % 4 != 3 }.map { rgba[$0] })
    let seen = try Decoded(Pictures.webP(13, 11, hasAlpha: true, isLossless: true, pixels: rgba), background: .black)
    for i in 0..<13 * 11 * 3 {
      let (colour, alpha) = (Double(rgba[i / 3 * 4 + i % 3]), Double(rgba[i / 3 * 4 + 3]))
      #expect(Int(seen.pixels[i]) == Int((colour * alpha / 255).rounded()))
    }
  }

  @Test func keepsColoursOfLossy() throws {
    let rgba = (0..<32 * 32).flatMap { _ -> [UInt8] in [200, 100, 50, 255] }
    let decoded = try Decoded(Pictures.webP(32, 32, hasAlpha: false, isLossless: false, pixels: rgba))
    #expect((decoded.width, decoded.height) == (32, 32))
    for i in decoded.pixels.indices { #expect(abs(Int(decoded.pixels[i]) - [200, 100, 50][i % 3]) <= 6) }
  }
}
