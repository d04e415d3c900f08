public import FileIO

/// How often each reason came up, in the order in which it first did.
struct ReasonCounts {
  /// Of one reason, so many are named, and of all together.
  static let (named, namedInAll) = (5, 40)

  private var order: [Name] = []
  private var counts: [Name: (all: Int, named: Int)] = [:]
  private var lines = 0

  /// Counts one more; returns whether it is among the first.
  mutating func add(_ reason: String) -> Bool {
    let reason = Name(reason)
    if counts[reason] == nil { order.append(reason) }
    counts[reason, default: (0, 0)].all += 1
    guard counts[reason]!.named < Self.named, lines < Self.namedInAll else { return false }
    counts[reason]!.named += 1
    lines += 1
    return true
  }

  /// A line for each reason that more inputs had than were named; reasons of which none was named share one.
  var more: [String] {
    var more: [String] = []
    var (unnamed, reasons) = (0, 0)
    for reason in order {
      let (all, named) = counts[reason]!
      if named == 0 {
        (unnamed, reasons) = (unnamed + all, reasons + 1)
      } else if all > named {
        more.append(
          "… and \(grouped(all - named)) more: same reason, \(grouped(all)) in all: \(reason) (--verbose names each)")
      }
    }
    guard unnamed > 0 else { return more }
    return more + [
      "… and \(grouped(unnamed)) more, for \(counted(reasons, "other reason")) (--verbose names each)"
    ]
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
