import Glibc

/// Folders and names: the few operations that publication and corpus walks need.
public enum Folder {
  /// What stands at a path.
  public enum Kind: Sendable { case file, folder, other }

  /// Nil if nothing is there. Symbolic links are followed.
  public static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .other
    }
  }

  /// Creates a folder and what is missing above it.
  public static func create(_ path: String) throws {
    if mkdir(path, 0o777) == 0 || (errno == EEXIST && kind(of: path) == .folder) { return }
    let parent = self.parent(of: path)
    guard errno == ENOENT, !isSame(parent, path) else { throw Failure.system("create folder", path: path) }
    try create(parent)
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw Failure.system("create folder", path: path) }
  }

  /// Names in a folder as they are on disk, which need not be UTF-8, bytewise ascending, without `.` and `..`.
  public static func rawNames(in path: String) throws -> [[UInt8]] {
    guard let handle = opendir(path) else { throw Failure.system("list", path: path) }
    defer { closedir(handle) }
    var names: [[UInt8]] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// As ``rawNames(in:)`` where only names of our own matter: of one that is not UTF-8, what ``shown(_:)`` makes of it.
  public static func names(in path: String) throws -> [String] { try rawNames(in: path).map { shown($0) } }

  /// Makes the names in a folder durable.
  public static func synchronize(_ path: String) throws {
    let folder = try File.open(path, flags: O_RDONLY | O_DIRECTORY, action: "open folder")
    try folder.synchronize()
    try folder.close()
  }

  public static func remove(file path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw Failure.system("remove", path: path) }
  }

  /// Removes a folder if it is empty; says whether it is gone.
  @discardableResult
  public static func remove(emptyFolder path: String) -> Bool { rmdir(path) == 0 || errno == ENOENT }

  /// Moves a finished file to its name, replacing what was there, and makes that durable.
  public static func publish(_ temporary: String, as path: String) throws {
    guard rename(temporary, path) == 0 else { throw Failure.system("rename to \(name(of: path))", path: temporary) }
    try synchronize(parent(of: path))
  }

  /// Gives a file a second name; where the two places do not share a file system, copies it.
  public static func link(_ existing: String, as path: String) throws {
    if Glibc.link(existing, path) == 0 { return }
    guard errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP else {
      throw Failure.system("link as \(path)", path: existing)
    }
    let source = try File.reading(existing)
    let copy = try File.writing(path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while case let count = try source.readFully(into: buffer), count > 0 {
      try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    try copy.synchronize()
    try copy.close()
  }

  /// Bytes that an ordinary user may still write on the file system of `path`.
  public static func freeSpace(at path: String) throws -> Int {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { throw Failure.system("ask for free space", path: path) }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  /// The last component.
  public static func name(of path: String) -> String {
    let trimmed = path.utf8.count > 1 && path.ends(with: "/") ? String(path.dropping(last: 1)) : path
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")), trimmed.utf8.count > 1 else { return trimmed }
    return String(trimmed[trimmed.utf8.index(after: slash)...])
  }

  /// Without what follows the last dot.
  public static func stem(of name: String) -> String { String(name.divided(atLast: ".")?.head ?? name[...]) }

  /// Everything before the last component; `.` if there is none.
  public static func parent(of path: String) -> String {
    let trimmed = path.utf8.count > 1 && path.ends(with: "/") ? String(path.dropping(last: 1)) : path
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == trimmed.utf8.startIndex ? "/" : String(trimmed[..<slash])
  }
}

/// Writes a whole file so that a reader sees either the old one or the new one, also after a crash.
public func writeAtomically(to path: String, _ write: (File) throws -> Void) throws {
  let temporary = path + ".partial"
  do {
    let file = try File.writing(temporary)
    try write(file)
    try file.synchronize()
    try file.close()
    try Folder.publish(temporary, as: path)
  } catch {
    try? Folder.remove(file: temporary)
    throw error
  }
}
