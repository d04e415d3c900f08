import FileIO

/// A command line taken apart as a shell does, as far as that needs no shell: words, quotes and pipes.
struct ShellWords {
  /// The words of each command; the last ends with `|`.
  private(set) var stages: [[String]] = []

  /// A `Failure` names what only a shell could tell.
  init(_ text: String) throws {
    var words: [String] = []
    var word: [UInt8]?
    var quote: UInt8?
    // A redirection to or from nothing is no part of a command.
    var dropsNext = false
    let bytes = Array(text.utf8)
    func shell(_ what: String) -> Failure {
      Failure(.badInput, "\(what) is for a shell", hint: "write the file's name as it is")
    }
    func end() throws {
      guard let done = word else { return }
      word = nil
      let text = String(decoding: done, as: UTF8.self)
      guard !dropsNext else {
        dropsNext = false
        guard isSame(text, "/dev/null") else { throw shell("a redirection to or from '\(text)'") }
        return
      }
      words.append(text)
    }
    var i = 0
    while i < bytes.count {
      let byte = bytes[i]
      i += 1
      switch (quote, byte) {
      case (UInt8(ascii: "'"), UInt8(ascii: "'")), (UInt8(ascii: "\""), UInt8(ascii: "\"")): quote = nil
      case (UInt8(ascii: "'"), _): word = (word ?? []) + [byte]
      case (_, UInt8(ascii: "$")), (_, UInt8(ascii: "`")): throw shell("'\(Unicode.Scalar(byte))'")
      case (let inside, UInt8(ascii: "\\")):
        guard i < bytes.count else { throw shell("a backslash at the end") }
        let next = bytes[i]
        i += 1
        let isPlain = inside != nil && !Array("\"\\$`".utf8).contains(next)
        word = (word ?? []) + (isPlain ? [byte, next] : [next])
      case (UInt8(ascii: "\""), _): word = (word ?? []) + [byte]
      case (nil, UInt8(ascii: "'")), (nil, UInt8(ascii: "\"")):
        quote = byte
        word = word ?? []
      case (nil, 0x20), (nil, 0x09), (nil, 0x0d): try end()
      case (nil, UInt8(ascii: "|")):
        try end()
        guard !words.isEmpty, !dropsNext, i == bytes.count || bytes[i] != byte else { throw shell("'|'") }
        stages.append(words)
        words = []
      case (nil, UInt8(ascii: ">")), (nil, UInt8(ascii: "<")):
        if byte == UInt8(ascii: ">"), word != nil, word == [UInt8(ascii: "2")] {
          word = nil
        } else if byte == UInt8(ascii: ">") {
          throw shell("'>'")
        }
        try end()
        dropsNext = true
      case (nil, let mark)
      where Array(";&()*?[]{}~!#".utf8).contains(mark) && (word == nil || !Array("~#!".utf8).contains(mark)):
        throw shell("'\(Unicode.Scalar(mark))'")
      default: word = (word ?? []) + [byte]
      }
    }
    guard quote == nil else { throw shell("a quote without its end") }
    try end()
    guard words.isEmpty, !dropsNext else { throw shell("what stands after the last '|'") }
  }
}
