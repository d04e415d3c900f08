import OrderedJSON

extension ProbeResult {
  /// A line for each class, in the order of their numbers: comma-separated values (RFC 4180) with a head. What cannot be
  /// divided is empty.
  public var classesCSV: String {
    let head = ["class", "training_frames", "test_frames", "correct", "predicted", "recall", "precision"]
    return csv(
      [head]
        + classes.map {
          [$0.name] + [$0.trainingFrames, $0.testFrames, $0.correct, $0.predicted].map { String($0) }
            + [$0.recall, $0.precision].map { $0.map { JSON.real($0).compact } ?? "" }
        })
  }

  /// The confusion matrix as comma-separated values: a line for each class, what its frames were taken for in columns.
  public var confusionCSV: String {
    csv([["class"] + classes.map(\.name)] + zip(classes, confusion).map { [$0.name] + $1.map { String($0) } })
  }

  private func csv(_ lines: [[String]]) -> String {
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

  /// A row of a LaTeX table for each class: name, training frames, test frames, recall and precision in per cent.
  public var classesLaTeX: String {
    classes.map {
      Self.row([
        Self.escaped($0.name), String($0.trainingFrames), String($0.testFrames), Self.percent($0.recall),
        Self.percent($0.precision),
      ])
    }.joined()
  }

  /// One row of a LaTeX table: a title, accuracy of frames and its interval, of utterances, without a class, and of the
  /// majority class, in per cent.
  public func summaryLaTeX(title: String) -> String {
    Self.row([
      Self.escaped(title), Self.percent(accuracy), "\(Self.percent(interval.low))--\(Self.percent(interval.high))",
      Self.percent(utteranceAccuracy), Self.percent(without?.accuracy), Self.percent(majority.accuracy),
    ])
  }

  private static func row(_ cells: [String]) -> String { cells.joined(separator: " & ") + " \\\\\n" }

  /// Per cent with one digit; a dash where there is nothing.
  private static func percent(_ value: Double?) -> String {
    guard let value else { return "--" }
    let thousandths = Int((value * 1000).rounded())
    return "\(thousandths / 10).\(thousandths % 10)"
  }

  /// Text as LaTeX prints it: its special characters are named, control characters become spaces.
  static func escaped(_ text: String) -> String {
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
