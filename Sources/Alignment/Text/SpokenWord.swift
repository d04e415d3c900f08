/// A word of a transcript and what may be said for it.
package struct SpokenWord: Equatable {
  /// As written, in upper case.
  package var written: String
  /// Each reading is one or more words to be looked up; none where there is nothing to be looked up: a noise.
  package var readings: [[String]]

  /// The words of a text. Punctuation is left out, hyphens separate words, digits are spelled out in English; `<...>`,
  /// `[...]` and what has neither letters nor digits are noises.
  package static func words(of text: String, isEnglish: Bool) -> [SpokenWord] {
    text.split(whereSeparator: \.isWhitespace).flatMap { token -> [SpokenWord] in
      if let mark = noiseMark(token) { return [SpokenWord(written: mark, readings: [])] }
      return token.split { dashes.contains($0) }.compactMap { word(String($0), isEnglish: isEnglish) }
    }
  }

  private static let dashes: Set<Character> = ["-", "–", "—", "‐", "‑", "/", "…", "_"]
  private static let symbols: [Character: String] = ["&": "AND", "%": "PERCENT", "+": "PLUS", "@": "AT"]

  private static func noiseMark(_ token: Substring) -> String? {
    let core = token.drop { !"<[".contains($0) }
    guard let first = core.first, let last = core.last(where: { "<>[]".contains($0) }),
      (first == "<" && last == ">") || (first == "[" && last == "]")
    else { return nil }
    return token.uppercased()
  }

  private static func word(_ token: String, isEnglish: Bool) -> SpokenWord? {
    var word = token.uppercased()
    word = String(word.map { "’‘ʼ`´".contains($0) ? "'" : $0 })
    let isSpoken = { (c: Character) in c.isLetter || c.isNumber }
    guard word.contains(where: isSpoken) else {
      if isEnglish, word.count == 1, let name = symbols[word.first!] {
        return SpokenWord(written: word, readings: [[name]])
      }
      // Punctuation that stands alone is none to be heard.
      return word.allSatisfy({ $0.isPunctuation }) ? nil : SpokenWord(written: word, readings: [])
    }
    var percent: [String] = []
    if isEnglish, word.hasSuffix("%") { percent = ["PERCENT"] }
    // An apostrophe may belong to a word at either end: 'TIS, DOGS'.
    word = String(word.drop { !isSpoken($0) && $0 != "'" })
    while let last = word.last, !isSpoken(last), last != "'" { word.removeLast() }
    if isEnglish, word.contains(where: \.isASCIIDigit) {
      let readings = NumberWords.readings(of: word)
      if !readings.isEmpty { return SpokenWord(written: word, readings: readings.map { $0 + percent }) }
      return SpokenWord(written: word, readings: [pieces(word)])
    }
    return SpokenWord(written: word, readings: [[word]])
  }

  /// Letters and digits apart: `B2B`.
  private static func pieces(_ word: String) -> [String] {
    var pieces: [String] = []
    var letters = ""
    for character in word {
      if character.isASCIIDigit {
        if !letters.isEmpty { pieces.append(letters) }
        letters = ""
        pieces += NumberWords.readings(of: String(character)).first ?? []
      } else if character.isLetter || character == "'" {
        letters.append(character)
      }
    }
    return letters.isEmpty ? pieces : pieces + [letters]
  }
}
