public import Glibc

/// What went wrong, where, why and what to do about it: the one error that tools show to people.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What a caller may want to tell apart.
  public enum Kind: Sendable {
    /// Input that is not what it should be: skipped where a tool can go on.
    case badInput
    /// A file of our own formats that is damaged.
    case corrupt
    /// Something is there that would be overwritten, or another process is at it.
    case exists
    /// The disk is full or will be.
    case noSpace
    /// The reader of our output has gone; tools end quietly.
    case brokenPipe
    /// Settings that cannot work together or with this input (exit status 64).
    case usage
    /// Anything else the operating system refused.
    case system
  }

  public var kind: Kind
  /// The file or archive member, as the user knows it.
  public var path: String?
  /// Where in the file: a byte offset, a line, a row, a sample.
  public var position: String?
  /// What is wrong, and what helps; settings in them are spelled as ``Setting`` does.
  public var reason: String
  public var hint: String?
  /// Whether the operating system refused, so that trying again may succeed; stays when the kind changes.
  public var isOfSystem = false
  /// Whether the file system has no locks.
  public var isNoLocking = false

  public init(_ kind: Kind, path: String? = nil, at position: String? = nil, _ reason: String, hint: String? = nil) {
    self.kind = kind
    self.path = path
    self.position = position
    self.reason = reason
    self.hint = hint
  }

  /// `path: position: reason (hint)`.
  public var description: String {
    [path, position].compactMap { $0 }.map { $0 + ": " }.joined() + reason + (hint.map { " (\($0))" } ?? "")
  }

  /// The failure that `errno` describes.
  public static func system(_ action: String, path: String?, errno code: CInt = errno) -> Failure {
    let text = String(cString: strerror(code))
    var failure =
      switch code {
      case EPIPE: Failure(.brokenPipe, path: path, "cannot \(action): \(text)")
      case ENOSPC, EDQUOT: Failure(.noSpace, path: path, "cannot \(action): \(text)", hint: "free some space and rerun")
      case EEXIST: Failure(.exists, path: path, "cannot \(action): \(text)")
      default: Failure(.system, path: path, "cannot \(action): \(text)")
      }
    failure.isOfSystem = true
    return failure
  }
}

/// A file that the system refuses is a bad input like any other: named and left out.
public func asBadInput(_ error: any Error) -> Failure {
  guard var failure = error as? Failure else { return Failure(.badInput, "\(error)") }
  failure.kind = .badInput
  return failure
}

/// A bad input that was skipped and that the closing summary counts.
public struct InputProblem: Sendable, Equatable {
  /// The utterance concerned, if its id is known.
  public var id: String?
  public var failure: Failure
  /// Whether nothing is missing of what was asked for: a transcript without audio, as where recordings were left out on
  /// purpose. It is named and counted, and the exit status stays 0, unless `--strict` makes the first problem the last.
  public var isWarning: Bool

  public init(id: String? = nil, _ failure: Failure, isWarning: Bool = false) {
    self.id = id
    self.failure = failure
    self.isWarning = isWarning
  }
}
