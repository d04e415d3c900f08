/// What a line of Markdown is to its paragraph (CommonMark 0.31, as far as prose has it).
///
/// A heading (`# …`, or underlined), an item (`-`, `*` or `+` and a space) begins a paragraph; `>` and spaces before a
/// line are taken off; lines of nothing but `-`, `=`, `*`, `_`, `|`, `:` (rules, underlines, rows of tables) and fences
/// of code are taken out, and end a paragraph, as a blank line does. Numbers of items stay, tables and code are text, HTML
/// stays as it is. What is within a line is ``MarkdownInline``'s.
enum MarkdownLine: Equatable {
  case blank
  /// Nothing but mark-up.
  case markup
  case heading(Range<Int>)
  case item(Range<Int>)
  case text(Range<Int>)

  /// `isWhole`: the line has no other parts.
  init(_ line: UnsafeRawBufferPointer, isWhole: Bool) {
    var start = 0
    var end = line.count
    while start < end, Self.isSpace(line[start]) || line[start] == UInt8(ascii: ">") { start += 1 }
    while end > start, Self.isSpace(line[end - 1]) { end -= 1 }
    guard start < end else {
      self = .blank
      return
    }
    let rest = UnsafeRawBufferPointer(rebasing: line[start..<end])
    let first = rest[0]
    let marks = rest.prefix { $0 == first }.count
    let isFence = (first == UInt8(ascii: "`") || first == UInt8(ascii: "~")) && marks >= 3
    if isFence || (isWhole && Self.isRule(rest)) {
      self = .markup
    } else if first == UInt8(ascii: "#"), marks <= 6, marks == rest.count || Self.isSpace(rest[marks]) {
      // As many of them may close it, after a space.
      var close = end
      while close > start + marks, line[close - 1] == UInt8(ascii: "#") { close -= 1 }
      if close > start + marks, !Self.isSpace(line[close - 1]) { close = end }
      self = marks == rest.count ? .markup : .heading(start + marks..<close)
    } else if "-*+".utf8.contains(first), rest.count > 1, Self.isSpace(rest[1]) {
      self = .item(start + 1..<line.count)
    } else {
      self = .text(start..<line.count)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func isRule(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count >= 3 else { return false }
    var marks = 0
    for byte in line where !isSpace(byte) {
      switch byte {
      case UInt8(ascii: "-"), UInt8(ascii: "="), UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "|"),
        UInt8(ascii: ":"):
        marks += 1
      default: return false
      }
    }
    return marks >= 3
  }
}
