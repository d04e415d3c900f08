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

  static func run(_ arguments: [String]) throws -> (status: Int, output: String) {
    let result = try runProcess(interpreter, arguments)
    return (result.status, result.text + result.messages)
  }
}
