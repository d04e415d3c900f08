import FileIO

/// A file of a corpus, wherever it lies.
struct Member {
  enum Place {
    /// The member where its archive's reader now stands.
    case archive(ArchiveReader)
    case disk(path: String, size: Int)
  }

  /// Inside the input, with `/`.
  var path: String
  /// For messages.
  var label: String
  var place: Place

  /// The whole file, at most `limit` bytes.
  func read(limit: Int) throws -> [UInt8] {
    switch place {
    case .archive(let reader): try reader.read(limit: limit)
    case .disk(let path, _): try File.reading(path).remainder(limit: limit)
    }
  }

  /// The file as audio: read now from an archive, later from a disk.
  func audio() throws -> EncodedAudio {
    switch place {
    case .archive(let reader): EncodedAudio(name: label, bytes: try reader.read(limit: memberLimit))
    case .disk(let path, let size): EncodedAudio(name: label, storage: .file(path: path, size: size))
    }
  }
}

/// What an input says as it is walked.
enum Found {
  case member(Member)
  /// With the path inside the input, if it is one file that cannot be used.
  case problem(Failure, path: String?)
}

/// One input of a corpus, walked front to back.
protocol MemberSource: AnyObject {
  func next() -> Found?
  /// Bytes of the archive, or files of the folder, that have passed.
  var done: Int { get }
}

/// Hidden files and what macOS adds to archives are no part of a corpus.
func isHidden(_ path: String) -> Bool {
  path.pieces(at: "/").contains { name in
    name.begins(with: ".") && !isSame(name, ".") && !isSame(name, "..") || isSame(name, "__MACOSX")
  }
}

final class ArchiveSource: MemberSource {
  private let reader: ArchiveReader

  init(_ reader: ArchiveReader) { self.reader = reader }

  var done: Int { reader.input.position }

  func next() -> Found? {
    do {
      while let member = try reader.next() {
        if member.kind == .folder || isHidden(member.path) { continue }
        let label = reader.label(member)
        guard member.isUTF8 else {
          return .problem(Failure(.badInput, path: label, "the name is not UTF-8"), path: nil)
        }
        guard member.kind == .file else {
          guard isAudioName(member.path) else { continue }
          return .problem(
            Failure(.badInput, path: label, "not a regular file but a link or a device"), path: member.path)
        }
        return .member(Member(path: member.path, label: label, place: .archive(reader)))
      }
      return nil
    } catch {
      return .problem(error as? Failure ?? Failure(.badInput, path: reader.name, "\(error)"), path: nil)
    }
  }
}
