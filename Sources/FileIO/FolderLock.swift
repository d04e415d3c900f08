import Glibc

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

  /// Waits for it.
  public static func waiting(for path: String) throws -> FolderLock {
    while true {
      if let lock = try FolderLock(path) { return lock }
      usleep(50_000)
    }
  }

  deinit { release() }

  /// What a user can do where another process seems to hold the lock and none is there; nil where the kernel knows.
  public static func hint(_ folder: String) -> String? {
    guard let path = try? filePath(for: folder), let owner = try? content(of: path) else { return nil }
    return "\(path) names it: \(shown(owner.prefix { $0 >= 0x20 })); if it is gone, remove that file"
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
    let host = hostName()
    let owner = "\(host) \(getpid())\n"
    while true {
      do {
        let file = try File.open(path, flags: O_WRONLY | O_CREAT | O_EXCL, action: "create a lock")
        try file.write(owner)
        try file.close()
        return (path, owner)
      } catch let failure as Failure where failure.kind == .exists {}
      let found: [UInt8]
      do { found = try content(of: path) } catch {
        // Given back in this moment, or not for us to read.
        if Folder.kind(of: path) == nil { continue }
        throw error
      }
      // Without a whole line its maker is at it just now, or was killed then: nobody can tell.
      let fields = String(decoding: found, as: UTF8.self).pieces(at: " ", "\n")
      guard fields.count >= 2, isSame(fields[0], host), let process = pid_t(fields[1]), kill(process, 0) != 0,
        errno == ESRCH
      else { return nil }
      // Of several that find a dead process's file, one moves it away; who moves away another's new one puts it back.
      let old = "\(path).\(host).\(getpid()).old"
      guard rename(path, old) == 0 else { continue }
      defer { try? Folder.remove(file: old) }
      if (try? content(of: old)) != found {
        if Folder.kind(of: path) == nil { _ = rename(old, path) }
        return nil
      }
    }
  }

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
