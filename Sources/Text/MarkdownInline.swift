import CICU

/// Takes the mark-up out of a line of Markdown: what stays is handed out in stretches.
///
/// Out come `*` unless there is white space on both sides, `_` unless there is that or a letter or number on both sides,
/// `` ` ``, the backslash before a mark of ASCII, and of `[text](address)` and `![text](address)` all but the text. `&amp;`
/// `&lt;` `&gt;` `&quot;` `&apos;` `&#39;` `&nbsp;` are the characters that they stand for. Everything else stays.
struct MarkdownInline {
  private let line: UnsafeRawBufferPointer
  /// Where the texts of links end that have begun, and where their addresses do.
  private var links: [(end: Int, after: Int)] = []

  /// A text or an address of a link that is longer is none, in bytes.
  private static let longestLink = 2048

  init(_ line: UnsafeRawBufferPointer) { self.line = line }

  /// `keep` is given stretches of the line, `replace` what stands for the bytes from a place on.
  mutating func strip(
    keep: (Range<Int>) throws -> Void, replace: (UInt8, Int) throws -> Void
  ) throws {
    var start = 0
    var i = 0
    func isMark(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "\\"), UInt8(ascii: "["),
        UInt8(ascii: "]"), UInt8(ascii: "!"), UInt8(ascii: "&"):
        true
      default: false
      }
    }
    while i < line.count {
      guard isMark(line[i]) else {
        i += 1
        continue
      }
      if let entity = entity(at: i) {
        if i > start { try keep(start..<i) }
        try replace(entity.byte, i)
        i += entity.count
        start = i
        continue
      }
      let mark = mark(at: i)
      if mark.removed > 0 {
        if i > start { try keep(start..<i) }
        start = i + mark.removed
      }
      i += mark.removed + mark.kept
    }
    if line.count > start { try keep(start..<line.count) }
  }

  /// How many bytes from a mark on come out, and how many after them are not to be looked at.
  private mutating func mark(at i: Int) -> (removed: Int, kept: Int) {
    switch line[i] {
    case UInt8(ascii: "`"): return (1, 0)
    case UInt8(ascii: "\\"):
      guard i + 1 < line.count, Self.isMark(line[i + 1]) else { return (0, 1) }
      return (1, 1)
    case UInt8(ascii: "!"):
      guard i + 1 < line.count, line[i + 1] == UInt8(ascii: "["), link(at: i + 1) else { return (0, 1) }
      return (2, 0)
    case UInt8(ascii: "["): return link(at: i) ? (1, 0) : (0, 1)
    case UInt8(ascii: "]"):
      guard let link = links.last, link.end == i else { return (0, 1) }
      links.removeLast()
      return (link.after - i, 0)
    case UInt8(ascii: "&"): return (0, 1)
    default:
      var end = i + 1
      while end < line.count, line[end] == line[i] { end += 1 }
      let (before, after) = (scalar(before: i), scalar(at: end))
      let isFree = Characters.isSpace(before) && Characters.isSpace(after)
      let isInWord =
        line[i] == UInt8(ascii: "_") && cpc_icu_is_alphanumeric(before) != 0 && cpc_icu_is_alphanumeric(after) != 0
      return isFree || isInWord ? (0, end - i) : (end - i, 0)
    }
  }

  /// Whether a link's text begins with this bracket; then where it ends is known.
  private mutating func link(at i: Int) -> Bool {
    let limit = min(line.count, i + Self.longestLink)
    guard let end = close(UInt8(ascii: "["), UInt8(ascii: "]"), from: i, limit: limit), end + 1 < line.count,
      line[end + 1] == UInt8(ascii: "(")
    else { return false }
    let farther = min(line.count, end + Self.longestLink)
    guard let after = close(UInt8(ascii: "("), UInt8(ascii: ")"), from: end + 1, limit: farther) else { return false }
    if let outer = links.last, after >= outer.end { return false }
    links.append((end, after + 1))
    return true
  }

  /// Where the bracket is that closes the one at `start`.
  private func close(_ open: UInt8, _ close: UInt8, from start: Int, limit: Int) -> Int? {
    var depth = 0
    var i = start
    while i < limit {
      if line[i] == UInt8(ascii: "\\") {
        i += 2
        continue
      }
      if line[i] == open { depth += 1 }
      if line[i] == close {
        depth -= 1
        if depth == 0 { return i }
      }
      i += 1
    }
    return nil
  }

  private func entity(at i: Int) -> (byte: UInt8, count: Int)? {
    guard line[i] == UInt8(ascii: "&") else { return nil }
    for (text, byte) in Self.entities where line[i...].starts(with: text) { return (byte, text.count) }
    return nil
  }

  private static let entities: [(text: [UInt8], byte: UInt8)] = [
    (Array("&amp;".utf8), UInt8(ascii: "&")), (Array("&lt;".utf8), UInt8(ascii: "<")),
    (Array("&gt;".utf8), UInt8(ascii: ">")), (Array("&quot;".utf8), UInt8(ascii: "\"")),
    (Array("&apos;".utf8), UInt8(ascii: "'")), (Array("&#39;".utf8), UInt8(ascii: "'")),
    (Array("&nbsp;".utf8), 0x20),
  ]

  private static func isMark(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: true
    default: false
    }
  }

  /// At the borders of the line there is white space.
  private func scalar(at i: Int) -> UInt32 { i < line.count ? UTF8Scan.scalar(line, at: i).scalar : 0x20 }

  private func scalar(before i: Int) -> UInt32 {
    guard i > 0 else { return 0x20 }
    var start = i - 1
    while start > 0, line[start] & 0xc0 == 0x80 { start -= 1 }
    return UTF8Scan.scalar(line, at: start).scalar
  }
}
