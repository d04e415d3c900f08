import Archives
import FileIO

/// What a line of a manifest asks of an archive, by the bytes of the names.
package struct MemberWish: Hashable {
  private var source: SIMD2<UInt64>
  private var member: SIMD2<UInt64>

  package init(source: String, member: String) {
    self.source = XXH3.key128(source)
    self.member = XXH3.key128(member)
  }

  /// The member, and the archives in the archive that it may be in.
  package static func all(for member: String, of source: String) -> [MemberWish] {
    var paths = [member]
    var folder = Folder.parent(of: member)
    while folder.utf8.count > 1 {
      if ArchiveMembers.isArchive(name: folder) { paths.append(folder) }
      folder = Folder.parent(of: folder)
    }
    return paths.map { MemberWish(source: source, member: $0) }
  }
}
