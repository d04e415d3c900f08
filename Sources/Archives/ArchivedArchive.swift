public import FileIO

/// An archive that is a member of another: its bytes, as they come out of that one. For an ``ArchiveReader``, and only
/// until the outer reader goes on.
public final class ArchivedArchive: ByteSource {
  private let reader: ArchiveReader
  public let path: String

  /// - Parameters:
  ///   - reader: stands at the member.
  ///   - path: of the member, for messages.
  public init(in reader: ArchiveReader, path: String) {
    self.reader = reader
    self.path = path
  }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try reader.readSome(into: buffer) }
}
