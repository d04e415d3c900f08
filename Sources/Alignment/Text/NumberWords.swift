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

  /// All ways to say what is written with digits: `1,901`, `1901`, `21st`, `3.5`, `1990s`; empty if it is not a number.
  package static func readings(of token: String) -> [[String]] {
    var body = token.uppercased().filter { $0 != "," }[...]
    guard body.first?.isASCIIDigit == true else { return [] }
    if let suffix = ["ST", "ND", "RD", "TH"].first(where: { body.hasSuffix($0) }) {
      body = body.dropLast(suffix.count)
      return cardinals(body).map { ordinal($0) }
    }
    if body.hasSuffix("S") {
      let plain = body.hasSuffix("'S") ? body.dropLast(2) : body.dropLast()
      return cardinals(plain).map { words in words.dropLast() + [plural(words.last!)] }
    }
    if let point = body.firstIndex(of: ".") {
      let decimals = body[body.index(after: point)...]
      guard !decimals.isEmpty, decimals.allSatisfy(\.isASCIIDigit) else { return cardinals(body[..<point]) }
      return cardinals(body[..<point]).map { $0 + ["POINT"] + spelled(decimals) }
    }
    return cardinals(body)
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

  private static func cardinal(_ value: Int) -> [String] {
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
