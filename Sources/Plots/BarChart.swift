import FileIO

/// Horizontal bars from 0, one below the other, because names are read so also where there are many.
public struct BarChart: Chart {
  public struct Bar: Sendable {
    public var name: String
    public var value: Double
    /// What the value may lie between.
    public var interval: ClosedRange<Double>?
    /// Somebody else's value, as a mark.
    public var reference: Double?
    /// Bars of one group have one colour.
    public var group: Int

    public init(
      _ name: String, _ value: Double, interval: ClosedRange<Double>? = nil, reference: Double? = nil, group: Int = 0
    ) {
      self.name = name
      self.value = value
      self.interval = interval
      self.reference = reference
      self.group = group
    }
  }

  public var title: String
  public var valueLabel: String
  public var bars: [Bar]
  public var unit: Unit
  /// What the marks are; shown if there are any.
  public var referenceName: String
  /// Numbers that the axis has room for.
  public var including: [Double]

  public init(
    _ title: String, valueLabel: String, _ bars: [Bar], unit: Unit = .plain, referenceName: String = "",
    including: [Double] = []
  ) {
    self.title = title
    self.valueLabel = valueLabel
    self.bars = bars
    self.unit = unit
    self.referenceName = referenceName
    self.including = including
  }

  public func draw(on canvas: inout Canvas) throws {
    guard !bars.isEmpty else { throw Failure(.badInput, "\(title): there is nothing to draw") }
    for bar in bars {
      for value in [bar.value, bar.interval?.lowerBound, bar.interval?.upperBound, bar.reference] {
        if let value { try requireFinite(value, "\(title): \(bar.name)") }
      }
    }
    let hasReference = bars.contains { $0.reference != nil }
    let top = canvas.legend(hasReference ? [(referenceName, .diamond)] : [], y: canvas.top) + 6
    let isDense = bars.count > 16
    let pitch = isDense ? 15.0 : 24.0
    let names = bars.map { shortened($0.name, to: 15) }
    let left = 16 + (isDense ? 11 : 13) * (names.map { textWidth($0) }.max() ?? 0)
    let bottom = top + pitch * Double(bars.count) + 4
    let scale = Scale(
      [0] + including
        + bars.flatMap { [$0.value, $0.reference, $0.interval?.lowerBound, $0.interval?.upperBound].compactMap { $0 } },
      unit: unit, isRounded: true)
    // The last tick's label is centred below its tick.
    let right = 478 - 6.5 * (scale.ticks.last.map { textWidth(scale.label($0)) } ?? 0)
    func x(_ value: Double) -> Double { left + scale.position(value) * (right - left) }
    canvas.height = bottom + 44
    for tick in scale.ticks {
      canvas.path("M\(coordinate(x(tick))) \(coordinate(top))V\(coordinate(bottom))", "grid")
      canvas.text(scale.label(tick), x(tick), bottom + 17, "m", anchor: .middle)
    }
    canvas.text(valueLabel, (left + right) / 2, bottom + 37, "m", anchor: .middle)
    for (i, bar) in bars.enumerated() {
      let middle = top + pitch * (Double(i) + 0.5) + 2
      canvas.text(names[i], left - 7, middle + 4.5, isDense ? "small" : "", anchor: .end)
      let half = pitch * 0.33
      let data =
        "M\(coordinate(x(0))) \(coordinate(middle - half))H\(coordinate(x(bar.value)))v\(coordinate(2 * half))H\(coordinate(x(0)))z"
      canvas.path(data, "f\(bar.group % Palette.colours)", title: "\(bar.name): \(shown(bar.value))")
      if let interval = bar.interval {
        let (low, high) = (x(interval.lowerBound), x(interval.upperBound))
        let tips = [low, high].map { "M\(coordinate($0)) \(coordinate(middle - 4))v8" }.joined()
        canvas.path("M\(coordinate(low)) \(coordinate(middle))H\(coordinate(high))" + tips, "error")
      }
      if let reference = bar.reference {
        canvas.path(
          diamond(x(reference), middle, 5), "refdot", title: "\(referenceName), \(bar.name): \(shown(reference))")
      }
    }
    canvas.path("M\(coordinate(x(0))) \(coordinate(top))V\(coordinate(bottom))", "axis")
  }

  private func shown(_ value: Double) -> String { unit == .percent ? "\(fixed(100 * value, 1)) %" : "\(value)" }
}
