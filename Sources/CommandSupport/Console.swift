public import FileIO
import Glibc
import Synchronization

/// How progress is shown.
public enum ProgressStyle: String, Sendable, CaseIterable {
  /// A bar on a terminal, lines elsewhere.
  case auto
  case bar
  case lines
  case none
}

/// What people read while a tool works: notes and progress, all on standard error.
///
/// On a terminal, progress is one bar, and a note is printed above it. Elsewhere, as in the log of a batch system, it
/// is a line now and then: the first after ten seconds, then at growing intervals of up to five minutes.
public final class Console: Sendable {
  private struct State {
    var bar = ""
    var meter = ProgressMeter()
    /// When the bar was last drawn; when the next line is due, and the interval after that.
    var drawn = -Double.infinity
    var due: Double
    var interval = 2 * firstInterval
    var reasons = ReasonCounts()
    var warnings = 0
  }

  private static let firstInterval = 10.0
  private static let longestInterval = 300.0

  private let state: Mutex<State>
  /// No progress and no notes; errors still appear.
  public let isQuiet: Bool
  /// Every bad input is named, however many have the same reason.
  let isVerbose: Bool
  let name: String
  private let style: ProgressStyle
  private let text: TextStyle
  private let clock: @Sendable () -> Double
  private let put: @Sendable (String) -> Void

  /// - Parameters:
  ///   - name: the tool, which begins each line of progress: several may share a log.
  ///   - environment: a variable's value, for ``TextStyle``.
  ///   - clock: seconds that only go forward.
  ///   - put: where everything is written; by default standard error.
  public init(
    name: String, quiet: Bool, verbose: Bool = false, progress style: ProgressStyle = .auto,
    isTerminal: Bool = File.standardError.isTerminal, environment: (String) -> String? = TextStyle.variable,
    clock: @escaping @Sendable () -> Double = monotonicSeconds,
    put: @escaping @Sendable (String) -> Void = { try? File.standardError.write($0) }
  ) {
    self.name = name
    isQuiet = quiet
    isVerbose = verbose
    self.style = quiet ? .none : style == .auto ? (isTerminal ? .bar : .lines) : style
    self.clock = clock
    self.put = put
    text = TextStyle(isTerminal: isTerminal, environment: environment)
    state = Mutex(State(due: clock() + Self.firstInterval))
  }

  /// A line that `--quiet` silences.
  public func note(_ text: String) { if !isQuiet { line(text) } }

  /// A line that always appears.
  public func error(_ text: String) { line(text) }

  /// Draws the bar, at most ten times a second, or writes a line if one is due.
  ///
  /// - Parameter besideResults: results go to a terminal meanwhile, where a bar would stand among them.
  public func show(_ progress: Progress, besideResults: Bool = false) {
    guard style != .none, !(style == .bar && besideResults) else { return }
    let now = clock()
    state.withLock { state in
      let reading = state.meter.measure(progress, now: now)
      if style == .bar {
        guard now - state.drawn >= 0.1 else { return }
        state.drawn = now
        state.bar = reading.bar(width: Self.width())
        put("\r\u{1b}[K" + state.bar)
      } else if now >= state.due {
        state.due = now + state.interval
        state.interval = min(2 * state.interval, Self.longestInterval)
        put("\(name): \(printable(reading.line))\n")
      }
    }
  }

  /// How many inputs were reported that are no failures, ``InputProblem/isWarning``.
  public var warnings: Int { state.withLock(\.warnings) }

  func countWarning() { state.withLock { $0.warnings += 1 } }

  /// Counts a bad input; returns whether it is among the first that have this reason.
  func count(_ reason: String) -> Bool { state.withLock { $0.reasons.add(reason) } }

  /// Removes the bar, and says how many bad inputs were not named; the next progress counts its time anew.
  public func finish() {
    let more = state.withLock { state in
      if !state.bar.isEmpty { put("\r\u{1b}[K") }
      state.bar = ""
      state.meter = ProgressMeter()
      state.drawn = -.infinity
      defer { state.reasons = ReasonCounts() }
      return state.reasons.more
    }
    for text in more { line(text) }
  }

  /// Names of others may stand in it: no terminal obeys them.
  private func line(_ message: String) {
    let plain = withFlags(message).pieces(at: "\n").map { printable(String($0)) }.joined(separator: "\n")
    let text = self.text.message(plain, tool: name)
    state.withLock { state in
      put(state.bar.isEmpty ? text + "\n" : "\r\u{1b}[K" + text + "\n" + state.bar)
    }
  }

  /// Minutes and seconds, with hours where there are any.
  public static func clock(_ seconds: Double) -> String {
    let whole = Int(max(0, seconds))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }

  private static func width() -> Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
