import Glibc

/// How far a long piece of work has come; libraries report it, tools draw it.
public struct Progress: Sendable {
  /// Units done and, where known, to do.
  public var done: Int
  public var total: Int?
  /// What the units are, for example `utterances`.
  public var unit: String
  /// Anything worth seeing beside the bar, for example the loss.
  public var detail: String

  public init(done: Int, total: Int?, unit: String, detail: String = "") {
    self.done = done
    self.total = total
    self.unit = unit
    self.detail = detail
  }
}

/// A clock that only goes forward, in seconds.
public func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Called often and from any thread; it must be cheap.
public typealias ProgressHandler = @Sendable (Progress) -> Void
