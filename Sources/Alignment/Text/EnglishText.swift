/// How English says what is not written as words. For pieces of a text without blanks and hyphens, in upper case.
enum EnglishText {
  static func words(of piece: Substring) -> [SpokenWord] {
    guard piece.contains(where: \.isSpoken) else {
      if piece.count == 1, let name = symbols[piece.first!] {
        return [SpokenWord(written: String(piece), readings: [[name]])]
      }
      return SpokenWord.noise(piece)
    }
    if piece.contains(where: \.isNumber) { return [number(piece)] }
    let core = SpokenWord.core(of: piece)
    var words: [SpokenWord] = []
    var rest = core
    while let symbol = rest.firstIndex(where: { symbols[$0] != nil }) {
      words += letters(rest[..<symbol], endsInPoint: false)
      words.append(SpokenWord(symbols[rest[symbol]]!))
      rest = rest[rest.index(after: symbol)...]
    }
    return words + letters(rest, endsInPoint: piece[core.endIndex...].first == ".")
  }

  private static let symbols: [Character: String] = ["&": "AND", "%": "PERCENT", "+": "PLUS", "@": "AT"]

  private static let abbreviations: [String: [[String]]] = [
    "MR": [["MISTER"]], "MRS": [["MISSIS"]], "DR": [["DOCTOR"], ["DRIVE"]], "MESSRS": [["MESSERS"]],
  ]
  /// These are words without their point.
  private static let pointedAbbreviations: [String: [[String]]] = [
    "ST": [["SAINT"], ["STREET"]], "JR": [["JUNIOR"]], "SR": [["SENIOR"]], "PROF": [["PROFESSOR"]],
    "CAPT": [["CAPTAIN"]], "COL": [["COLONEL"]], "GEN": [["GENERAL"]], "LT": [["LIEUTENANT"]], "REV": [["REVEREND"]],
    "ETC": [["ET", "CETERA"]], "VS": [["VERSUS"]],
  ]

  /// What has no digits: words that lack a blank between them (`END.NEXT`), initials (`U.S.A`), abbreviations.
  private static func letters(_ text: Substring, endsInPoint: Bool) -> [SpokenWord] {
    let pieces = text.split { !$0.isLetter && $0 != "'" && $0 != "." }
    return pieces.enumerated().flatMap { i, piece -> [SpokenWord] in
      let parts = piece.split(separator: ".")
      if parts.count > 1, parts.allSatisfy({ $0.count <= 2 }), parts.contains(where: { $0.count == 1 }) {
        return [SpokenWord(written: String(piece), readings: [parts.joined().map { String($0) }])]
      }
      return parts.enumerated().map { k, part in
        let word = String(part)
        let isBeforePoint = k + 1 < parts.count || (i + 1 == pieces.count && endsInPoint)
        let readings = abbreviations[word] ?? (isBeforePoint ? pointedAbbreviations[word] : nil)
        return SpokenWord(written: word, readings: readings ?? [[word]])
      }
    }
  }

  private static func number(_ piece: Substring) -> SpokenWord {
    let body = trimmed(piece)
    let readings = NumberWords.readings(of: String(body))
    if !readings.isEmpty { return SpokenWord(written: String(body), readings: readings) }
    return SpokenWord(written: String(body), readings: [pieces(body)])
  }

  /// What may stand at the ends of a number belongs to it: `$5`, `.5`, `5%`. Apostrophes do not: '90s, 5'.
  private static func trimmed(_ piece: Substring) -> Substring {
    var body = piece
    while let first = body.first, !first.isSpoken, !NumberWords.isCurrency(first) {
      if first == ".", body.dropFirst().first?.isASCIIDigit == true { break }
      body.removeFirst()
    }
    while let last = body.last, !last.isSpoken, !NumberWords.isCurrency(last), last != "%" { body.removeLast() }
    return body
  }

  /// Letters, numbers and fractions apart: `B2B`, `1½`, `3,4,5`, `R2&D2`.
  private static func pieces(_ text: Substring) -> [String] {
    var words: [String] = []
    var rest = text
    while let first = rest.first {
      if first.isASCIIDigit {
        let digits = rest.prefix(while: \.isASCIIDigit)
        words += NumberWords.readings(of: String(digits)).first ?? []
        rest = rest[digits.endIndex...]
      } else if first.isLetter {
        let letters = rest.prefix { $0.isLetter || $0 == "'" }
        words.append(String(letters))
        rest = rest[letters.endIndex...]
      } else {
        words += symbols[first].map { [$0] } ?? NumberWords.sign(first, afterNumber: !words.isEmpty)
        rest.removeFirst()
      }
    }
    return words
  }
}
