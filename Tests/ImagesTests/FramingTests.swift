import Images
import Pixels
import TestSupport
import Testing

struct FramingTests {
  static func buffer(_ width: Int, _ height: Int, _ pixels: [UInt8]) throws -> PixelBuffer {
    let buffer = PixelBuffer()
    try buffer.reshape(width: width, height: height)
    _ = buffer.bytes.update(fromContentsOf: pixels)
    return buffer
  }

  static func framed(_ picture: PixelBuffer, _ framing: ImageFraming, with framer: ImageFramer? = nil) throws -> [UInt8]
  {
    try [UInt8](unsafeUninitializedCapacity: framing.byteCount) { target, count in
      try (framer ?? ImageFramer(framing)).frame(picture, into: target)
      count = framing.byteCount
    }
  }

  /// The filters as formulas, in floating point.
  private static func value(_ filter: ResamplingFilter, _ x: Double) -> Double {
    let d = abs(x)
    func sinc(_ x: Double) -> Double { x == 0 ? 1 : Reference.sine(.pi * x) / (.pi * x) }
    return switch filter {
    case .box: x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: max(0, 1 - d)
    case .bicubic: d < 1 ? 1.5 * d * d * d - 2.5 * d * d + 1 : d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0
    case .lanczos: d < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }

  /// Every weight of every pixel of one line. No numbers, where a pixel is on the edge of the box and either side is
  /// right.
  private static func weights(_ size: Int, _ from: Double, _ part: Double, _ out: Int, _ filter: ResamplingFilter)
    -> [[Double]]
  {
    (0..<out).map { i in
      let center = from + (Double(i) + 0.5) * part / Double(out)
      let scale = max(1, part / Double(out))
      let places = (0..<size).map { (Double($0) + 0.5 - center) / scale }
      if filter == .box, places.contains(where: { abs(abs($0) - 0.5) < 1e-6 }) {
        return [Double](repeating: .nan, count: size)
      }
      let values = places.map { value(filter, $0) }
      let sum = values.reduce(0, +)
      return values.map { $0 / sum }
    }
  }

  private static func expected(_ pixels: [UInt8], _ width: Int, _ height: Int, _ framing: ImageFraming) -> [Double] {
    let shape = Double(framing.width) / Double(framing.height)
    let partWidth = min(Double(width), shape * Double(height))
    let partHeight = min(Double(height), Double(width) / shape)
    let across = weights(width, (Double(width) - partWidth) / 2, partWidth, framing.width, framing.filter)
    let down = weights(height, (Double(height) - partHeight) / 2, partHeight, framing.height, framing.filter)
    var result: [Double] = []
    var lines: [[Double]] = []
    for y in 0..<height {
      var line: [Double] = []
      for x in 0..<framing.width {
        for channel in 0..<3 {
          var sum = 0.0
          for k in 0..<width where across[x][k] != 0 {
            sum += across[x][k] * Double(pixels[(y * width + k) * 3 + channel])
          }
          // Between the two steps a value is kept in 8 bits.
          line.append(sum.isNaN ? sum : min(255, max(0, sum)))
        }
      }
      lines.append(line)
    }
    for y in 0..<framing.height {
      for x in 0..<framing.width * 3 {
        var sum = 0.0
        for k in 0..<height where down[y][k] != 0 { sum += down[y][k] * lines[k][x] }
        result.append(sum.isNaN ? sum : min(255, max(0, sum)))
      }
    }
    return result
  }

  @Test(arguments: ResamplingFilter.allCases) func isWithinOneLevelOfTheFormula(_ filter: ResamplingFilter) throws {
    for (width, height) in [(64, 48), (31, 90), (20, 20), (7, 5), (1, 1), (200, 3), (33, 37)] {
      for (outWidth, outHeight) in [(20, 20), (33, 17), (40, 64)] {
        let pixels = Pictures.pixels(width, height, channels: 3)
        let framing = ImageFraming(width: outWidth, height: outHeight, filter: filter)
        let result = try Self.framed(Self.buffer(width, height, pixels), framing)
        let exact = Self.expected(pixels, width, height, framing)
        // Rounding to 8 bits after each of the two steps adds up to less than 1.5.
        let differences = zip(result, exact).filter { !$1.isNaN }.map { abs(Double($0) - $1.rounded()) }
        #expect(differences.allSatisfy { $0 <= 1 }, "\(width) × \(height)")
      }
    }
  }

  @Test func copiesWhatHasTheSize() throws {
    let pixels = Pictures.pixels(30, 20, channels: 3)
    for fit in ImageFraming.Fit.allCases {
      let framing = ImageFraming(width: 30, height: 20, fit: fit, filter: .lanczos)
      #expect(try Self.framed(Self.buffer(30, 20, pixels), framing) == pixels)
    }
  }

  @Test func cropsTheMiddle() throws {
    let pixels = Pictures.pixels(50, 20, channels: 3)
    let result = try Self.framed(Self.buffer(50, 20, pixels), ImageFraming(width: 20, height: 20))
    var middle: [UInt8] = []
    for row in 0..<20 { middle += pixels[row * 150 + 45..<row * 150 + 105] }
    #expect(result == middle)
  }

  @Test func padsWithTheBackground() throws {
    let framing = ImageFraming(width: 20, height: 30, fit: .pad, background: RGB8(1, 2, 3))
    let result = try Self.framed(Self.buffer(40, 10, [UInt8](repeating: 200, count: 1200)), framing)
    // 20 × 5 pixels, from row 12 (12.5, to even) on.
    let around: [UInt8] = (0..<20).flatMap { _ in [1, 2, 3] as [UInt8] }
    let inside = [UInt8](repeating: 200, count: 60)
    for row in 0..<30 {
      let line = Array(result[row * 60..<(row + 1) * 60])
      #expect(line == ((12..<17).contains(row) ? inside : around))
    }
    // One pixel is seen of the narrowest.
    let thin = try Self.framed(Self.buffer(1, 1000, [UInt8](repeating: 0, count: 3000)), framing)
    #expect(thin.contains(0))
  }

  @Test func dependsOnNothingBefore() throws {
    var generator = SeededGenerator(5)
    let framing = ImageFraming(width: 48, height: 32, filter: .lanczos)
    let framer = try ImageFramer(framing)
    for seed in 0..<40 {
      let (width, height) = (Int.random(in: 1...120, using: &generator), Int.random(in: 1...120, using: &generator))
      let picture = try Self.buffer(width, height, Pictures.pixels(width, height, channels: 3, seed: UInt64(seed)))
      #expect(try Self.framed(picture, framing, with: framer) == Self.framed(picture, framing))
    }
  }

  /// The same bytes on every processor: one checksum (FNV-1a) for all.
  @Test func isTheSameEverywhere() throws {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for filter in ResamplingFilter.allCases {
      for fit in ImageFraming.Fit.allCases {
        let framing = ImageFraming(width: 75, height: 50, fit: fit, filter: filter)
        for byte in try Self.framed(Self.buffer(101, 137, Pictures.pixels(101, 137, channels: 3)), framing) {
          sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3
        }
      }
    }
    #expect(sum == 7_460_631_884_197_684_614)
  }

  @Test func refusesFramesWithoutPixels() {
    for (width, height) in [(0, 5), (5, 0), (-1, 5), (1 << 20, 1 << 20)] {
      #expect(throws: (any Error).self) { try ImageFramer(ImageFraming(width: width, height: height)) }
    }
  }
}
