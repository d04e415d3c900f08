public import FileIO

/// The files of an archive (tar, also compressed, or zip), read once, front to back, each as a whole.
public final class ArchiveMembers {
  private let reader: ArchiveReader
  private var isAtEnd = false

  /// - Parameter head: bytes already read from `file`.
  public init(_ file: File, head: [UInt8] = []) throws {
    reader = try ArchiveReader(file, head: head, name: file.path)
  }

  /// Whether first bytes are those of an archive, or of something compressed that may be one.
  public static func isArchive(head: [UInt8]) -> Bool {
    let magics: [[UInt8]] = [
      [0x50, 0x4b, 0x03, 0x04], [0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], Array("BZh".utf8),
      [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    ]
    return magics.contains { head.starts(with: $0) } || head.dropFirst(257).starts(with: Array("ustar".utf8))
  }

  /// The path of the next regular file whose path `isWanted`, and its bytes; nil at the end, also after a failure of the
  /// archive itself.
  public func next(limit: Int, where isWanted: (String) -> Bool) throws -> (path: String, bytes: [UInt8])? {
    while !isAtEnd {
      let member: ArchiveMember?
      do { member = try reader.next() } catch {
        isAtEnd = true
        throw error
      }
      guard let member else { return nil }
      guard member.kind == .file, isWanted(member.path) else { continue }
      return (member.path, try reader.read(limit: limit))
    }
    return nil
  }
}
