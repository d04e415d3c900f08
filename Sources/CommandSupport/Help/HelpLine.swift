import FileIO

/// A line of a help: of prose, of a table, or a command that a reader copies.
///
/// A line that is too long goes on below where its text begins; a command goes on after a backslash, so that it stays one.
struct HelpLine {
  private let text: [Character]
  /// A command is broken where a shell goes on reading, and no more.
  let isCommand: Bool

  /// - Parameter isExample: whether it stands among the examples.
  init(_ line: some StringProtocol, isExample: Bool) {
    text = Array(line)
    let margin = text.prefix { $0 == " " }.count
    let words = String(text.dropFirst(margin))
    let starts = ["cpc-", "parallel ", "sbatch ", "curl ", "| "]
    let isCalled = starts.contains { words.begins(with: $0) }
    isCommand = isExample ? 4..<12 ~= margin || margin > 1 && isCalled : 4..<12 ~= margin && isCalled
  }

  var string: String { String(text) }
  private var margin: Int { text.prefix { $0 == " " }.count }

  /// Where the text of a table's row or of a flag begins, or that of a line which goes on with it; 0 of all else.
  private var column: Int {
    let margin = margin
    // The parser leaves one space after a flag that just has room.
    let (end, start) = (25, 26)
    if margin == 2, text.count > start, "-<".contains(text[2]), text[end] == " ", !" <[".contains(text[start]) {
      return start
    }
    let gap = text.indices.dropFirst(margin).dropLast().first { text[$0] == " " && text[$0 + 1] == " " }
    let found = gap.flatMap { gap in text[gap...].firstIndex { $0 != " " } } ?? margin
    return 8..<40 ~= found ? found : 0
  }

  /// What stands in the first column of a table, and what beside it.
  var parts: (label: String, text: String) {
    let column = column > margin ? column : text.count
    return (trimmed(String(text.prefix(column))), trimmed(String(text.dropFirst(column))))
  }

  /// This line and the next as one, where that goes on with the text of this.
  func joined(with next: HelpLine) -> HelpLine? {
    guard !isCommand, !next.isCommand, !next.text.isEmpty, column > 0, next.margin == column else { return nil }
    return HelpLine(string + " " + String(next.text.dropFirst(column)), isExample: false)
  }

  /// As lines of at most so many columns, but for words that are longer.
  func filled(_ columns: Int) -> [String] {
    guard text.count > columns else { return [string] }
    return isCommand ? foldedCommand(columns) : filledText(columns)
  }

  private func filledText(_ columns: Int) -> [String] {
    // A line of usage is broken between arguments.
    let isUsage = string.begins(with: "USAGE: ")
    let start = isUsage ? 7 : column > 0 ? column : margin
    let words =
      isUsage
      ? Self.words(text.dropFirst(start), opening: "[<", closing: "]>")
      : String(text.dropFirst(start)).pieces(at: " ").filter { !$0.isEmpty }.map { String($0) }
    var lines: [String] = []
    var line = String(text.prefix(start))
    var isEmpty = true
    for word in words {
      if !isEmpty, line.count + 1 + word.count > columns {
        lines.append(line)
        line = String(repeating: " ", count: start)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }

  private func foldedCommand(_ columns: Int) -> [String] {
    let margin = margin
    guard var words = Self.shellWords(text.dropFirst(margin)) else { return [string] }
    let goesOn = words.last.map { isSame($0, "\\") } == true
    if goesOn { words.removeLast() }
    words = Self.units(words, columns: columns - margin - 4)
    var lines: [String] = []
    var line = String(repeating: " ", count: margin)
    var isEmpty = true
    for word in words {
      if !isEmpty, line.count + 1 + word.count + 2 > columns {
        lines.append(line + " \\")
        line = String(repeating: " ", count: margin + 2)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line + (goesOn ? " \\" : "")]
  }

  /// Words between spaces that are in no brackets.
  private static func words(_ text: ArraySlice<Character>, opening: String, closing: String) -> [String] {
    var depth = 0
    var words = [""]
    for character in text {
      if opening.contains(character) { depth += 1 }
      if closing.contains(character) { depth -= 1 }
      // Dots say that what stands before them may be repeated.
      if character == " ", depth == 0 { words.append("") } else { words[words.count - 1].append(character) }
    }
    return words.filter { !$0.isEmpty }
  }

  /// The words, each flag with its value and each redirection with its file as one, where they have room.
  private static func units(_ words: [String], columns: Int) -> [String] {
    var units: [String] = []
    var takesNext = false
    for word in words {
      let isOperator = ["-", "|", ">", "<", ":::"].contains { word.begins(with: $0) }
      if takesNext, !isOperator, let last = units.last, last.count + 1 + word.count <= columns {
        units[units.count - 1] += " " + word
      } else {
        units.append(word)
      }
      takesNext = isOperator
    }
    return units
  }

  /// Words as a shell sees them, quotes and all; nil if one ends in another line, or there is a comment.
  private static func shellWords(_ text: ArraySlice<Character>) -> [String]? {
    var quote: Character?
    var words = [""]
    for character in text {
      if quote == nil, character == " " {
        words.append("")
        continue
      }
      if quote == nil, character == "#", words.last == "" { return nil }
      if character == quote { quote = nil } else if quote == nil, "'\"".contains(character) { quote = character }
      words[words.count - 1].append(character)
    }
    return quote == nil ? words.filter { !$0.isEmpty } : nil
  }
}
