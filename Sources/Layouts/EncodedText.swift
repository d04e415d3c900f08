package import Archives
package import FileIO

extension EncodedFile {
  /// What it holds, unpacked if it is compressed, front to back.
  package func text() throws -> any ByteSource {
    try naming {
      let isCompressed = CompressedText.isCompressed(try head(8))
      switch storage {
      case .bytes(let bytes):
        return isCompressed ? try CompressedText(bytes, path: name) : MemorySource(bytes, path: name)
      case .file(let path, _):
        let file = try File.reading(path)
        return isCompressed ? try CompressedText(file) : file
      }
    }
  }
}

/// Bytes that are all there.
private final class MemorySource: ByteSource {
  let path: String
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, bytes.count - offset)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
    offset += count
    return count
  }
}
