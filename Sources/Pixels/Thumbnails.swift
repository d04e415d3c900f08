/// Makes small pictures of those of one size.
public final class Thumbnails {
  /// Of the small ones.
  public let framing: ImageFraming
  private let framer: ImageFramer
  private let picture = PixelBuffer()

  /// - Parameters:
  ///   - width: of the pictures, as `height`, in pixels.
  ///   - longer: the longer side of the small ones.
  public init(width: Int, height: Int, longer: Int) throws {
    let most = max(width, height)
    func side(_ pixels: Int) -> Int { max(1, (pixels * longer + most / 2) / most) }
    framing = ImageFraming(width: side(width), height: side(height))
    framer = try ImageFramer(framing)
    try picture.reshape(width: width, height: height)
  }

  /// - Parameter pixels: U8 [height, width, 3].
  /// - Returns: the same of the small picture.
  public func make(_ pixels: UnsafeRawBufferPointer) throws -> [UInt8] {
    UnsafeMutableRawBufferPointer(picture.bytes).copyMemory(from: pixels)
    var small = [UInt8](repeating: 0, count: framing.byteCount)
    try small.withUnsafeMutableBufferPointer { try framer.frame(picture, into: $0) }
    return small
  }
}
