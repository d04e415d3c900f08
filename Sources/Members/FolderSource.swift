import FileIO
import Glibc

/// The files below a folder, paths compared bytewise, component by component. Links are followed, but never to a folder
/// that the walk is already in.
package final class FolderSource: MemberSource {
  private struct Level {
    /// Inside the corpus folder, empty or ending with `/`.
    var prefix: String
    var device: dev_t
    var inode: ino_t
    /// Bytes of names, last one first.
    var names: [[UInt8]]
  }

  private let folder: String
  /// Whether a name is that of a file of the corpus's kind.
  private let takes: (String) -> Bool
  private var levels: [Level] = []
  private var pending: Failure?
  package private(set) var done = 0

  package init(_ folder: String, takes: @escaping (String) -> Bool) {
    self.takes = takes
    self.folder = withoutTrailingSlash(folder)
    enter("", statusOf(self.folder))
  }

  package func next() -> Found? {
    while true {
      if let failure = pending {
        pending = nil
        return .problem(failure, path: nil)
      }
      guard !levels.isEmpty else { return nil }
      guard let bytes = levels[levels.count - 1].names.popLast() else {
        levels.removeLast()
        continue
      }
      if let found = visit(bytes) { return found }
    }
  }

  private func visit(_ bytes: [UInt8]) -> Found? {
    let prefix = levels[levels.count - 1].prefix
    guard let name = String(validating: bytes, as: UTF8.self) else {
      return .problem(
        Failure(.badInput, path: "\(folder)/\(prefix)\(shown(bytes))", "the name is not UTF-8"), path: nil)
    }
    if isHidden(name) { return nil }
    let path = "\(folder)/\(prefix)\(name)"
    guard let status = statusOf(path) else {
      let failure = Failure.system("open", path: path)
      // A dangling link matters where it stands for a file or a text of the corpus.
      return takes(name) || name.asciiLowercased.ends(with: ".txt")
        ? .problem(asBadInput(failure), path: prefix + name) : nil
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR where takes(name) && (try? Folder.rawNames(in: path).isEmpty) == true:
      return .problem(Failure(.badInput, path: path, "a folder, not a file"), path: prefix + name)
    case S_IFDIR: enter("\(prefix)\(name)/", status)
    case S_IFREG:
      done += 1
      return .member(Member(path: prefix + name, label: path, place: .disk(path: path, size: Int(status.st_size))))
    default:
      guard takes(name) else { return nil }
      return .problem(Failure(.badInput, path: path, "not a regular file"), path: prefix + name)
    }
    return nil
  }

  private func enter(_ prefix: String, _ status: stat?) {
    guard let status else {
      pending = asBadInput(Failure.system("open", path: "\(folder)/\(prefix)"))
      return
    }
    guard !levels.contains(where: { $0.device == status.st_dev && $0.inode == status.st_ino }) else { return }
    do {
      let names = try Array(Folder.rawNames(in: "\(folder)/\(prefix)").reversed())
      levels.append(Level(prefix: prefix, device: status.st_dev, inode: status.st_ino, names: names))
    } catch {
      pending = asBadInput(error)
    }
  }

  private func statusOf(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}
