public import FileIO

/// The files of an archive (tar, also compressed, or zip), read once, front to back, each as a whole; or the one file
/// that something compressed may be.
public final class ArchiveMembers {
  private let reader: ArchiveReader
  private var isAtEnd = false

  /// - Parameters:
  ///   - head: bytes already read from `file`.
  ///   - allowsText: what is compressed and holds no archive is one file without a path.
  public init(_ file: File, head: [UInt8] = [], allowsText: Bool = false) throws {
    reader = try ArchiveReader(file, head: head, name: file.path, allowsText: allowsText)
  }

  /// Whether first bytes are those of an archive, or of something compressed that may be one.
  public static func isArchive(head: [UInt8]) -> Bool {
    CompressedText.isCompressed(head) || head.starts(with: [0x50, 0x4b, 0x03, 0x04])
      || head.dropFirst(257).starts(with: Array("ustar".utf8))
  }

  /// Whether a file name ends like that of an archive, also of a kind that is not read.
  public static func isArchive(name: String) -> Bool {
    let name = Folder.name(of: name).asciiLowercased
    return endings.contains { name.ends(with: $0) }
  }

  private static let endings = [
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tar.lz4", ".zip", ".7z", ".rar",
  ]

  /// The path of the next regular file whose path `isWanted`, and its bytes; nil at the end, also after a failure of the
  /// archive itself. The path is nil of what is one file.
  public func next(limit: Int, where isWanted: (String) -> Bool) throws -> (path: String?, bytes: [UInt8])? {
    while !isAtEnd {
      let member: ArchiveMember?
      do { member = try reader.next() } catch {
        isAtEnd = reader.isFinished
        throw error
      }
      guard let member else { return nil }
      let path = reader.isText ? nil : member.path
      guard member.kind == .file, path.map(isWanted) != false else { continue }
      guard path == nil || member.isUTF8 else {
        throw Failure(.badInput, path: reader.label(member), "the name is not UTF-8")
      }
      return (path, try reader.read(limit: limit))
    }
    return nil
  }
}
