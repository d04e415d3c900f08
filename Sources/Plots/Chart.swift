/// A picture that becomes SVG: the same bytes for the same numbers.
public protocol Chart: Sendable {
  /// What it shows, for people who see it and for those who have it read to them.
  var title: String { get }
  /// Draws on a canvas that is as wide as this says and as high as it becomes.
  ///
  /// - Throws: a `Failure` that names what cannot be drawn.
  func draw(on canvas: inout Canvas) throws
}

extension Chart {
  /// - Parameter isStandalone: with its title, colours and ground, for a file of its own; else a page has
  ///   ``Palette/css(root:)``, and shows the title.
  public func svg(isStandalone: Bool = true) throws -> String {
    var canvas = Canvas(top: isStandalone ? 34 : 0)
    try draw(on: &canvas)
    let (width, height) = (coordinate(canvas.width), coordinate(canvas.height))
    let name = escaped(title)
    var text = #"<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="\#(name)" "#
    text += #"viewBox="0 0 \#(width) \#(height)""#
    if isStandalone { text += #" width="\#(width)" height="\#(height)""# }
    text += ">\n<title>\(name)</title>\n"
    if isStandalone {
      text += "<style>\(Palette.css(root: "svg"))</style>\n"
      text += #"<rect width="100%" height="100%" style="fill:var(--ground)"/>"# + "\n"
      text += #"<text class="t" x="8" y="22">\#(escaped(shortened(title, to: (canvas.width - 16) / 16)))</text>"# + "\n"
    }
    return text + canvas.content + "</svg>\n"
  }
}

/// What is drawn so far.
public struct Canvas {
  /// Sized so that a chart can be read at the width of a phone and two stand side by side on a page.
  var width = 480.0
  /// Where drawing begins, below the title if there is one.
  let top: Double
  var height = 0.0
  private(set) var content = ""

  init(top: Double) { self.top = top }

  enum Anchor: String { case start, middle, end }

  mutating func add(_ element: String) { content += element + "\n" }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ style: String = "", anchor: Anchor = .start
  ) {
    let styles = style.isEmpty ? "" : #" class="\#(style)""#
    let anchors = anchor == .start ? "" : #" text-anchor="\#(anchor.rawValue)""#
    add(#"<text\#(styles)\#(anchors) x="\#(coordinate(x))" y="\#(coordinate(y))">\#(escaped(text))</text>"#)
  }

  /// - Parameter title: what a pointer that rests on it is told.
  mutating func path(_ data: String, _ style: String, attributes: String = "", title: String? = nil) {
    let end = title.map { "><title>\(escaped($0))</title></path>" } ?? "/>"
    add(#"<path class="\#(style)"\#(attributes.isEmpty ? "" : " " + attributes) d="\#(data)"\#(end)"#)
  }

  /// Names beside their marks, in as many rows as they need from `y` on; returns where they end.
  mutating func legend(_ entries: [(name: String, mark: LegendMark)], y: Double) -> Double {
    guard !entries.isEmpty else { return y }
    var (x, y) = (8.0, y + 14)
    for (name, mark) in entries {
      let name = shortened(name, to: (width - 50) / 13)
      let extent = 34 + 13 * textWidth(name)
      if x > 8, x + extent > width {
        x = 8
        y += 18
      }
      switch mark {
      case .line(let i):
        let line = Palette.line(i)
        path("M\(coordinate(x)) \(coordinate(y - 4))h18", line.style, attributes: line.attributes)
      case .dot(let i):
        path(
          "M\(coordinate(x + 9)) \(coordinate(y - 4))h0", "d s\(i % Palette.colours)", attributes: #"stroke-width="9""#)
      case .box(let i): path("M\(coordinate(x + 3)) \(coordinate(y - 10))h12v12h-12z", "f\(i % Palette.colours)")
      case .reference: path("M\(coordinate(x)) \(coordinate(y - 4))h18", "ref")
      case .diamond: path(diamond(x + 9, y - 4, 5), "refdot")
      }
      text(name, x + 23, y)
      x += extent
    }
    return y + 8
  }
}

enum LegendMark {
  case line(Int)
  case dot(Int)
  case box(Int)
  case reference
  case diamond
}

func diamond(_ x: Double, _ y: Double, _ size: Double) -> String {
  let s = coordinate(size)
  return "M\(coordinate(x)) \(coordinate(y - size))l\(s) \(s)-\(s) \(s)-\(s)-\(s)z"
}
