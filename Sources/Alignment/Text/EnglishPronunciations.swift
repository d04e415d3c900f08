import CFlite
import Labels

/// English pronunciations in the CMU phones: those of flite's lexicon, else by its letter-to-sound rules. (Its lexicon
/// leaves out what the rules get right, so it does not tell which words are known.) For one thread.
final class EnglishPronunciations {
  private let lexicon = cmu_lex_init()
  private let phoneSet = PhoneSet.cmu41
  private var found: [String: [[UInt8]]] = [:]

  /// The pronunciations of a word of the letters A to Z and apostrophes; none if nothing of it is spoken.
  func pronunciations(of word: String) -> [[UInt8]] {
    if let known = found[word] { return known }
    var result: [[UInt8]] = []
    let bare = EnglishClitic.withoutQuotes(word)
    if let forms = Self.forms[word] ?? Self.forms[bare] {
      result = forms.map(Self.phones)
    } else if let (stem, clitic) = EnglishClitic.split(bare) {
      result = pronunciations(of: stem).flatMap(clitic.attached)
    } else {
      // flite's lexicon and rules know no apostrophes: O'CLOCK is there without.
      let letters = word.filter { $0 != "'" }.lowercased()
      // Some words are said in one way as a noun and in another as a verb.
      for kind in ["n", "v"] {
        let phones = lookUp(letters, kind)
        if !phones.isEmpty, !result.contains(phones) { result.append(phones) }
      }
    }
    found[word] = result
    return result
  }

  /// The classes of `AH N D`.
  static func phones(_ names: String) -> [UInt8] {
    names.split(separator: " ").map { UInt8(PhoneSet.cmu41.index(of: String($0))!) }
  }

  private func lookUp(_ word: String, _ kind: String) -> [UInt8] {
    guard let list = lex_lookup(lexicon, word, kind, nil) else { return [] }
    defer { delete_val(list) }
    var phones: [UInt8] = []
    var rest: UnsafePointer<cst_val>? = UnsafePointer(list)
    while let cell = rest {
      if let text = val_string(val_car(cell)) {
        let name = String(cString: text).uppercased()
        if let phone = phoneSet.index(of: name.hasPrefix("AX") ? "AH" : name) { phones.append(UInt8(phone)) }
      }
      rest = val_cdr(cell)
    }
    return phones
  }

  /// Words with several usual pronunciations, of which flite has one, as CMUdict lists them; and contractions that are not
  /// said as their parts are.
  private static let forms: [String: [String]] = [
    "A": ["AH", "EY"], "AN": ["AE N", "AH N"], "AND": ["AH N D", "AE N D"], "ARE": ["AA R", "ER"],
    "AS": ["AE Z", "EH Z"], "AT": ["AE T"], "BEEN": ["B IH N", "B AH N"], "BUT": ["B AH T"],
    "CAN": ["K AE N", "K AH N"], "EITHER": ["IY DH ER", "AY DH ER"], "FOR": ["F AO R", "F ER", "F R ER"],
    "FROM": ["F R AH M"], "HAD": ["HH AE D"], "HAS": ["HH AE Z", "HH AH Z"], "HAVE": ["HH AE V"], "HE": ["HH IY"],
    "HER": ["HH ER"], "HIM": ["HH IH M", "IH M"], "HIS": ["HH IH Z"], "IN": ["IH N"],
    "INTO": ["IH N T UW", "IH N T AH"], "IT": ["IH T"], "MY": ["M AY"], "OF": ["AH V"],
    "OFTEN": ["AO F AH N", "AO F T AH N"], "OR": ["AO R", "ER"], "OUR": ["AW ER", "AA R", "AW R"],
    "THAN": ["DH AE N", "DH AH N"], "THAT": ["DH AE T", "DH AH T"], "THE": ["DH AH", "DH IY"], "THEIR": ["DH EH R"],
    "THEM": ["DH EH M", "DH AH M"], "TO": ["T AH", "T UW", "T IH"], "UPON": ["AH P AA N"], "WAS": ["W AA Z", "W AH Z"],
    "WERE": ["W ER"], "WHAT": ["W AH T", "HH W AH T"], "WHEN": ["W EH N", "HH W EH N", "W IH N", "HH W IH N"],
    "WHERE": ["W EH R", "HH W EH R"], "WHICH": ["W IH CH", "HH W IH CH"], "WHILE": ["W AY L", "HH W AY L"],
    "WHITE": ["W AY T", "HH W AY T"], "WHY": ["W AY", "HH W AY"], "WITH": ["W IH DH", "W IH TH"],
    "WITHOUT": ["W IH TH AW T", "W IH DH AW T"], "YOU": ["Y UW"], "YOUR": ["Y AO R", "Y UH R"],
    "CAN'T": ["K AE N T"], "DON'T": ["D OW N T", "D OW N"], "WON'T": ["W OW N T"], "SHAN'T": ["SH AE N T"],
    "AIN'T": ["EY N T"], "MUSTN'T": ["M AH S AH N T"], "I'M": ["AY M", "AH M"], "YOU'RE": ["Y UH R", "Y AO R", "Y ER"],
    "THEY'RE": ["DH EH R"], "WE'RE": ["W IY R", "W ER"], "MA'AM": ["M AE M"], "O'ER": ["AO R"], "E'ER": ["EH R"],
    "NE'ER": ["N EH R"], "'TIS": ["T IH Z"], "'TWAS": ["T W AA Z", "T W AH Z"], "'EM": ["AH M"],
  ]
}
