import FileIO
import Glibc
import TestSupport

/// The Python interpreter that `CPC_PYTHON` names (default: python3).
enum Python {
  static let interpreter = getenv("CPC_PYTHON").map { String(cString: $0) } ?? "python3"

  /// Whether it has what `Tools/torch` needs.
  static let hasTorch: Bool = (try? run(["-c", "import torch, safetensors"]).status) == 0

  static let reason = "\(interpreter) has no torch and safetensors; CPC_PYTHON names another interpreter"

  /// `Tools/torch/NAME`, found from this source file.
  static func tool(_ name: String) -> String {
    let sources = Folder.parent(of: #filePath)
    return "\(Folder.parent(of: Folder.parent(of: sources)))/Tools/torch/\(name)"
  }

  /// Runs it to its end; standard output and error together.
  static func run(_ arguments: [String]) throws -> (status: Int, output: String) {
    let folder = try TemporaryFolder()
    let output = folder("output")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var process: pid_t = 0
    let words = ([interpreter] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawnp(&process, interpreter, &actions, nil, words, environ)
    guard code == 0 else { throw Failure.system("run", path: interpreter, errno: code) }
    var status: CInt = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let exited = status & 0x7f == 0 ? Int(status >> 8 & 0xff) : -1
    return (exited, String(decoding: try File.contents(of: output), as: UTF8.self))
  }
}
