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

/// Called often and from any thread; it must be cheap.
public typealias ProgressHandler = @Sendable (Progress) -> Void
