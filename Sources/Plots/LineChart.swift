import FileIO

/// Lines over a common axis, for example of losses over updates.
public struct LineChart: Chart {
  public struct Series: Sendable {
    public var name: String
    /// In the order in which the line joins them.
    public var points: [(x: Double, y: Double)]
    /// For each point, what the number may lie between.
    public var band: [ClosedRange<Double>]?
    /// Somebody else's numbers, for comparison: grey and dashed.
    public var isReference: Bool

    public init(
      _ name: String, _ points: [(x: Double, y: Double)], band: [ClosedRange<Double>]? = nil, isReference: Bool = false
    ) {
      precondition(band.map { $0.count == points.count } ?? true)
      self.name = name
      self.points = points
      self.band = band
      self.isReference = isReference
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var series: [Series]
  public var unit: Unit
  public var isLogarithmic: Bool
  /// Numbers to compare with, as horizontal lines: chance, for example.
  public var levels: [(name: String, value: Double)]
  /// Numbers that the vertical axis has room for, whatever the lines need.
  public var including: [Double]
  /// Ticks only at these places, as for steps.
  public var isDiscrete: Bool

  /// - Parameter isLogarithmic: the horizontal axis.
  public init(
    _ title: String, xLabel: String, yLabel: String, _ series: [Series], unit: Unit = .plain,
    isLogarithmic: Bool = false, levels: [(name: String, value: Double)] = [], including: [Double] = [],
    isDiscrete: Bool = false
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.unit = unit
    self.isLogarithmic = isLogarithmic
    self.levels = levels
    self.including = including
    self.isDiscrete = isDiscrete
  }

  /// Up to so many points each has a mark.
  private static let marked = 30

  public func draw(on canvas: inout Canvas) throws {
    try check()
    let ys = series.flatMap { $0.points.map(\.y) + ($0.band ?? []).flatMap { [$0.lowerBound, $0.upperBound] } }
    let xs = series.flatMap { $0.points.map(\.x) }
    let x = Scale(xs, isLogarithmic: isLogarithmic, count: isDiscrete ? 12 : 6)
    let y = Scale(ys + levels.map(\.value) + including, unit: unit, isRounded: true)
    let entries = series.enumerated().map { i, one in
      (name: one.name, mark: one.isReference ? LegendMark.reference : .line(colour(i)))
    }
    let top = canvas.legend(entries.count > 1 || series.first?.isReference == true ? entries : [], y: canvas.top)
    let plot = Axes(x: x, y: y, xLabel: xLabel, yLabel: yLabel, top: top, height: 230, xIsWhole: isDiscrete)
    plot.draw(on: &canvas)
    for (i, one) in series.enumerated() { draw(one, colour(i), plot, on: &canvas) }
    for level in levels {
      let height = coordinate(plot.y(level.value))
      canvas.path("M\(coordinate(plot.left)) \(height)H\(coordinate(plot.right))", "ref")
      let isBelowTop = plot.y(level.value) > plot.top + 18
      canvas.text(level.name, plot.right - 2, plot.y(level.value) + (isBelowTop ? -5 : 14), "m small", anchor: .end)
    }
  }

  /// The colours go to the lines that are no reference.
  private func colour(_ i: Int) -> Int { series[..<i].count { !$0.isReference } }

  private func draw(_ one: Series, _ colour: Int, _ plot: Axes, on canvas: inout Canvas) {
    guard !one.points.isEmpty else { return }
    func place(_ x: Double, _ y: Double) -> String { "\(coordinate(plot.x(x))) \(coordinate(plot.y(y)))" }
    if let band = one.band {
      let upper = zip(one.points, band).map { place($0.x, $1.upperBound) }
      let lower = zip(one.points, band).reversed().map { place($0.x, $1.lowerBound) }
      canvas.path("M" + (upper + lower).joined(separator: "L") + "z", "b f\(colour % Palette.colours)")
    }
    let line = "M" + one.points.map { place($0.x, $0.y) }.joined(separator: "L")
    let style = one.isReference ? (style: "ref", attributes: "") : Palette.line(colour)
    canvas.path(line, style.style, attributes: style.attributes, title: one.name)
    guard one.points.count <= Self.marked else { return }
    for point in one.points where one.isReference {
      canvas.path(diamond(plot.x(point.x), plot.y(point.y), 4), "refdot")
    }
    if !one.isReference {
      let dots = one.points.map { "M\(place($0.x, $0.y))h0" }.joined()
      canvas.path(dots, "d s\(colour % Palette.colours)", attributes: #"stroke-width="6""#)
    }
  }

  private func check() throws {
    guard series.contains(where: { !$0.points.isEmpty }) else {
      throw Failure(.badInput, "\(title): there is nothing to draw")
    }
    for one in series {
      for (i, point) in one.points.enumerated() {
        try requireFinite(point.x, isPositive: isLogarithmic, "\(title): \(one.name), point \(i + 1)")
        try requireFinite(point.y, "\(title): \(one.name), point \(i + 1)")
      }
      for range in one.band ?? [] {
        try requireFinite(range.lowerBound, "\(title): the band of \(one.name)")
        try requireFinite(range.upperBound, "\(title): the band of \(one.name)")
      }
    }
    for level in levels { try requireFinite(level.value, "\(title): \(level.name)") }
    for value in including { try requireFinite(value, title) }
  }
}
