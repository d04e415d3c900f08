import FileIO
import Glibc

/// What a tool of the suite did.
public struct ToolResult: Sendable {
  public var status: Int
  public var output: [UInt8]
  /// What it wrote to standard error.
  public var messages: String
  public var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs a tool from the folder in which the tests were built and waits for its end.
public func runTool(
  _ name: String, _ arguments: [String], input: [UInt8] = [], in folder: String? = nil
) throws -> ToolResult {
  try runProcess(toolPath(name), arguments, input: input, in: folder)
}

/// As ``runTool(_:_:input:in:)``, without root's right to read everything.
public func runToolWithoutPrivileges(_ name: String, _ arguments: [String]) throws -> ToolResult {
  guard geteuid() == 0 else { return try runTool(name, arguments) }
  return try runProcess("/usr/bin/setpriv", ["--bounding-set=-all", toolPath(name)] + arguments)
}

/// Where a tool that was built with the tests is.
public func toolPath(_ name: String) throws -> String { "\(Folder.parent(of: try executablePath()))/\(name)" }

/// Runs a program; standard input, output and error are files, so that nothing can block.
public func runProcess(
  _ path: String, _ arguments: [String], input: [UInt8] = [], in folder: String? = nil
) throws -> ToolResult {
  try StartedProcess(path, arguments, input: input, in: folder).wait()
}

/// A program that runs; its standard input, output and error are files.
public final class StartedProcess {
  private let files: TemporaryFolder
  private var process = pid_t()

  public init(_ path: String, _ arguments: [String], input: [UInt8] = [], in folder: String? = nil) throws {
    files = try TemporaryFolder()
    try File.writing(files("input")).write(input)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, files("input"), O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, files("output"), O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, files("messages"), O_WRONLY | O_CREAT, 0o600)
    // Threads of a test block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let command = (folder.map { ["/usr/bin/env", "-C", $0] } ?? []) + [path] + arguments
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawnp(&process, command[0], &actions, &attributes, &words, environ)
    guard code == 0 else { throw Failure.system("start", path: path, errno: code) }
  }

  public func send(_ signal: CInt) { kill(process, signal) }

  /// Waits for its end.
  public func wait() throws -> ToolResult {
    var status: CInt = 0
    while waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { throw Failure.system("wait for", path: "a process") }
    }
    // As a shell counts: a signal is 128 and its number.
    let signal = status & 0x7f
    return ToolResult(
      status: Int(signal == 0 ? status >> 8 & 0xff : 128 + signal), output: try File.contents(of: files("output")),
      messages: String(decoding: try File.contents(of: files("messages")), as: UTF8.self))
  }
}

private func executablePath() throws -> String {
  guard let path = realpath("/proc/self/exe", nil) else { throw Failure.system("find", path: "/proc/self/exe") }
  defer { free(path) }
  return String(cString: path)
}
