import Archives
import Audio
import FileIO
import Images
import Manifests

final class ImageMedium: Medium {
  let kind = "image"

  func takes(_ name: String) -> Bool { isImageName(name) }

  func examine(
    _ file: inout EncodedFile, declared: Extent?, channel: Channel?
  ) throws -> (extent: Extent, format: FileFormat) {
    let format = try format(of: &file)
    return (.image(width: format.orientedWidth, height: format.orientedHeight), .image(format))
  }

  /// Bytes that are read at first: most pictures of most corpora have no more, and are opened once.
  private static let headSize = 1 << 17

  private func format(of file: inout EncodedFile) throws -> ImageFormat {
    // Of JPEG the start tells all; others may have the orientation after the pixels.
    let head = try file.head(Self.headSize)
    if head.count == file.byteCount { file = EncodedFile(name: file.name, bytes: head) }
    if let format = try? head.withUnsafeBytes({ try ImageFormat(of: $0, name: file.name) }),
      format.kind == .jpeg || head.count == file.byteCount
    {
      return format
    }
    return try file.load().withUnsafeBytes { try ImageFormat(of: $0, name: file.name) }
  }
}
