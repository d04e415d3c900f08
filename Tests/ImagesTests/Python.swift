import Glibc
import TestSupport

/// The Python interpreter that `CPC_PYTHON` names, where it has Pillow.
enum Python {
  static let interpreter = getenv("CPC_PYTHON").map { String(cString: $0) }
  static let hasPillow: Bool = {
    guard let interpreter else { return false }
    return (try? runProcess("/usr/bin/env", [interpreter, "-c", "import PIL"]).status) == 0
  }()
}
