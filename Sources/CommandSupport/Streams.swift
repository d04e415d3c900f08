import FileIO
import Glibc

/// The inputs that a user named; none is standard input, unless that is a terminal.
public func inputsOrStandardInput(_ inputs: [String]) throws -> [String] {
  guard inputs.isEmpty else { return inputs }
  guard !File.standardInput.isTerminal else { throw Failure(.usage, "no input given") }
  return ["-"]
}

/// Where a tool's result goes: standard output, or a file that appears whole or not at all.
public final class ResultFile {
  private let target: File
  /// Nil where nothing is renamed in the end.
  private let path: String?
  private var buffer: [UInt8] = []
  private var isFinished = false

  /// Nil and `-` are standard output. An existing file is refused unless `force` is set.
  ///
  /// - Parameter isReplaced: what is there is replaced as a whole, which a device or a pipe cannot be.
  public init(_ path: String?, force: Bool, isReplaced: Bool = false) throws {
    guard let path, path != "-" else {
      target = .standardOutput
      try target.requireWritable()
      self.path = nil
      return
    }
    switch Folder.kind(of: path) {
    case .folder?: throw Failure(.exists, path: path, "a folder is in the way")
    case .file? where !force: throw Failure(.exists, path: path, "the file exists", hint: "--force replaces it")
    case .other? where isReplaced: throw Failure(.exists, path: path, "not a regular file")
    case .other?:
      target = try File.open(path, flags: O_WRONLY, action: "open")
      self.path = nil
    default:
      Self.removeLeftovers(of: path)
      // A name that nobody else uses: a file of the user's must not be lost to it.
      target = try File.open(
        "\(path).\(getpid()).\(Self.ending)", flags: O_WRONLY | O_CREAT | O_EXCL, action: "create")
      self.path = path
      // Shows to others that somebody is still at it.
      _ = try? target.tryLock()
    }
  }

  deinit { if !isFinished, path != nil { try? Folder.remove(file: target.path) } }

  /// Whether somebody watches it grow.
  public var isTerminal: Bool { target.isTerminal }

  public func write(_ bytes: [UInt8]) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 16 { try flush() }
  }

  public func flush() throws {
    try target.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private static let ending = "partial"

  /// Removes what processes that were killed have left of the same file.
  private static func removeLeftovers(of path: String) {
    let folder = Folder.parent(of: path)
    let prefix = Folder.name(of: path) + "."
    for name in (try? Folder.names(in: folder)) ?? [] where name.begins(with: prefix) && name.ends(with: "." + ending) {
      guard let process = pid_t(name.dropping(first: prefix.utf8.count).dropping(last: ending.utf8.count + 1)),
        kill(process, 0) != 0,
        errno == ESRCH, let file = try? File.open("\(folder)/\(name)", flags: O_RDONLY, action: "open"),
        (try? file.tryLock()) == true
      else { continue }
      try? Folder.remove(file: file.path)
    }
  }

  /// Lets `write` make the file under another name, and gives it its own.
  public func finish(_ write: (_ path: String) throws -> Void) throws {
    guard let path else { throw Failure(.system, path: target.path, "not a regular file") }
    try write(target.path)
    try Folder.publish(target.path, as: path)
    isFinished = true
  }

  /// Writes what is left and gives the file its name.
  public func finish() throws {
    try flush()
    guard let path else { return }
    try target.synchronize()
    try target.close()
    try Folder.publish(target.path, as: path)
    isFinished = true
  }
}
