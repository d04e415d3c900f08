import FileIO
public import Text

/// The words of sentences that are already divided.
public enum Words {
  public static func divide(_ sentences: [String], _ rules: TextRules) throws -> [[String]] {
    let reader = try TextReader(.lines, rules: rules)
    return try sentences.map { sentence in
      // It is one line, whatever is in it, and no file: its first bytes are no signature.
      let bytes = [0x20] + sentence.utf8.map { $0 == 0x0d ? 0x20 : $0 }
      var words: [String] = []
      try reader.read(bytes, path: sentence) { piece in
        words += piece.tokens.map { String(decoding: $0, as: UTF8.self) }
      }
      return words
    }
  }
}
