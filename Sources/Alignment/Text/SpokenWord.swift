/// A word of a transcript and what may be said for it.
package struct SpokenWord: Equatable {
  /// As written, in upper case.
  package var written: String
  /// Each reading is one or more words to be looked up; none where there is nothing to be looked up: a noise.
  package var readings: [[String]]

  package init(written: String, readings: [[String]]) {
    self.written = written
    self.readings = readings
  }

  /// Said as it is written.
  init(_ word: some StringProtocol) { self.init(written: String(word), readings: [[String(word)]]) }

  /// The words of a text. Punctuation is left out, hyphens separate words; `<...>`, `[...]` and what has neither letters
  /// nor digits are noises. In English, digits, sums of money and some abbreviations are spelled out.
  ///
  /// - Parameter isKnown: whether a word in upper case is in the lexicon, and so is taken as it is.
  package static func words(
    of text: String, isEnglish: Bool, isKnown: (String) -> Bool = { _ in false }
  ) -> [SpokenWord] {
    parts(of: plain(text)).flatMap { part -> [SpokenWord] in
      if part.isMark { return [SpokenWord(written: String(part.text), readings: [])] }
      return part.text.split(whereSeparator: \.isWhitespace).flatMap { token in
        known(token, isKnown).map { [$0] }
          ?? token.split { dashes.contains($0) }.flatMap { words(ofPiece: $0, isEnglish, isKnown) }
      }
    }
  }

  private static let dashes: Set<Character> = ["-", "–", "—", "‐", "‑", "/", "…", "_"]

  private static func words(
    ofPiece piece: Substring, _ isEnglish: Bool, _ isKnown: (String) -> Bool
  ) -> [SpokenWord] {
    if let known = known(piece, isKnown) { return [known] }
    if isEnglish { return EnglishText.words(of: piece) }
    let core = core(of: piece)
    return core.contains(where: \.isSpoken) ? [SpokenWord(core)] : noise(piece)
  }

  /// Punctuation that stands alone is none to be heard; other signs are.
  static func noise(_ piece: Substring) -> [SpokenWord] {
    piece.allSatisfy { $0.isPunctuation || $0 == "'" } ? [] : [SpokenWord(written: String(piece), readings: [])]
  }

  /// Without punctuation at its ends. An apostrophe there may belong to the word: 'TIS, DOGS'.
  static func core(of token: Substring) -> Substring {
    var core = token.drop { !$0.isSpoken && $0 != "'" }
    while let last = core.last, !last.isSpoken, last != "'" { core.removeLast() }
    return core
  }

  private static func known(_ token: Substring, _ isKnown: (String) -> Bool) -> SpokenWord? {
    let core = core(of: token)
    guard core.contains(where: \.isSpoken) else { return nil }
    let unquoted = core.first == "'" && core.last == "'" ? core.dropFirst().dropLast() : core
    return [core, unquoted].first { isKnown(String($0)) }.map { SpokenWord($0) }
  }

  /// In upper case, with one kind of apostrophe, and without what cannot be seen (soft hyphens, joiners, marks of direction).
  private static func plain(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.uppercased().unicodeScalars where scalar.properties.generalCategory != .format {
      result.append("’‘ʼ`´".unicodeScalars.contains(scalar) ? "'" : scalar)
    }
    return String(result)
  }

  /// Noise marks and what lies between them.
  private static func parts(of text: String) -> [(text: Substring, isMark: Bool)] {
    var parts: [(text: Substring, isMark: Bool)] = []
    var rest = text[...]
    while let open = rest.firstIndex(where: { $0 == "<" || $0 == "[" }) {
      let inside = rest[rest.index(after: open)...]
      guard inside.first?.isWhitespace == false, let close = inside.firstIndex(where: { "<>[]".contains($0) }),
        inside[close] == (rest[open] == "<" ? ">" : "]")
      else {
        parts.append((rest[...open], false))
        rest = inside
        continue
      }
      parts.append((rest[..<open], false))
      parts.append((rest[open...close], true))
      rest = inside[inside.index(after: close)...]
    }
    return parts + [(rest, false)]
  }
}

extension Character {
  var isSpoken: Bool { isLetter || isNumber }
}
