import Archives
import FileIO
import Members

/// An archive in the input that is read as a part of it.
struct NestedArchive {
  var source: any MemberSource
  /// What entries call their source.
  var name: String
  /// What their paths there begin with, of one in an archive.
  var path: String?
  /// Where it would have been unpacked.
  var folder: String
}

/// Archives in a folder or in an archive.
extension CorpusWalk {
  /// Goes on with an archive in the input.
  func open(_ member: Member) -> CorpusEvent? {
    do {
      switch member.place {
      case .disk(let path, _):
        let reader = try ArchiveReader(try File.reading(path), name: path)
        nested = NestedArchive(
          source: ArchiveSource(reader, path: path, takes: medium.takes), name: sourceName(path, root: root),
          folder: unpacked(member.path))
      case .archive(let outer):
        let reader = try ArchiveReader(ArchivedArchive(in: outer, path: member.label), name: member.label)
        nested = NestedArchive(
          source: ArchiveSource(reader, path: nil, takes: medium.takes), name: input.source, path: member.path,
          folder: unpacked(member.path))
      case .link: throw Failure(.badInput, path: member.label, "a link to an archive, which is not read")
      }
      return nil
    } catch { return .problem(InputProblem(asBadInput(error))) }
  }

  /// The folder that an archive would be unpacked into: its path without the endings of archives.
  private func unpacked(_ path: String) -> String {
    path.contains("/") ? "\(Folder.parent(of: path))/\(corpusName(path))" : corpusName(path)
  }

  /// Whether what an archive in a folder holds lies beside it.
  func isUnpacked(_ member: Member) -> Bool {
    guard case .disk(let path, _) = member.place else { return false }
    let parent = Folder.parent(of: path)
    switch layout {
    case .aishell:
      return ["train", "dev", "test"].contains { Folder.kind(of: "\(parent)/\($0)/\(corpusName(path))") == .folder }
    case .classFolders: return Folder.kind(of: "\(parent)/\(corpusName(path))") == .folder
    default: return false
    }
  }
}
