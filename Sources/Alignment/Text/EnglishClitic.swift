import Labels

/// What English hangs on a word with an apostrophe, and how it is said there. For the phones of ``PhoneSet/cmu41``.
enum EnglishClitic: String, CaseIterable {
  case s = "'S"
  case will = "'LL"
  case have = "'VE"
  case would = "'D"
  case are = "'RE"
  case not = "N'T"

  /// `JOHN'S` is `JOHN` with `'S`; nil where a word has no clitic.
  static func split(_ word: String) -> (stem: String, clitic: EnglishClitic)? {
    for clitic in allCases where word.count > clitic.rawValue.count && word.hasSuffix(clitic.rawValue) {
      return (String(word.dropLast(clitic.rawValue.count)), clitic)
    }
    return nil
  }

  /// Without apostrophes at its ends.
  static func withoutQuotes(_ word: String) -> String {
    let bare = word.drop { $0 == "'" }
    return String(bare.last == "'" ? bare.dropLast() : bare)
  }

  /// The ways to say it after the phones of a word.
  func attached(to stem: [UInt8]) -> [[UInt8]] {
    guard let last = stem.last.map({ PhoneSet.cmu41.names[Int($0)] }) else { return [] }
    return endings(after: last).map { stem + EnglishPronunciations.phones($0) }
  }

  private func endings(after last: String) -> [String] {
    let isVowel = "AEIOU".contains(last.first!)
    switch self {
    case .s:
      if ["S", "Z", "SH", "ZH", "CH", "JH"].contains(last) { return ["IH Z", "AH Z"] }
      return [["P", "T", "K", "F", "TH"].contains(last) ? "S" : "Z"]
    case .will: return [isVowel ? "L" : "AH L"]
    case .have: return [isVowel ? "V" : "AH V"]
    case .would: return ["T", "D"].contains(last) ? ["AH D", "IH D"] : ["D"]
    case .are: return isVowel ? ["R", "ER"] : ["ER"]
    case .not: return isVowel ? ["N T"] : ["AH N T", "N T"]
    }
  }
}
