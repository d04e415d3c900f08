public import FileIO
import Glibc
import Synchronization

/// What people read while a tool works: notes and one progress bar, all on standard error.
///
/// The bar appears on a terminal only. A note is printed above it.
public final class Console: Sendable {
  private struct State {
    var bar = ""
    var start: (time: Double, done: Int)?
    var drawn = 0.0
  }

  private let state = Mutex(State())
  /// No bar and no notes; errors still appear.
  public let isQuiet: Bool
  private let showsBar: Bool

  public init(quiet: Bool) {
    isQuiet = quiet
    showsBar = !quiet && File.standardError.isTerminal
  }

  /// A line that `--quiet` silences.
  public func note(_ text: String) { if !isQuiet { line(text) } }

  /// A line that always appears.
  public func error(_ text: String) { line(text) }

  /// Draws the bar, at most ten times a second.
  public func show(_ progress: Progress) {
    guard showsBar else { return }
    let now = monotonicSeconds()
    state.withLock { state in
      let start = state.start ?? (now, progress.done)
      state.start = start
      guard now - state.drawn >= 0.1 else { return }
      state.drawn = now
      state.bar = Self.bar(progress, from: start.done, elapsed: now - start.time, width: Self.width())
      Self.put("\r\u{1b}[K" + state.bar)
    }
  }

  /// Removes the bar; the next one counts its time anew.
  public func finish() {
    state.withLock { state in
      if !state.bar.isEmpty { Self.put("\r\u{1b}[K") }
      state = State()
    }
  }

  /// Names of others may stand in it: no terminal obeys them.
  private func line(_ text: String) {
    let text = text.pieces(at: "\n").map { printable(String($0)) }.joined(separator: "\n")
    state.withLock { state in
      Self.put(state.bar.isEmpty ? text + "\n" : "\r\u{1b}[K" + text + "\n" + state.bar)
    }
  }

  private static func put(_ text: String) { try? File.standardError.write(text) }

  /// On a narrow terminal the bar shrinks first, then the time spent goes; the time left stays.
  /// `first` units were done when time began, as in a run that goes on with an earlier one.
  static func bar(_ progress: Progress, from first: Int, elapsed: Double, width: Int) -> String {
    var parts = ["\(progress.done)\(progress.total.map { "/\($0)" } ?? "") \(progress.unit)"]
    if !progress.detail.isEmpty { parts.append(progress.detail) }
    let spent = parts.count
    parts.append(clock(elapsed))
    var fraction: Double?
    if let total = progress.total, total > 0 {
      let (made, rest) = (progress.done - first, total - progress.done)
      if made > 0, rest > 0 { parts.append("\(clock(elapsed * Double(rest) / Double(made))) left") }
      fraction = min(1, Double(progress.done) / Double(total))
    }
    let room = max(20, width - 1)
    func text() -> String { parts.joined(separator: ", ") }
    if text().count > room, parts.count > spent + 1 { parts.remove(at: spent) }
    guard let fraction else { return String(text().prefix(room)) }
    let cells = min(20, room - text().count - 3)
    guard cells >= 5 else { return String(text().prefix(room)) }
    let filled = Int(fraction * Double(cells))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: cells - filled) + "] " + text()
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
