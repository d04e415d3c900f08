/// Text as XML and HTML have it: what would be markup is escaped, and characters that XML cannot hold become U+FFFD.
public func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result += " "
    case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A coordinate with two digits after the point at most, and no more characters than it needs.
func coordinate(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
  let sign = hundredths < 0 ? "-" : ""
  if rest == 0 { return "\(sign)\(whole)" }
  return "\(sign)\(whole)." + (rest < 10 ? "0\(rest)" : rest % 10 == 0 ? "\(rest / 10)" : "\(rest)")
}

/// A number with so many digits after the point.
public func fixed(_ value: Double, _ digits: Int) -> String {
  let unit = (0..<digits).reduce(1.0) { power, _ in 10 * power }
  guard value.isFinite, abs(value) < 1e15 / unit else { return "\(value)" }
  let scaled = Int((abs(value) * unit).rounded())
  let fraction = "\(scaled % Int(unit))"
  let sign = value < 0 && scaled > 0 ? "−" : ""
  let whole = grouped(scaled / Int(unit))
  return digits == 0
    ? sign + whole : "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// `12,345`; four digits stand as they are.
func grouped(_ number: Int) -> String {
  let digits = Array("\(number)")
  guard digits.count > 4 else { return String(digits) }
  var text = ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// About how wide a text is, in parts of its font's size: for legends and margins, because nothing here knows fonts.
func textWidth(_ text: String) -> Double {
  text.unicodeScalars.reduce(0) { width, scalar in
    switch scalar {
    case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", "(", ")", "[", "]", " ": width + 0.34
    case "m", "w", "M", "W", "@", "%": width + 0.9
    case "A"..."Z": width + 0.68
    case "\u{1100}"...: width + 1
    default: width + 0.58
    }
  }
}

/// A text that is no wider than `width` parts of its font's size, with an ellipsis where something was cut.
func shortened(_ text: String, to width: Double) -> String {
  guard textWidth(text) > width else { return text }
  var result = text
  while !result.isEmpty, textWidth(result + "…") > width { result.removeLast() }
  return result + "…"
}
