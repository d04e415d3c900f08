package import Archives
import Audio
package import FileIO

/// A file of a corpus, wherever it lies.
package struct Member {
  package enum Place {
    /// The member where its archive's reader now stands.
    case archive(ArchiveReader)
    /// A link in an archive.
    case link(ArchiveMember, ArchiveLinks)
    case disk(path: String, size: Int)
  }

  /// Inside the input, with `/`.
  package var path: String
  /// For messages.
  package var label: String
  package var place: Place

  /// The whole file, at most `limit` bytes.
  package func read(limit: Int) throws -> [UInt8] {
    switch place {
    case .archive(let reader): try reader.read(limit: limit)
    case .link(let member, let links): try links.read(member, limit: limit)
    case .disk(let path, _): try File.reading(path).remainder(limit: limit)
    }
  }

  /// The file, not decoded: read now from an archive, later from a disk.
  package func encoded() throws -> EncodedFile {
    switch place {
    case .archive, .link: EncodedFile(name: label, bytes: try read(limit: EncodedFile.limit))
    case .disk(let path, let size): EncodedFile(name: label, storage: .file(path: path, size: size))
    }
  }
}

/// What an input says as it is walked.
package enum Found {
  case member(Member)
  /// With the path inside the input, if it is one file that cannot be used.
  case problem(Failure, path: String?)

  /// Inside the input.
  package var path: String? {
    switch self {
    case .member(let member): member.path
    case .problem(_, let path): path
    }
  }
}

/// One input of a corpus, walked front to back.
package protocol MemberSource: AnyObject {
  func next() -> Found?
  /// Bytes of the archive, or files of the folder, that have passed.
  var done: Int { get }
}

/// Hidden files and what macOS adds to archives are no part of a corpus.
package func isHidden(_ path: String) -> Bool {
  path.pieces(at: "/").contains { name in
    name.begins(with: ".") && !isSame(name, ".") && !isSame(name, "..") || isSame(name, "__MACOSX")
  }
}

package final class ArchiveSource: MemberSource {
  private let reader: ArchiveReader
  private let links: ArchiveLinks
  private let takes: (String) -> Bool
  private var linkedFolders: LinkedFolders

  /// - Parameters:
  ///   - path: where the archive can be read again; nil for a pipe.
  ///   - takes: whether a name is that of a file of the corpus's kind.
  package init(_ reader: ArchiveReader, path: String?, takes: @escaping (String) -> Bool) {
    self.reader = reader
    self.takes = takes
    linkedFolders = LinkedFolders(takes: takes)
    links = ArchiveLinks(name: reader.name, path: path)
  }

  package var done: Int { reader.position }

  package func next() -> Found? {
    do {
      while let member = try reader.next() {
        if member.kind == .folder || isHidden(member.path) { continue }
        let label = reader.label(member)
        guard member.isUTF8 else {
          return .problem(Failure(.badInput, path: label, "the name is not UTF-8"), path: nil)
        }
        linkedFolders.note(member)
        switch member.kind {
        case .file: return .member(Member(path: member.path, label: label, place: .archive(reader)))
        case .link: return .member(Member(path: member.path, label: label, place: .link(member, links)))
        case .folder, .other:
          guard takes(member.path) else { continue }
          return .problem(Failure(.badInput, path: label, "not a regular file but a device"), path: member.path)
        }
      }
      return linkedFolders.next().map { link in
        .problem(
          Failure(
            .badInput, path: reader.label(link),
            "a link to a folder with files of the corpus, which is not followed in an archive",
            hint: "unpack the archive and give the folder"), path: nil)
      }
    } catch {
      var failure = error as? Failure ?? Failure(.badInput, path: reader.name, "\(error)")
      if let (reason, hint) = reader.foreignHead.flatMap(foreignText) {
        (failure.reason, failure.hint) = (reason, hint)
      } else if let kind = reader.foreignHead.flatMap({ audioKindName($0) }) {
        failure.reason = "a recording (\(kind)), not a corpus"
        failure.hint =
          "put it into FOLDER/SPEAKER/ and give the folder, with \(setting: "layout") "
          + "speaker-folders, or give it as it is with \(setting: "layout") flat"
      }
      return .problem(failure, path: nil)
    }
  }
}

/// What is wrong with text that was to be a manifest, and what to do; nil if it begins like none.
private func foreignText(_ head: [UInt8]) -> (reason: String, hint: String)? {
  if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
    return ("text in UTF-16, neither an archive nor a manifest", "iconv -f UTF-16 -t UTF-8 converts it")
  }
  if head.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
    return ("a JSON array, and manifests are JSON Lines: an object a line", "jq -c '.[]' makes that of it")
  }
  return nil
}

/// Finds the links of an archive that name folders in which there are files of the corpus.
private struct LinkedFolders {
  let takes: (String) -> Bool
  private var links: [ArchiveMember] = []
  /// All folders above them.
  private var folders: Set<SIMD2<UInt64>> = []
  private var lastFolder = ""

  init(takes: @escaping (String) -> Bool) { self.takes = takes }

  mutating func note(_ member: ArchiveMember) {
    guard takes(member.path) else {
      if member.target?.isSymbolic == true { links.append(member) }
      return
    }
    var folder = Folder.parent(of: ArchiveMember.Target.tidy(member.path) ?? "")
    guard !isSame(folder, lastFolder) else { return }
    lastFolder = folder
    while folder.contains("/") {
      folders.insert(XXH3.key128(folder))
      folder = Folder.parent(of: folder)
    }
    folders.insert(XXH3.key128(folder))
  }

  /// One of them, once each.
  mutating func next() -> ArchiveMember? {
    while let link = links.popLast() {
      if let place = link.target?.place(from: link.path), folders.contains(XXH3.key128(place)) { return link }
    }
    return nil
  }
}
