import FileIO
import Glibc

/// Bold headings and coloured errors, for people at a terminal.
public struct TextStyle: Sendable {
  let isColourful: Bool

  /// - Parameters:
  ///   - isTerminal: whether what is written goes to one.
  ///   - environment: a variable's value; NO_COLOR (no-color.org), if it is not empty, and a dumb terminal forbid colours.
  public init(isTerminal: Bool, environment: (String) -> String? = variable) {
    let forbids = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    let terminal = environment("TERM") ?? "dumb"
    isColourful = isTerminal && !forbids && !isSame(terminal, "dumb") && !terminal.isEmpty
  }

  /// A variable of the process's environment.
  public static let variable: @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }

  /// The line with its first words, the heading, in bold.
  func heading(_ line: String, _ words: String) -> String {
    guard isColourful, line.begins(with: words) else { return line }
    return "\u{1b}[1m\(words)\u{1b}[0m" + line.dropping(first: words.utf8.count)
  }

  /// A message on standard error with what it is about, at its beginning, in colour.
  func message(_ text: String, tool: String) -> String {
    guard isColourful else { return text }
    let marks = [("\(tool): ", "error:", "31"), ("\(tool): ", "warning:", "33"), ("", "skipped:", "33")]
    for (start, word, colour) in marks where text.begins(with: start + word) {
      return start + "\u{1b}[1;\(colour)m\(word)\u{1b}[0m" + text.dropping(first: (start + word).utf8.count)
    }
    return text
  }
}

/// The columns that help has: of COLUMNS, else of the terminal, else 80; more than 100 are hard to read, in less than 40
/// flags have no room.
func helpColumns(environment: (String) -> String? = TextStyle.variable) -> Int {
  var size = winsize()
  let seen = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  let columns = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? seen
  return min(100, max(40, columns))
}
