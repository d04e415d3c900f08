import FileIO
import Glibc

/// One of the inputs that a user names, examined but not yet walked.
struct CorpusInput {
  enum Kind { case folder, archive, pipe }

  /// As given.
  var path: String
  /// As a manifest names it.
  var source: String
  var kind: Kind
  /// Bytes of an archive that is a regular file.
  var size: Int?
  /// What stands above the corpus on disk, for layouts that look at more of a path than the input contains.
  var context: [Substring]

  init(_ path: String, root: String?) throws {
    self.path = withoutTrailingSlash(path)
    source = sourceName(path, root: root)
    context = []
    if path == "-" {
      kind = .pipe
      return
    }
    guard let found = Folder.kind(of: path), access(path, R_OK) == 0 else { throw Failure.system("open", path: path) }
    switch found {
    case .folder:
      kind = .folder
      // Split from a copy: the pieces outlive this scope.
      context = (realPath(path) ?? path).split(separator: "/")
    case .file:
      kind = .archive
      size = try File.reading(path).size()
      guard size != 0 else { throw Failure(.badInput, path: path, "the file is empty") }
    case .other: kind = .pipe
    }
  }

  func open(head: [UInt8]) throws -> any MemberSource {
    if kind == .folder { return FolderSource(path) }
    let file = try File.reading(path)
    return ArchiveSource(try ArchiveReader(file, head: kind == .pipe ? head : [], name: file.path))
  }

  /// As messages name it.
  var label: String { path == "-" ? File.standardInput.path : path }

  /// Samples that the headers of a folder's utterances declare, as far as they can be used; nil if that takes long.
  func declaredSamples(
    until deadline: Double, isUtterance: (String) -> Bool
  ) -> (samples: Int, files: Int)? {
    guard kind == .folder, let decoder = try? FLACDecoder() else { return nil }
    let folder = FolderSource(path)
    var samples = 0
    while let found = folder.next() {
      guard seconds() < deadline else { return nil }
      guard case .member(let member) = found, isUtterance(member.path), case .disk(let path, let size) = member.place,
        let head = try? EncodedAudio(name: path, storage: .file(path: path, size: min(size, 4096))).head(),
        let info = try? decoder.readHeader(head, name: path), info.isSpeech
      else { continue }
      samples += min(info.totalSamples, maximumUtteranceSamples)
    }
    return (samples, folder.done)
  }
}

/// A clock that only goes forward.
func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
