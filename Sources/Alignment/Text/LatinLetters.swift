/// Letters without what hangs on them: their Unicode names say which they are (`LATIN CAPITAL LETTER R WITH CARON`).
enum LatinLetters {
  /// A word in the letters A to Z and apostrophes; nil if it has letters of another script.
  static func plain(_ word: String) -> String? {
    var result = ""
    for scalar in word.unicodeScalars {
      if "A"..."Z" ~= scalar || scalar == "'" {
        result.unicodeScalars.append(scalar)
      } else if let letters = base(scalar) {
        result += letters
      } else if scalar.properties.isAlphabetic {
        return nil
      }
    }
    return result
  }

  private static let others = [
    "ETH": "TH", "THORN": "TH", "DOTLESS I": "I", "SHARP S": "SS", "SCHWA": "E", "ENG": "NG",
  ]

  private static func base(_ scalar: Unicode.Scalar) -> String? {
    guard let name = scalar.properties.name, name.hasPrefix("LATIN ") else { return nil }
    for kind in ["CAPITAL LETTER ", "SMALL LETTER ", "CAPITAL LIGATURE ", "SMALL LIGATURE "] {
      guard let range = name.firstRange(of: kind) else { continue }
      let rest = String(name[range.upperBound...])
      let letter = rest.firstRange(of: " WITH ").map { String(rest[..<$0.lowerBound]) } ?? rest
      return others[letter] ?? (letter.count <= 2 ? letter : nil)
    }
    return nil
  }
}
