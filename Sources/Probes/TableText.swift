/// Tables as other programs read them.
package enum TableText {
  /// Comma-separated values (RFC 4180).
  package static func csv(_ lines: [[String]]) -> String {
    lines.map { line in
      line.map { field in
        let special: Set<UInt8> = [0x22, 0x2c, 0x0a, 0x0d]
        guard field.utf8.contains(where: { special.contains($0) }) else { return field }
        return "\""
          + String(
            field.unicodeScalars.reduce(into: String.UnicodeScalarView()) { text, scalar in
              text.append(scalar)
              if scalar == "\"" { text.append(scalar) }
            }) + "\""
      }.joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// A row of a LaTeX table.
  package static func row(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\\n" }

  /// Per cent with one digit; a dash where there is nothing.
  package static func percent(_ value: Double?) -> String {
    guard let value else { return "--" }
    let thousandths = Int((value * 1000).rounded())
    return "\(thousandths / 10).\(thousandths % 10)"
  }

  /// Text as LaTeX prints it: its special characters are named, control characters become spaces.
  package static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "&", "%", "$", "#", "_", "{", "}": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: " "
      default: String(scalar)
      }
    }.joined()
  }
}
