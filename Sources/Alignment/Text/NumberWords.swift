/// Numbers as English says them.
package enum NumberWords {
  private static let small = [
    "ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN", "ELEVEN", "TWELVE",
    "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN", "NINETEEN",
  ]
  private static let tens = ["", "", "TWENTY", "THIRTY", "FORTY", "FIFTY", "SIXTY", "SEVENTY", "EIGHTY", "NINETY"]
  private static let groups = ["", "THOUSAND", "MILLION", "BILLION", "TRILLION"]
  private static let irregularOrdinals = [
    "ONE": "FIRST", "TWO": "SECOND", "THREE": "THIRD", "FIVE": "FIFTH", "EIGHT": "EIGHTH", "NINE": "NINTH",
    "TWELVE": "TWELFTH",
  ]

  /// All ways to say what is written with digits: `1,901`, `1901`, `21st`, `3.5`, `1990s`, `$2.50`, `5%`, `10:30`; empty if
  /// it is no number.
  package static func readings(of token: String) -> [[String]] {
    let body = token.uppercased()[...]
    if body.last == "%" { return numbers(body.dropLast()).map { $0 + ["PERCENT"] } }
    if let unit = body.first.flatMap({ currencies[$0] }) { return sums(body.dropFirst(), unit) }
    if let unit = body.last.flatMap({ currencies[$0] }) { return sums(body.dropLast(), unit) }
    return times(body) ?? numbers(body)
  }

  static func isCurrency(_ character: Character) -> Bool { currencies[character] != nil }

  private typealias Unit = (one: String, many: String, hundredth: String)
  private static let currencies: [Character: Unit] = [
    "$": ("DOLLAR", "DOLLARS", "CENTS"), "£": ("POUND", "POUNDS", "PENCE"), "€": ("EURO", "EUROS", "CENTS"),
    "¥": ("YEN", "YEN", "SEN"), "¢": ("CENT", "CENTS", ""),
  ]

  private static func sums(_ amount: Substring, _ unit: Unit) -> [[String]] {
    let parts = amount.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 2, parts[1].count == 2, parts[1].allSatisfy(\.isASCIIDigit), let small = Int(parts[1]) {
      return whole(parts[0]).flatMap { large in
        let units = large + [large == ["ONE"] ? unit.one : unit.many]
        if small == 0 { return [units] }
        return [units + cardinal(small), units + ["AND"] + cardinal(small) + [unit.hundredth], large + cardinal(small)]
      }
    }
    return numbers(amount).map { $0 + [$0 == ["ONE"] ? unit.one : unit.many] }
  }

  /// `10:30`; nil if it is no time of day.
  private static func times(_ body: Substring) -> [[String]]? {
    let parts = body.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
      let hour = Int(parts[0]), let minute = Int(parts[1]), 0...24 ~= hour, 0...59 ~= minute
    else { return nil }
    switch minute {
    case 0: return [cardinal(hour), cardinal(hour) + ["O'CLOCK"], cardinal(hour) + ["HUNDRED"]]
    case 1...9: return [cardinal(hour) + ["OH"] + cardinal(minute), cardinal(hour) + cardinal(minute)]
    default: return [cardinal(hour) + cardinal(minute)]
    }
  }

  private static func numbers(_ body: Substring) -> [[String]] {
    if body.first == "." {
      let decimals = body.dropFirst()
      return decimals.isEmpty || !decimals.allSatisfy(\.isASCIIDigit) ? [] : [["POINT"] + spelled(decimals)]
    }
    guard body.first?.isASCIIDigit == true else { return [] }
    if let suffix = ["ST", "ND", "RD", "TH"].first(where: { body.hasSuffix($0) }) {
      return whole(body.dropLast(suffix.count)).map { ordinal($0) }
    }
    if body.hasSuffix("S") {
      let plain = body.hasSuffix("'S") ? body.dropLast(2) : body.dropLast()
      return whole(plain).map { words in words.dropLast() + [plural(words.last!)] }
    }
    if let point = body.firstIndex(of: ".") {
      let decimals = body[body.index(after: point)...]
      guard !decimals.isEmpty, decimals.allSatisfy(\.isASCIIDigit) else { return [] }
      return whole(body[..<point]).map { $0 + ["POINT"] + spelled(decimals) }
    }
    return whole(body)
  }

  /// Digits, which commas may part into thousands.
  private static func whole(_ digits: Substring) -> [[String]] {
    let groups = digits.split(separator: ",", omittingEmptySubsequences: false)
    guard groups.count > 1 else { return cardinals(digits) }
    guard (1...3).contains(groups[0].count), groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return [] }
    return cardinals(groups.joined()[...])
  }

  /// Numbers that are no ASCII digits: `½`, `²`, digits of other scripts; nothing for other signs.
  static func sign(_ character: Character, afterNumber: Bool) -> [String] {
    guard let scalar = character.unicodeScalars.first, let value = scalar.properties.numericValue else { return [] }
    let name = scalar.properties.name ?? ""
    if name.hasPrefix("VULGAR FRACTION ") {
      return (afterNumber ? ["AND"] : []) + name.dropFirst(16).split(separator: " ").map(String.init)
    }
    if name.hasPrefix("SUPERSCRIPT "), value == 2 || value == 3 { return [value == 2 ? "SQUARED" : "CUBED"] }
    return value >= 0 && value < 1e15 && value == value.rounded() ? cardinal(Int(value)) : []
  }

  private static func cardinals(_ digits: Substring) -> [[String]] {
    guard !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) else { return [] }
    guard digits.count <= 15, digits.first != "0" || digits.count == 1, let value = Int(digits) else {
      return [spelled(digits)]
    }
    var readings = [cardinal(value)]
    if digits.count == 4 {
      let (century, rest) = (value / 100, value % 100)
      // Years.
      if century % 10 != 0 {
        let tail = rest == 0 ? ["HUNDRED"] : rest < 10 ? ["OH", small[rest]] : cardinal(rest)
        readings.append(cardinal(century) + tail)
      }
    } else if digits.count == 3 {
      readings.append(spelled(digits))
    }
    return readings
  }

  private static func spelled(_ digits: Substring) -> [String] { digits.map { small[$0.wholeNumberValue!] } }

  static func cardinal(_ value: Int) -> [String] {
    if value < 20 { return [small[value]] }
    if value < 100 { return [tens[value / 10]] + (value % 10 == 0 ? [] : [small[value % 10]]) }
    if value < 1000 { return [small[value / 100], "HUNDRED"] + (value % 100 == 0 ? [] : cardinal(value % 100)) }
    var words: [String] = []
    var (rest, group) = (value, 0)
    while rest > 0 {
      if rest % 1000 > 0 { words = cardinal(rest % 1000) + (group > 0 ? [groups[group]] : []) + words }
      rest /= 1000
      group += 1
    }
    return words
  }

  private static func ordinal(_ words: [String]) -> [String] {
    let last = words.last!
    let form = irregularOrdinals[last] ?? (last.hasSuffix("Y") ? "\(last.dropLast())IETH" : "\(last)TH")
    return words.dropLast() + [form]
  }

  private static func plural(_ word: String) -> String {
    word.hasSuffix("Y") ? "\(word.dropLast())IES" : word.hasSuffix("X") ? "\(word)ES" : "\(word)S"
  }
}

extension Character {
  var isASCIIDigit: Bool { "0"..."9" ~= self }
}
