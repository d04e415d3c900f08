public import Kernels

/// From the pixels of a picture, the plane ``plane``, to the patches that the encoder of images sees (van den Oord et al.
/// 2018, §3.2).
///
/// A square is cut out of the picture at random and turned left to right with probability ½; its pixels become grey, or
/// stay as they are, and (value − mean) / deviation. Of each patch of its grid a square of 60/64 of its side is taken at
/// random, and put into the middle of zeros, which are the mean: so a patch does not tell by its edge where it lies.
/// Held out, the square is the picture's middle, as it is, and that of each patch its middle.
public struct ImageTransform: InputTransform, Equatable {
  /// U8 [height, width, 3].
  public static let plane = "pixels"

  public let height: Int
  public let width: Int
  public let crop: Int
  public let patch: Int
  public let stride: Int
  public let colour: ImageColour
  /// Of the values, 0 to 255, of the training pictures.
  public let mean: Float
  public let deviation: Float

  public init(_ shape: ImageModelShape, height: Int, width: Int, mean: Float, deviation: Float) {
    precondition(shape.crop <= min(height, width) && deviation > 0)
    (self.height, self.width, crop, patch, stride) = (height, width, shape.crop, shape.patch, shape.stride)
    (colour, self.mean, self.deviation) = (shape.colour, mean, deviation)
  }

  private var grid: Int { (crop - patch) / stride + 1 }
  /// What is taken of a patch's side, and how many places it may come from.
  private var kept: Int { Self.kept(of: patch) }
  static func kept(of patch: Int) -> Int { patch * 60 / 64 }

  public func apply(_ payload: Payload, _ random: RandomStream?, to output: UnsafeMutableBufferPointer<Float>) {
    let pixels = payload.elements(Self.plane, as: UInt8.self)
    precondition(pixels.count == height * width * 3)
    precondition(output.count == grid * grid * patch * patch * colour.channels)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: crop * crop * colour.channels) { square in
      take(pixels.baseAddress!, random, to: square.baseAddress!)
      cut(square.baseAddress!, random, to: output.baseAddress!)
    }
  }

  /// A place in 0...most, the middle if nothing is left to chance.
  private func place(_ random: RandomStream?, _ number: Int, most: Int) -> Int {
    random.map { $0.integer(UInt64(number), below: most + 1) } ?? most / 2
  }

  /// Where the square begins in the picture, and whether it is turned: numbers 0, 1 and 2 of chance.
  public func square(_ random: RandomStream?) -> (row: Int, column: Int, isTurned: Bool) {
    (
      place(random, 0, most: height - crop), place(random, 1, most: width - crop),
      random.map { $0.integer(2, below: 2) == 1 } ?? false
    )
  }

  /// Where in patch `number` the part begins that is taken: numbers from 3 of chance, two for each patch.
  public func part(_ random: RandomStream?, ofPatch number: Int) -> (row: Int, column: Int) {
    let most = patch - kept
    return (
      place(random, 3 + 2 * number, most: most), place(random, 4 + 2 * number, most: most)
    )
  }

  /// The square as the numbers that the encoder sees, [crop, crop, channels].
  private func take(
    _ pixels: UnsafePointer<UInt8>, _ random: RandomStream?, to square: UnsafeMutablePointer<Float>
  ) {
    let (top, left, isTurned) = self.square(random)
    let factor = 1 / deviation
    let channels = colour.channels
    for row in 0..<crop {
      let source = pixels + 3 * ((top + row) * width + left)
      let target = square + row * crop * channels
      // The grey values of Pillow, to the bit: 19595, 38470 and 7471 are 0.299, 0.587 and 0.114 of 2¹⁶.
      switch (colour, isTurned) {
      case (.grey, false):
        for i in 0..<crop { target[i] = (Self.luma(source + 3 * i) - mean) * factor }
      case (.grey, true):
        for i in 0..<crop { target[i] = (Self.luma(source + 3 * (crop - 1 - i)) - mean) * factor }
      case (.rgb, false):
        for i in 0..<3 * crop { target[i] = (Float(source[i]) - mean) * factor }
      case (.rgb, true):
        for i in 0..<crop {
          let pixel = source + 3 * (crop - 1 - i)
          for c in 0..<3 { target[3 * i + c] = (Float(pixel[c]) - mean) * factor }
        }
      }
    }
  }

  @inline(__always)
  static func lumaValue(_ pixel: UnsafePointer<UInt8>) -> Int32 {
    (Int32(pixel[0]) &* 19595 &+ Int32(pixel[1]) &* 38470 &+ Int32(pixel[2]) &* 7471 &+ 0x8000) >> 16
  }

  @inline(__always)
  private static func luma(_ pixel: UnsafePointer<UInt8>) -> Float { Float(lumaValue(pixel)) }

  /// The patches of a square, each with its part in the middle of zeros.
  private func cut(_ square: UnsafePointer<Float>, _ random: RandomStream?, to output: UnsafeMutablePointer<Float>) {
    let channels = colour.channels
    let line = patch * channels
    let (border, length) = ((patch - kept) / 2, kept * channels)
    output.update(repeating: 0, count: grid * grid * patch * line)
    for number in 0..<grid * grid {
      let part = part(random, ofPatch: number)
      let (top, left) = (number / grid * stride + part.row, number % grid * stride + part.column)
      let first = output + (number * patch + border) * line + border * channels
      for row in 0..<kept {
        (first + row * line).update(from: square + ((top + row) * crop + left) * channels, count: length)
      }
    }
  }
}
