import Glibc
import Synchronization

/// Held by the one process that may write into a folder: an advisory lock of the kernel's (`flock`), which ends with the
/// process. File systems that have none (some of Lustre, NFS and FUSE say ENOLCK, ENOSYS or EOPNOTSUPP) get a file beside
/// the folder instead, `.NAME.cpc-lock`, with the host and the number of the process; one that a dead process of the same
/// host has left is taken over.
public final class FolderLock {
  private let folder: File
  /// The file that stands for the lock, and what is in it; nil where the kernel holds it.
  private var substitute: (path: String, owner: String)?

  /// Nil if another process holds it.
  public init?(_ path: String) throws {
    folder = try File.open(path, flags: O_RDONLY | O_DIRECTORY, action: "open folder")
    do {
      guard try folder.tryLock() else { return nil }
    } catch let failure as Failure where failure.isNoLocking {
      substitute = try Self.makeFile(for: path)
      if substitute == nil { return nil }
    }
  }

  /// Waits for it. If that takes longer than any change of a folder does, whoever ``onLongWait(_:)`` has named hears of
  /// it, once: where a file stands for the lock, its owner may be gone.
  public static func waiting(for path: String, patience: Double = 5) throws -> FolderLock {
    let start = monotonicSeconds()
    var isTold = false
    while true {
      if let lock = try FolderLock(path) { return lock }
      usleep(50_000)
      guard !isTold, monotonicSeconds() - start >= patience else { continue }
      isTold = true
      let holder = hint(path).map { " (\($0))" } ?? ""
      longWait.withLock { $0 }?("\(path): waiting for another process that is changing it\(holder)")
    }
  }

  /// What a tool does with the news that ``waiting(for:patience:)`` is still waiting.
  public static func onLongWait(_ tell: @escaping @Sendable (String) -> Void) { longWait.withLock { $0 = tell } }

  private static let longWait = Mutex<(@Sendable (String) -> Void)?>(nil)

  deinit { release() }

  /// What a user can do where another process seems to hold the lock and none is there; nil where the kernel knows.
  public static func hint(_ folder: String) -> String? {
    guard let path = try? filePath(for: folder), let owner = try? content(of: path) else { return nil }
    let words = owner.prefix { $0 >= 0x20 }.split(separator: 0x20).prefix(2).joined(separator: [0x20])
    return "\(path) names it: \(shown(Array(words))); if it is gone, remove that file"
  }

  /// Gives it back before this object goes.
  public func release() {
    if let (path, owner) = substitute, (try? Self.content(of: path)) == Array(owner.utf8) {
      try? Folder.remove(file: path)
    }
    substitute = nil
    try? folder.close()
  }

  // MARK: The file

  /// Nil if another process has made it and may be alive; one of another host always may.
  private static func makeFile(for folder: String) throws -> (path: String, owner: String)? {
    let path = try filePath(for: folder)
    // No two are the same: a process may take a lock, give it back and take it again.
    let owner = "\(hostName()) \(getpid()) \(UInt64.random(in: 0 ... .max))\n"
    return try takeFile(path, owner) ? (path, owner) : nil
  }

  private static func takeFile(_ path: String, _ owner: String) throws -> Bool {
    while true {
      if try createFile(path, owner) { return true }
      let found: [UInt8]
      do { found = try content(of: path) } catch {
        // Given back in this moment, or not for us to read.
        if Folder.kind(of: path) == nil { continue }
        throw error
      }
      // Without a whole line its maker is at it just now, or was killed then: nobody can tell.
      let fields = String(decoding: found, as: UTF8.self).pieces(at: " ", "\n")
      guard fields.count >= 2, isSame(fields[0], hostName()), let process = pid_t(fields[1]), kill(process, 0) != 0,
        errno == ESRCH
      else { return false }
      // Of several that find a dead process's file, one may replace it: who has the file that is named by what the dead
      // one says. Whoever comes to that file too late finds that the other has been replaced.
      let successor = "\(path).\(mark(found))"
      guard try takeFile(successor, owner) else { return false }
      let isOld = (try? content(of: path)) == found
      if isOld, rename(successor, path) == 0 { return true }
      let failure = Failure.system("take over the lock", path: path)
      try? Folder.remove(file: successor)
      if isOld { throw failure }
    }
  }

  /// Makes the file with what is in it at once; false if there is one.
  private static func createFile(_ path: String, _ owner: String) throws -> Bool {
    guard Folder.kind(of: path) == nil else { return false }
    let own = "\(path).\(mark(Array(owner.utf8))).new"
    do {
      let file = try File.writing(own)
      defer { try? Folder.remove(file: own) }
      try file.write(owner)
      try file.close()
      if link(own, path) == 0 { return true }
      if errno == EEXIST { return false }
    }
    // A file system that has no links either.
    do {
      let file = try File.open(path, flags: O_WRONLY | O_CREAT | O_EXCL, action: "create a lock")
      try file.write(owner)
      try file.close()
      return true
    } catch let failure as Failure where failure.kind == .exists { return false }
  }

  /// A short name for what a lock says.
  private static func mark(_ content: [UInt8]) -> String { String(XXH3.hash128(content).prefix(16)) }

  private static func content(of path: String) throws -> [UInt8] { try File.reading(path).remainder(limit: 4096) }

  private static func filePath(for folder: String) throws -> String {
    guard let resolved = realpath(folder, nil) else { throw Failure.system("open folder", path: folder) }
    defer { free(resolved) }
    let whole = String(cString: resolved)
    let parent = Folder.parent(of: whole)
    return "\(parent.utf8.count == 1 ? "" : parent)/.\(Folder.name(of: whole)).cpc-lock"
  }

  private static func hostName() -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let isKnown = bytes.withUnsafeMutableBytes { gethostname($0.baseAddress!, $0.count - 1) } == 0
    let name = String(decoding: isKnown ? bytes.prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") } : [], as: UTF8.self)
    return name.isEmpty ? "localhost" : name
  }
}
