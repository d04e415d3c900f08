import FileIO

/// A table of fractions from 0 to 1 as shades of one colour, for example of a confusion matrix whose rows add up to 1.
public struct HeatMap: Chart {
  public var title: String
  public var rowLabel: String
  public var columnLabel: String
  public var rows: [String]
  public var columns: [String]
  /// For each row its cells; an empty row has no numbers.
  public var values: [[Double]]

  public init(
    _ title: String, rowLabel: String, columnLabel: String, rows: [String], columns: [String], values: [[Double]]
  ) {
    self.title = title
    self.rowLabel = rowLabel
    self.columnLabel = columnLabel
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Shades, of which each is one path.
  private static let shades = 20

  public func draw(on canvas: inout Canvas) throws {
    try check()
    canvas.width = 640
    let isDense = max(rows.count, columns.count) > 24
    let font = isDense ? 11.0 : 13.0
    let names = (rows: rows.map { shortened($0, to: 9) }, columns: columns.map { shortened($0, to: 6) })
    let left = 18 + font * (names.rows.map { textWidth($0) }.max() ?? 0)
    let head = 8 + font * (names.columns.map { textWidth($0) }.max() ?? 0)
    let cell = min(36, (canvas.width - left - 12) / Double(columns.count))
    let top = canvas.top + 22 + head
    let bottom = top + cell * Double(rows.count)
    canvas.height = bottom + 52
    canvas.text("↓ \(rowLabel)   → \(columnLabel)", 8, canvas.top + 14, "m")
    // Values near 0 matter too, so the shade is of the square root.
    var shades = [String](repeating: "", count: Self.shades + 1)
    for (i, row) in values.enumerated() {
      for (j, value) in row.enumerated() where value > 0 {
        let shade = max(1, Int((value.squareRoot() * Double(Self.shades)).rounded()))
        shades[shade] += box(left + Double(j) * cell, top + Double(i) * cell, cell, cell)
      }
    }
    canvas.path(box(left, top, cell * Double(columns.count), bottom - top), "grid")
    for (shade, data) in shades.enumerated() where !data.isEmpty {
      canvas.path(data, "heat", attributes: opacity(shade))
    }
    let style = isDense ? "small" : ""
    // Of many names, as many as there is room for.
    let every = max(1, Int((font / cell).rounded(.up)))
    for (i, name) in names.rows.enumerated() where i % every == 0 {
      canvas.text(name, left - 6, top + (Double(i) + 0.5) * cell + font * 0.36, style, anchor: .end)
    }
    for (j, name) in names.columns.enumerated() where j % every == 0 {
      let (x, y) = (coordinate(left + (Double(j) + 0.5) * cell + font * 0.36), coordinate(top - 6))
      canvas.add(#"<text class="\#(style)" transform="translate(\#(x) \#(y)) rotate(-90)">\#(escaped(name))</text>"#)
    }
    let y = bottom + 20
    for (i, value) in [0.0025, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1].enumerated() {
      let shade = max(1, Int((value.squareRoot() * Double(Self.shades)).rounded()))
      let x = left + Double(i) * 66
      canvas.path(box(x, y, 14, 14), "heat", attributes: opacity(shade))
      canvas.text("\(fixed(100 * value, value < 0.01 ? 2 : 0)) %", x + 19, y + 12, "m small")
    }
  }

  private func opacity(_ shade: Int) -> String {
    "fill-opacity=\"\(coordinate(Double(shade) / Double(Self.shades)))\""
  }

  private func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
    "M\(coordinate(x)) \(coordinate(y))h\(coordinate(width))v\(coordinate(height))h\(coordinate(-width))z"
  }

  private func check() throws {
    func bad(_ reason: String) -> Failure { Failure(.badInput, "\(title): \(reason)") }
    guard !rows.isEmpty, !columns.isEmpty else { throw bad("there is nothing to draw") }
    guard values.count == rows.count else { throw bad("\(values.count) rows have \(rows.count) names") }
    for (name, row) in zip(rows, values) {
      guard row.isEmpty || row.count == columns.count else {
        throw bad("the row of \(name) has \(row.count) cells, not \(columns.count)")
      }
      for value in row where !(0...1).contains(value) { throw bad("\(value) in the row of \(name) is no fraction") }
    }
  }
}
