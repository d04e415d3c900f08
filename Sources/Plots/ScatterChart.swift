import FileIO

/// Points of classes in a plane without numbers of its own, as t-SNE makes it: one path for each class, whole coordinates,
/// so that 20,000 points take about 200 kB. The name of a class stands where its points are.
public struct ScatterChart: Chart {
  public var title: String
  public var points: [(x: Double, y: Double)]
  /// For each point, its class's place in `names`.
  public var classes: [Int]
  public var names: [String]

  public static let maximumPoints = 20_000

  public init(_ title: String, _ points: [(x: Double, y: Double)], classes: [Int], names: [String]) {
    self.title = title
    self.points = points
    self.classes = classes
    self.names = names
  }

  /// Coordinates are counted in so small parts.
  private static let parts = 10.0

  public func draw(on canvas: inout Canvas) throws {
    try check()
    let present = Set(classes)
    let used = names.indices.filter { present.contains($0) }
    // Many classes share colours; then names are where the points are, and a legend would say little.
    let isFew = used.count <= Palette.colours
    let colour = used.enumerated().reduce(into: [Int](repeating: 0, count: names.count)) {
      $0[$1.element] = $1.offset % Palette.colours
    }
    let top = canvas.legend(isFew ? used.map { (names[$0], .dot(colour[$0])) } : [], y: canvas.top) + 6
    let size = 440.0
    canvas.height = top + size + 12
    // One scale for both, as distances mean something.
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    let (left, right, low, high) = (xs.min()!, xs.max()!, ys.min()!, ys.max()!)
    let extent = max(right - left, high - low)
    let scale = extent > 0 ? size * Self.parts / extent : 1
    func place(_ i: Int) -> (x: Int, y: Int) {
      let x = (points[i].x - (left + right) / 2) * scale + canvas.width / 2 * Self.parts
      let y = ((low + high) / 2 - points[i].y) * scale + (top + size / 2) * Self.parts
      return (Int(x.rounded()), Int(y.rounded()))
    }
    let members = used.map { one in classes.indices.filter { classes[$0] == one } }
    let width = points.count > 5000 ? 28 : points.count > 1000 ? 40 : 60
    canvas.add(#"<g transform="scale(\#(coordinate(1 / Self.parts)))" stroke-width="\#(width)" stroke-opacity=".62">"#)
    for (one, members) in zip(used, members) {
      var data = ""
      var last: (x: Int, y: Int)?
      for i in members {
        let now = place(i)
        if let last {
          let (x, y) = (now.x - last.x, now.y - last.y)
          data += "m\(x)\(y < 0 ? "" : " ")\(y)h0"
        } else {
          data += "M\(now.x) \(now.y)h0"
        }
        last = now
      }
      canvas.path(data, "d s\(colour[one])", title: "\(names[one]): \(grouped(members.count)) points")
    }
    canvas.add("</g>")
    for (one, members) in zip(used, members) {
      // The middle of the points in each direction: outliers do not move it.
      let places = members.map { place($0) }
      let x = places.map(\.x).sorted()[places.count / 2]
      let y = places.map(\.y).sorted()[places.count / 2]
      let name = shortened(names[one], to: 8)
      canvas.text(name, Double(x) / Self.parts, Double(y) / Self.parts + 4, "halo small", anchor: .middle)
    }
  }

  private func check() throws {
    func bad(_ reason: String) -> Failure { Failure(.badInput, "\(title): \(reason)") }
    guard !points.isEmpty else { throw bad("there is nothing to draw") }
    guard points.count <= Self.maximumPoints else {
      throw bad("\(points.count) points, more than the \(Self.maximumPoints) that a picture shows")
    }
    guard classes.count == points.count else { throw bad("\(points.count) points have \(classes.count) labels") }
    for (i, point) in points.enumerated() {
      try requireFinite(point.x, "\(title): point \(i + 1)")
      try requireFinite(point.y, "\(title): point \(i + 1)")
      guard names.indices.contains(classes[i]) else {
        throw bad("point \(i + 1) has label \(classes[i]) of \(names.count) names")
      }
    }
  }
}
