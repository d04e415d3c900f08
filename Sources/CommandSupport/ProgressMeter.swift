public import FileIO

/// Puts progress into words: how fast it goes, how long it took and how long it will.
///
/// Work of another unit, or that begins again, is measured from its own beginning; what comes back to an earlier unit,
/// as updates after a validation, goes on with its time.
public struct ProgressMeter: Sendable {
  private struct Phase {
    var start: Double
    /// Units done when time began, as in a run that goes on with an earlier one.
    var first: Int
    var last: Int
  }

  private var phases: [String: Phase] = [:]

  public init() {}

  /// What there is to say of `progress` at the time `now`, in seconds.
  public mutating func measure(_ progress: Progress, now: Double) -> ProgressReading {
    var phase = phases[progress.unit] ?? Phase(start: now, first: progress.done, last: progress.done)
    if progress.done < phase.last { phase = Phase(start: now, first: progress.done, last: progress.done) }
    phase.last = progress.done
    phases[progress.unit] = phase
    return ProgressReading(progress: progress, made: progress.done - phase.first, elapsed: now - phase.start)
  }
}

/// Progress beside the time that it took.
public struct ProgressReading: Sendable {
  public let progress: Progress
  /// Units done within `elapsed` seconds.
  let made: Int
  let elapsed: Double

  /// Seconds until all is done, if that can be told.
  private var left: Double? {
    guard let total = progress.total, made > 0, total > progress.done else { return nil }
    return elapsed * Double(total - progress.done) / Double(made)
  }

  private var count: String {
    let unit = (progress.total ?? progress.done) == 1 ? Self.singular(progress.unit) : progress.unit
    return "\(progress.done)\(progress.total.map { "/\($0)" } ?? "") \(unit)"
  }

  /// Of the units there are: `lines` and `batches`, but also `MiB`.
  private static func singular(_ unit: String) -> String {
    guard unit.ends(with: "s") else { return unit }
    return String(unit.dropLast(unit.ends(with: "ches") || unit.ends(with: "sses") ? 2 : 1))
  }

  private var fraction: Double? {
    guard let total = progress.total, total > 0 else { return nil }
    return min(1, Double(progress.done) / Double(total))
  }

  /// Everything, for a log.
  public var line: String {
    var parts = [count + (fraction.map { " (\(Int(100 * $0)) %)" } ?? "")]
    if !progress.detail.isEmpty { parts.append(progress.detail) }
    if made > 0, elapsed > 0 { parts.append(Self.rate(Double(made) / elapsed, progress.unit)) }
    parts.append("\(Console.clock(elapsed)) spent")
    if let left { parts.append("\(Console.clock(left)) left") }
    return parts.joined(separator: ", ")
  }

  /// On a narrow terminal the bar shrinks first, then the time spent goes; the time left stays.
  public func bar(width: Int) -> String {
    var parts = [count]
    if !progress.detail.isEmpty { parts.append(progress.detail) }
    let spent = parts.count
    parts.append(Console.clock(elapsed))
    if let left { parts.append("\(Console.clock(left)) left") }
    let room = max(20, width - 1)
    func text() -> String { parts.joined(separator: ", ") }
    if text().count > room, parts.count > spent + 1 { parts.remove(at: spent) }
    guard let fraction else { return String(text().prefix(room)) }
    let cells = min(20, room - text().count - 3)
    guard cells >= 5 else { return String(text().prefix(room)) }
    let filled = Int(fraction * Double(cells))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled) + "] " + text()
  }

  /// Of what is slow, how many come in a minute or an hour.
  private static func rate(_ perSecond: Double, _ unit: String) -> String {
    let (value, time) =
      perSecond >= 1 ? (perSecond, "s") : perSecond >= 1.0 / 60 ? (60 * perSecond, "min") : (3600 * perSecond, "h")
    return value >= 100 ? "\(Int(value)) \(unit)/\(time)" : "\((value * 10).rounded() / 10) \(unit)/\(time)"
  }
}
