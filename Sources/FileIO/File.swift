public import Glibc

/// An open file descriptor that closes itself; every failure names the path.
public final class File: ByteSource, @unchecked Sendable {
  public let path: String
  public private(set) var descriptor: CInt
  private let owned: Bool
  private var isLocked = false

  /// Takes over an open descriptor; `owned` ones are closed in the end.
  public init(descriptor: CInt, path: String, owned: Bool = true) {
    self.descriptor = descriptor
    self.path = path
    self.owned = owned
  }

  deinit { try? close() }

  public static let standardInput = File(descriptor: STDIN_FILENO, path: "standard input", owned: false)
  public static let standardOutput = File(descriptor: STDOUT_FILENO, path: "standard output", owned: false)
  public static let standardError = File(descriptor: STDERR_FILENO, path: "standard error", owned: false)

  public static func open(_ path: String, flags: CInt, mode: mode_t = 0o666, action: String) throws -> File {
    while true {
      let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
      if descriptor >= 0 { return File(descriptor: descriptor, path: path) }
      if errno != EINTR { throw Failure.system(action, path: path) }
    }
  }

  /// Opens for reading; `-` is standard input.
  public static func reading(_ path: String) throws -> File {
    isSame(path, "-") ? standardInput : try open(path, flags: O_RDONLY, action: "open")
  }

  /// Opens for writing, emptied if it exists.
  public static func writing(_ path: String) throws -> File {
    try open(path, flags: O_RDWR | O_CREAT | O_TRUNC, action: "create")
  }

  public func close() throws {
    guard owned, descriptor >= 0 else { return }
    unlock()
    let result = Glibc.close(descriptor)
    descriptor = -1
    if result != 0 { throw Failure.system("close", path: path) }
  }

  public func status() throws -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Failure.system("examine", path: path) }
    return status
  }

  /// Tells whether a file has been replaced or written to since: its size and the time of its last change. Nil if it
  /// cannot be had now.
  public static func stamp(of path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  public func size() throws -> Int { Int(try status().st_size) }

  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Throws if nothing can be written: to be asked before long work whose result goes there.
  public func requireWritable() throws {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0 else { throw Failure.system("write", path: path) }
    guard flags & O_ACCMODE != O_RDONLY else { throw Failure.system("write", path: path, errno: EBADF) }
  }

  /// Moves to where the next read or write happens.
  public func seek(to offset: Int) throws {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw Failure.system("seek in", path: path) }
  }

  /// Reads up to `buffer.count` bytes; 0 is the end of the file.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Failure.system("read", path: path) }
    }
  }

  /// Reads until `buffer` is full or the file ends; returns how many bytes there were.
  public func readFully(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < buffer.count {
      let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
      if count == 0 { break }
      done += count
    }
    return done
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno != EINTR {
        throw Failure.system("write", path: path)
      }
    }
  }

  /// Writes at `offset`, leaving the file position alone; several threads may do so at once.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var rest = bytes
    var offset = offset
    while !rest.isEmpty {
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset))
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        offset += count
      } else if errno != EINTR {
        throw Failure.system("write", path: path)
      }
    }
  }

  public func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { raw in try write(raw) }
  }

  public func write(_ text: String) throws { try write(Array(text.utf8)) }

  public func synchronize() throws {
    while fsync(descriptor) != 0 {
      if errno == EINTR { continue }
      // Pipes and some file systems have nothing to synchronise.
      if errno == EINVAL || errno == EROFS { return }
      throw Failure.system("synchronise", path: path)
    }
  }

  /// Takes an exclusive advisory lock without waiting; false if another process holds it. Where the file system has no
  /// locks the failure ``Failure/isNoLocking``.
  public func tryLock() throws -> Bool {
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
      isLocked = true
      return true
    }
    if errno == EWOULDBLOCK { return false }
    let code = errno
    var failure = Failure.system("lock", path: path, errno: code)
    failure.isNoLocking = [ENOLCK, ENOSYS, EOPNOTSUPP].contains(code)
    throw failure
  }

  /// Closing alone is not enough: a process that is being started in this moment still has its parent's descriptors.
  private func unlock() {
    if isLocked { _ = flock(descriptor, LOCK_UN) }
    isLocked = false
  }

  /// The whole of a file that fits in memory.
  public static func contents(of path: String) throws -> [UInt8] { try reading(path).remainder() }

  /// Everything from here to the end, at most `limit` bytes; longer is a failure.
  public func remainder(limit: Int = .max) throws -> [UInt8] {
    var result: [UInt8] = []
    func tooLong() -> Failure {
      Failure(.badInput, path: path, "longer than the \(limit) bytes that make sense here")
    }
    if let size = try? size(), size > 0 {
      guard size <= limit else { throw tooLong() }
      // What a regular file is said to hold, in one read; the loop below finds nothing more, as a rule.
      result = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = try readFully(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if result.count < size { return result }
    }
    var chunk = [UInt8](repeating: 0, count: result.isEmpty ? 1 << 16 : 1)
    while true {
      let count = try chunk.withUnsafeMutableBytes { raw in try read(into: raw) }
      if count == 0 { return result }
      guard result.count + count <= limit else { throw tooLong() }
      result.append(contentsOf: chunk[..<count])
    }
  }
}
