import FileIO
import Glibc
import TestSupport

/// The Python interpreter that `CPC_PYTHON` names, where it has fastabx.
enum Python {
  static let interpreter = getenv("CPC_PYTHON").map { String(cString: $0) }

  static let hasFastABX: Bool =
    interpreter.map { (try? runProcess($0, ["-c", "import fastabx"]).status) == 0 } ?? false

  static func run(_ arguments: [String]) throws -> String {
    let result = try runProcess(interpreter!, arguments)
    guard result.status == 0 else { throw Failure(.system, "\(arguments[0]): \(result.messages)") }
    return result.text
  }
}
