import FileIO
import Glibc

/// A picture in memory, U8 [height, width, 3] without gaps, whose memory serves one picture after the other.
public final class PixelBuffer {
  public private(set) var width = 0
  public private(set) var height = 0
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  public init() {}

  deinit { free(memory.baseAddress) }

  /// Red, green and blue of the first pixel come first.
  public var bytes: UnsafeMutableBufferPointer<UInt8> {
    UnsafeMutableBufferPointer(rebasing: memory.bindMemory(to: UInt8.self)[..<(width * height * 3)])
  }

  /// Makes it a picture of that size; what its pixels are is undefined. Throws a `Failure` of kind `system` where there
  /// is no memory.
  public func reshape(width: Int, height: Int) throws {
    (self.width, self.height) = (0, 0)
    let pixels = width.multipliedReportingOverflow(by: height)
    guard width >= 0, height >= 0, !pixels.overflow, pixels.partialValue < 1 << 56 else {
      throw Failure(.system, "no memory for \(width) × \(height) pixels")
    }
    try reserve(pixels.partialValue * 3)
    (self.width, self.height) = (width, height)
  }

  /// Room for at least `count` bytes and the few after them that fast loops read.
  private func reserve(_ count: Int) throws {
    let needed = count + 32
    guard memory.count < needed else { return }
    free(memory.baseAddress)
    memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    guard let base = malloc(needed) else { throw Failure(.system, "no memory for \(count) bytes of pixels") }
    memset(base + count, 0, 32)
    memory = UnsafeMutableRawBufferPointer(start: base, count: needed)
  }

  package func swapContents(with other: PixelBuffer) {
    swap(&memory, &other.memory)
    swap(&width, &other.width)
    swap(&height, &other.height)
  }
}
