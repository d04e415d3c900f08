public import FileIO

extension InputProblem {
  /// Whether nothing is missing of what was asked for: a transcript without audio, as where recordings were left out on
  /// purpose. It is named and counted, and the exit status stays 0, unless `--strict` makes the first problem the last.
  public var isWarning: Bool { failure.reason.ends(with: "without audio") }
}

/// How often each reason came up, in the order in which it first did.
struct ReasonCounts {
  /// Of one reason, so many are named.
  static let named = 5

  private var order: [String] = []
  private var counts: [String: Int] = [:]

  /// Counts one more; returns whether it is among the first.
  mutating func add(_ reason: String) -> Bool {
    if counts[reason] == nil { order.append(reason) }
    counts[reason, default: 0] += 1
    return counts[reason]! <= Self.named
  }

  /// A line for each reason that more inputs had than were named.
  var more: [String] {
    order.compactMap { reason in
      guard let count = counts[reason], count > Self.named else { return nil }
      return "… and \(grouped(count - Self.named)) more: same reason, \(grouped(count)) in all: \(reason) "
        + "(--verbose names each)"
    }
  }
}

extension Console {
  /// Names a bad input as it is found; of one reason the first five, and ``finish()`` says how many more there were.
  ///
  /// - Parameter word: what becomes of it.
  public func report(_ problem: InputProblem, as word: String = "skipped") {
    let failure = problem.failure
    let word = problem.isWarning ? "\(name): warning" : word
    if problem.isWarning { countWarning() }
    guard isVerbose || count("\(word): \(failure.reason)\(failure.hint.map { " (\($0))" } ?? "")") else { return }
    error(printable("\(word): \(problem.id.map { "\($0): " } ?? "")\(failure)"))
  }
}
