import FileIO

/// The help of a command, made of the parser's: there each paragraph, row of a table and flag is one line; here lines are
/// as long as the terminal allows.
struct HelpPage {
  /// What stands under a heading; the heading is the first line.
  struct Section {
    var title: String
    var lines: [HelpLine]
  }

  let sections: [Section]

  /// - Parameter text: the parser's help, for a terminal that is wider than any line.
  init(_ text: String) {
    var sections: [Section] = []
    // The parser's words for two flags that do different things here.
    let text = text.replacing(
      "Show help information.", with: "Show a screen with some flags (-h), or everything (--help).")
    for line in text.pieces(at: "\n") {
      let title = Self.title(of: line)
      if let title { sections.append(Section(title: title, lines: [])) }
      guard let last = sections.indices.last else { continue }
      let line = HelpLine(line, isExample: isSame(sections[last].title, Self.examples))
      if title == nil, let joined = sections[last].lines.last?.joined(with: line), sections[last].lines.count > 1 {
        sections[last].lines[sections[last].lines.count - 1] = joined
      } else {
        sections[last].lines.append(line)
      }
    }
    self.sections = sections
  }

  static let examples = "EXAMPLES"

  /// The words in capitals that a heading begins with: `OPTIONS` of `OPTIONS:`, `USAGE` of `USAGE: cpc-scan …`.
  private static func title(of line: Substring) -> String? {
    let head = line.prefix { $0 != ":" && $0 != "(" }
    let title = trimmed(head)
    guard let first = head.first, first.isUppercase, title.count > 1,
      title.allSatisfy({ $0.isUppercase || $0.isNumber || " ,'-".contains($0) })
    else { return nil }
    return title
  }

  /// All of it.
  func text(columns: Int, style: TextStyle) -> String {
    var lines: [String] = []
    for section in sections {
      for (i, line) in section.lines.enumerated() {
        var filled = line.filled(columns)
        if i == 0 { filled[0] = style.heading(filled[0], section.title) }
        lines += filled
      }
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  func section(_ title: String) -> Section? { sections.first { isSame($0.title, title) } }
}

/// A flag, an argument or a subcommand as a help lists it.
struct HelpEntry {
  /// As written: `-o, --output <file>`.
  var label: String
  var text: String

  /// The entries of a section: each label with its text beside it, or below it where it is long.
  static func all(in section: HelpPage.Section) -> [HelpEntry] {
    var entries: [HelpEntry] = []
    for line in section.lines.dropFirst() where line.string.begins(with: "  ") && !line.string.begins(with: "  See '") {
      if !line.string.begins(with: "   ") {
        let (label, text) = line.parts
        entries.append(HelpEntry(label: label, text: text))
      } else if let last = entries.indices.last, entries[last].text.isEmpty {
        entries[last].text = trimmed(line.string)
      }
    }
    return entries
  }

  /// `-o` and `--output`.
  var names: [Substring] { label.pieces(at: " ", ",", "/").filter { $0.begins(with: "-") } }

  /// The label and the first sentence, in at most so many lines.
  func brief(columns: Int, lines most: Int) -> [String] {
    let end = text.firstRange(of: ". ") ?? text.firstRange(of: "; ")
    let sentence = end.map { text[..<$0.lowerBound] + "." } ?? Substring(text)
    let (column, isLong) = (26, label.count > 23)
    let start = "  " + label + (isLong ? "\n" : "")
    let space = String(repeating: " ", count: isLong ? column : column - start.count)
    let lines = (start + space + sentence).pieces(at: "\n")
    let filled = lines.flatMap { HelpLine($0, isExample: false).filled(columns) }
    guard filled.count > most else { return filled }
    var last = filled[most - 1]
    while last.count + 2 > columns, let (head, _) = last.divided(atLast: " ") { last = String(head) }
    return filled.prefix(most - 1) + [last + " …"]
  }
}
