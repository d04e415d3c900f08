/// The two axes of a chart, their ticks, and where numbers stand between them.
struct Axes {
  private let xScale: Scale
  private let yScale: Scale
  private let xLabel: String
  private let yLabel: String
  private let xIsWhole: Bool
  let left: Double
  let right = 468.0
  let top: Double
  let bottom: Double
  /// Between an axis and the first number.
  private static let margin = 8.0

  init(x: Scale, y: Scale, xLabel: String, yLabel: String, top: Double, height: Double, xIsWhole: Bool = false) {
    xScale = x
    yScale = y
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.xIsWhole = xIsWhole
    left = 14 + 13 * (y.ticks.map { textWidth(y.label($0)) }.max() ?? 0)
    self.top = top + 27
    bottom = top + 27 + height
  }

  func x(_ value: Double) -> Double {
    left + Self.margin + xScale.position(value) * (right - left - 2 * Self.margin)
  }

  func y(_ value: Double) -> Double { bottom - yScale.position(value) * (bottom - top) }

  func draw(on canvas: inout Canvas) {
    canvas.height = bottom + (xLabel.isEmpty ? 26 : 44)
    canvas.text(yLabel, 8, top - 15, "m")
    for tick in yScale.ticks {
      let height = y(tick)
      canvas.path("M\(coordinate(left)) \(coordinate(height))H\(coordinate(right))", "grid")
      canvas.text(yScale.label(tick), left - 6, height + 4.5, "m", anchor: .end)
    }
    canvas.path("M\(coordinate(left)) \(coordinate(bottom))H\(coordinate(right))", "axis")
    var free = -Double.infinity
    for tick in xScale.ticks where !xIsWhole || tick == tick.rounded() {
      let place = x(tick)
      canvas.path("M\(coordinate(place)) \(coordinate(bottom))v5", "axis")
      let label = xScale.label(tick)
      let half = 6.5 * textWidth(label)
      guard place - half > free else { continue }
      free = place + half + 6
      canvas.text(label, min(place, canvas.width - half), bottom + 19, "m", anchor: .middle)
    }
    if !xLabel.isEmpty { canvas.text(xLabel, (left + right) / 2, bottom + 38, "m", anchor: .middle) }
  }
}
