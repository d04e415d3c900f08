import Plots

/// A cell of a table.
struct Cell {
  var html: String
  var isNumber = false
  var style = ""

  static func text(_ text: String) -> Cell { Cell(html: escaped(text)) }
  static func number(_ text: String) -> Cell { Cell(html: escaped(text), isNumber: true) }

  /// The paper's numbers stand back.
  static func paper(_ value: Double?) -> Cell { Cell(html: escaped(percent(value)), isNumber: true, style: "paper") }

  /// A text and, smaller below it, what goes with it.
  static func named(_ name: String, mark: String = "", below: String) -> Cell {
    Cell(html: escaped(name) + mark + (below.isEmpty ? "" : "<small>\(escaped(below))</small>"))
  }

  /// An accuracy and the interval that it lies in.
  static func accuracy(_ value: Double, _ interval: ClosedRange<Double>?) -> Cell {
    let range = interval.map { "<small>\(fixed(100 * $0.lowerBound, 1))–\(fixed(100 * $0.upperBound, 1))</small>" }
    return Cell(html: "<b>\(escaped(percent(value)))</b>" + (range ?? ""), isNumber: true)
  }
}

/// - Parameter heads: those of numbers begin with a space.
func table(_ heads: [String], _ rows: [[Cell]], style: String = "") -> String {
  func classes(_ names: [String]) -> String {
    let names = names.filter { !$0.isEmpty }
    return names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
  }
  var html = "<div class=\"scroll\"><table\(classes([style]))>\n<thead><tr>"
  for head in heads {
    let isNumber = head.utf8.first == 0x20
    html +=
      "<th scope=\"col\"\(classes([isNumber ? "n" : ""]))>\(escaped(isNumber ? String(head.dropFirst()) : head))</th>"
  }
  html += "</tr></thead>\n<tbody>\n"
  for row in rows {
    html += "<tr>"
    for (i, cell) in row.enumerated() {
      let tag = i == 0 ? "th scope=\"row\"" : "td"
      html += "<\(tag)\(classes([cell.isNumber ? "n" : "", cell.style]))>\(cell.html)</\(i == 0 ? "th" : "td")>"
    }
    html += "</tr>\n"
  }
  return html + "</tbody></table></div>\n"
}

func paragraph(_ text: String, style: String = "") -> String {
  "<p\(style.isEmpty ? "" : " class=\"\(style)\"")>\(escaped(text))</p>\n"
}

func figure(_ plot: NamedPlot) throws -> String {
  """
  <figure id="\(escaped(plot.name))"\(plot.isWide ? " class=\"wide\"" : "")>
  <figcaption><b>\(escaped(plot.chart.title))</b>\(plot.caption.isEmpty ? "" : " <span>\(escaped(plot.caption))</span>")</figcaption>
  <div class="scroll">\(try plot.chart.svg(isStandalone: false))</div>
  </figure>

  """
}

func figures(_ plots: [NamedPlot]) throws -> String {
  plots.isEmpty ? "" : "<div class=\"figures\">\n\(try plots.map { try figure($0) }.joined())</div>\n"
}

/// Opens when it is asked for.
func details(_ summary: String, _ html: String, isOpen: Bool = false) -> String {
  "<details\(isOpen ? " open" : "")><summary>\(escaped(summary))</summary>\n\(html)</details>\n"
}

/// Facts as a list of terms.
func terms(_ facts: [(name: String, text: String)]) -> String {
  let items = facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.text))</dd>" }
  return "<dl>\n\(items.joined(separator: "\n"))\n</dl>\n"
}
