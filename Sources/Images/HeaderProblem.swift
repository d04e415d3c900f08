import FileIO

/// Why a file is not taken, as found without unpacking its pixels.
enum HeaderProblem: Error {
  /// The file ends before its pixels begin.
  case headerCutShort
  /// The file ends too early, or its pixels do.
  case cutShort(at: Int, String)
  case damaged(at: Int, String)
  /// Good, but of a coding that is not read.
  case notRead(String, hint: String? = nil)

  func failure(of kind: ImageKind, name: String) -> Failure {
    switch self {
    case .headerCutShort: Failure(.badInput, path: name, "\(kind.title), cut short: it ends within its header")
    case .cutShort(let place, let reason):
      Failure(.badInput, path: name, at: "byte \(place)", "\(kind.title), cut short: \(reason)")
    case .damaged(let place, let reason):
      Failure(.badInput, path: name, at: "byte \(place)", "\(kind.title), damaged: \(reason)")
    case .notRead(let coding, let hint): Failure(.badInput, path: name, "\(coding), which is not read", hint: hint)
    }
  }
}
