import FileIO

/// The tokens of a Praat text file (Praat manual, "TextGrid file formats"): free-standing numbers, texts in double quotes
/// and flags in angle brackets. Everything else, as `xmin =` and `intervals [1]:`, is there for people; `!` begins a
/// comment. So the long and the short form are one.
struct TextGridTokens {
  enum Token: Equatable {
    case number(String)
    case text(String)
    case flag(String)
    /// A quotation that never ends.
    case unterminated
  }

  private let bytes: [UInt8]
  private var position = 0
  private(set) var line = 1

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The next token and the line on which it begins; nil at the end.
  mutating func next() -> (token: Token, line: Int)? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") { return quotation() }
      if byte == UInt8(ascii: "!") {
        while position < bytes.count, bytes[position] != 0x0a, bytes[position] != 0x0d { position += 1 }
      } else if byte <= 0x20 {
        if byte == 0x0a { line += 1 }
        position += 1
      } else {
        let start = position
        while position < bytes.count, bytes[position] > 0x20 { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch byte {
        case UInt8(ascii: "<") where word.ends(with: ">"): return (.flag(word), line)
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
          return (.number(word), line)
        default: break
        }
      }
    }
    return nil
  }

  /// Two quotation marks are one of the text.
  private mutating func quotation() -> (token: Token, line: Int) {
    let begin = line
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == 0x0a { line += 1 }
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == byte else {
          return (.text(String(decoding: text, as: UTF8.self)), begin)
        }
        position += 1
      }
      text.append(byte)
    }
    return (.unterminated, begin)
  }
}
