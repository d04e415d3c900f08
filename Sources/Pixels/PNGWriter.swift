import CPNG
import FileIO

/// Writes PNG. The same pixels give the same bytes, as long as zlib is the same.
public enum PNGWriter {
  /// The file of a picture, U8 [height, width, 3]. Throws a `Failure` of kind `system` where there is no memory.
  public static func encode(_ pixels: UnsafeBufferPointer<UInt8>, width: Int, height: Int) throws -> [UInt8] {
    let sides = 1...0x7fff_ffff
    precondition(sides.contains(width) && sides.contains(height) && pixels.count >= width * height * 3)
    var file: [UInt8] = []
    let isWritten = withUnsafeMutablePointer(to: &file) { file in
      cpng_encode(
        pixels.baseAddress, UInt32(width), UInt32(height),
        { context, bytes, count in
          context?.assumingMemoryBound(to: [UInt8].self).pointee
            .append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
          return true
        }, file)
    }
    guard isWritten else { throw Failure(.system, "no memory to write a PNG of \(width) × \(height) pixels") }
    return file
  }
}
