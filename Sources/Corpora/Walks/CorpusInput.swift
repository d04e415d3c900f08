import Archives
import Audio
import Digests
import FileIO
import Glibc
import Layouts
import Manifests
import Members

/// One of the inputs that a user names, examined but not yet walked.
struct CorpusInput {
  enum Kind {
    case folder, archive, pipe
    /// One recording, or one text.
    case file
  }

  /// As given.
  var path: String
  /// As a manifest names it.
  var source: String
  var kind: Kind
  /// Bytes of an archive that is a regular file.
  var size: Int?
  /// What stands above the corpus on disk, for layouts that look at more of a path than the input contains.
  var context: [Substring]
  /// What the corpus is called: the folder, the archive, or the folder that a recording lies in.
  var name: String

  /// - Parameter takesFiles: whether one file of this kind is a corpus.
  init(_ path: String, root: String?, takesFiles: FileCorpus? = nil) throws {
    name = corpusName(path)
    self.path = withoutTrailingSlash(path)
    source = sourceName(path, root: root)
    context = []
    if isSame(path, "-") {
      kind = .pipe
      return
    }
    guard let found = Folder.kind(of: path), access(path, R_OK) == 0 else { throw Failure.system("open", path: path) }
    switch found {
    case .folder:
      kind = .folder
      // Split from a copy: the pieces outlive this scope.
      context = (realPath(path) ?? path).pieces(at: "/", omittingEmpty: true)
    case .file:
      let file = try File.reading(path)
      size = try file.size()
      let isCorpus =
        switch takesFiles {
        case .recording: try isAudioName(path) || isRecording(InputKind.head(of: file))
        case .text: isTextName(path)
        case nil: false
        }
      if isCorpus {
        kind = .file
        name = corpusName(Folder.parent(of: path))
        return
      }
      kind = .archive
      guard size != 0 else { throw Failure(.badInput, path: path, "the file is empty") }
    case .other: kind = .pipe
    }
  }

  /// - Parameters:
  ///   - digest: sees what is read of a pipe.
  ///   - takes: whether a name is that of a file of the corpus's kind.
  func open(
    _ pipe: (file: File, head: [UInt8])?, digest: FileDigester? = nil, takes: @escaping (String) -> Bool
  ) throws -> any MemberSource {
    if let disk = disk(takes: takes) { return disk }
    guard kind == .pipe else {
      return ArchiveSource(try ArchiveReader(try File.reading(path), name: label), path: path, takes: takes)
    }
    let (file, head) = try pipe ?? (try File.reading(path), [])
    let reader = try ArchiveReader(
      file, head: head, name: pipe?.file.path ?? label, onRead: digest.map { digest in { try digest.update($0) } })
    return ArchiveSource(reader, path: nil, takes: takes)
  }

  private func disk(takes: @escaping (String) -> Bool = { _ in false }) -> (any MemberSource)? {
    switch kind {
    case .folder: FolderSource(path, takes: takes)
    case .file: FileSource(path, size: size ?? 0, withText: isAudioName(path))
    case .archive, .pipe: nil
    }
  }

  /// Whether what is to come is counted in files.
  var isOnDisk: Bool { kind == .folder || kind == .file }

  /// As messages name it.
  var label: String { isSame(path, "-") ? File.standardInput.path : path }

  /// Regular files of a folder, its utterances and their bytes; nil if counting takes long.
  func census(until deadline: Double, isUtterance: (String) -> Bool) -> (files: Int, utterances: Int, bytes: Int)? {
    guard let folder = disk() else { return nil }
    var utterances = 0
    var bytes = 0
    while let found = folder.next() {
      guard monotonicSeconds() < deadline else { return nil }
      if case .member(let member) = found, isUtterance(member.path), case .disk(_, let size) = member.place {
        utterances += 1
        bytes += size
      }
    }
    return (folder.done, utterances, bytes)
  }

  /// Units, once decoded, of a folder's utterances as their headers declare them, as far as they can be used; nil if
  /// that takes long, and for archives.
  func declaredUnits(until deadline: Double, medium: any Medium, isUtterance: (String) -> Bool) -> Int? {
    guard let folder = disk() else { return nil }
    var units = 0
    while let found = folder.next() {
      guard monotonicSeconds() < deadline else { return nil }
      guard case .member(let member) = found, isUtterance(member.path), var file = try? member.encoded(),
        let (extent, _) = try? medium.examine(&file)
      else { continue }
      units += min(ManifestEntry(id: "", source: "", group: "", extent: extent).units, maximumUtteranceSamples)
    }
    return units
  }
}

/// The files that are a corpus by themselves.
enum FileCorpus { case recording, text }

private func isRecording(_ head: [UInt8]) -> Bool {
  !ArchiveMembers.isArchive(head: head) && audioKindName(head) != nil
}
