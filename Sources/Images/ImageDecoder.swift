import FileIO
public import Pixels

/// Decodes whole pictures to RGB of 8 bits as they are looked at. One per thread; its memory serves one picture after
/// the other. What a picture becomes depends neither on those before it nor on the processor.
///
/// - JPEG by libjpeg-turbo: sequential or progressive, coded after Huffman or arithmetic, 8 bits. Accurate integer
///   transform, fancy upsampling. Four channels are inks, see below.
/// - PNG by libpng, all colour types and depths. Gamma and colour profiles are not applied, in no format.
/// - WebP by libwebp, lossy or lossless.
///
/// Grey is repeated. Of 16 bits the upper 8 stay, as in Pillow. Transparent pixels show ``background``, mixed in whole
/// numbers as by Pillow's `alpha_composite`. Inks (CMYK, and YCCK) become RGB as by Pillow's `convert("RGB")`. Then the
/// orientation is applied.
public final class ImageDecoder {
  public struct Outcome: Sendable, Equatable {
    public var format: ImageFormat
    /// Bytes after the end of the picture that were left out, as of a second one in the same file.
    public var trailingBytes = 0
    /// What a library warned of where every pixel is as it was coded, at most once.
    public var warning: String?
  }

  public let background: RGB8
  public let pixelLimit: Int
  /// The picture that was decoded last, U8 [H, W, 3].
  public let pixels = PixelBuffer()
  /// The picture before it is turned.
  private let scratch = PixelBuffer()

  /// - Parameters:
  ///   - background: what is seen through transparent pixels.
  ///   - pixelLimit: more pixels are refused, before there is memory for them.
  public init(background: RGB8 = .white, pixelLimit: Int = ImageFormat.defaultPixelLimit) {
    self.background = background
    self.pixelLimit = pixelLimit
  }

  /// Decodes a file into ``pixels``, which hold nothing if it fails.
  ///
  /// A `Failure` of kind `badInput` says that it is no picture of ours, or names the place and the reason where pixels
  /// are cut off or damaged; one of kind `system`, that there is no memory.
  public func decode(_ bytes: UnsafeRawBufferPointer, name: String) throws -> Outcome {
    try pixels.reshape(width: 0, height: 0)
    do {
      let format = try ImageFormat(of: bytes, name: name, pixelLimit: pixelLimit)
      var outcome = Outcome(format: format)
      switch format.kind {
      case .jpeg: try decodeJPEG(bytes, &outcome)
      case .png: try decodePNG(bytes, &outcome)
      case .webp: try decodeWebP(bytes, &outcome)
      }
      guard format.orientation != .upright else { return outcome }
      try pixels.orient(format.orientation, into: scratch)
      pixels.swapContents(with: scratch)
      return outcome
    } catch {
      try pixels.reshape(width: 0, height: 0)
      if let problem = error as? HeaderProblem, let kind = ImageKind(of: bytes) {
        throw problem.failure(of: kind, name: name)
      }
      guard var failure = error as? Failure else { throw error }
      failure.path = failure.path ?? name
      throw failure
    }
  }

  /// Lets `body` write the pixels of a picture of `format`, with `channels` bytes each, to memory that can hold them.
  func fill(_ format: ImageFormat, channels: Int, _ body: (UnsafeMutablePointer<UInt8>) throws -> Void) throws {
    let count = format.width * format.height
    try pixels.reshape(width: format.width, height: channels == 3 ? format.height : (format.height * 4 + 2) / 3)
    guard let base = pixels.bytes.baseAddress else { return }
    try body(base)
    guard channels == 4 else { return }
    if format.kind == .jpeg { mixInks(base, count: count) } else { flatten(base, count: count, over: background) }
    try pixels.reshape(width: format.width, height: format.height)
  }
}
