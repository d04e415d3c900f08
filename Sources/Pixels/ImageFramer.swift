import FileIO

/// Makes records of pictures: U8 [H, W, 3]. One per thread; its memory serves one picture after the other.
public final class ImageFramer {
  public let framing: ImageFraming
  private let resampler = PixelResampler()
  private let resized = PixelBuffer()

  /// Throws a `Failure` of kind `usage` for a frame without pixels or of more than 2^28.
  public init(_ framing: ImageFraming) throws {
    let sides = 1...(1 << 20)
    guard sides.contains(framing.width), sides.contains(framing.height), framing.width * framing.height <= 1 << 28
    else {
      throw Failure(.usage, "a frame of \(framing.width) × \(framing.height) pixels")
    }
    self.framing = framing
  }

  /// Writes a record to `target`, which has room for ``ImageFraming/byteCount`` bytes. Throws a `Failure` where the
  /// picture has no pixels, or there is no memory.
  public func frame(_ picture: PixelBuffer, into target: UnsafeMutableBufferPointer<UInt8>) throws {
    precondition(target.count >= framing.byteCount, "no room for a framed picture")
    guard picture.width > 0, picture.height > 0, let base = target.baseAddress else {
      throw Failure(.badInput, "a picture without pixels")
    }
    switch framing.fit {
    case .crop:
      let part = framing.crop(width: picture.width, height: picture.height)
      try resampler.resample(
        picture, x: part.x, y: part.y, filter: framing.filter, width: framing.width, height: framing.height, into: base)
    case .pad: try pad(picture, base)
    }
  }

  private func pad(_ picture: PixelBuffer, _ target: UnsafeMutablePointer<UInt8>) throws {
    let size = framing.contained(width: picture.width, height: picture.height)
    try resized.reshape(width: size.width, height: size.height)
    guard let from = resized.bytes.baseAddress else { return }
    try resampler.resample(
      picture, x: 0..<Float(picture.width), y: 0..<Float(picture.height), filter: framing.filter, width: size.width,
      height: size.height, into: from)
    for i in 0..<framing.width * framing.height {
      target[3 * i] = framing.background.red
      target[3 * i + 1] = framing.background.green
      target[3 * i + 2] = framing.background.blue
    }
    let left = Int((Double(framing.width - size.width) / 2).rounded(.toNearestOrEven))
    let top = Int((Double(framing.height - size.height) / 2).rounded(.toNearestOrEven))
    for row in 0..<size.height {
      (target + ((top + row) * framing.width + left) * 3).update(
        from: from + row * size.width * 3, count: size.width * 3)
    }
  }
}
