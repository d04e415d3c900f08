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
    // One scale for both, as distances mean something.
    let (xs, ys) = (points.map(\.x), points.map(\.y))
    let (left, right, low, high) = (xs.min()!, xs.max()!, ys.min()!, ys.max()!)
    let (width, most) = (440.0, 520.0)
    let extent = max(right - left, (high - low) * width / most)
    let scale = extent > 0 ? width * Self.parts / extent : 1
    let height = max(120, (high - low) * scale / Self.parts)
    canvas.height = top + height + 24
    func place(_ i: Int) -> (x: Int, y: Int) {
      let x = (points[i].x - (left + right) / 2) * scale + canvas.width / 2 * Self.parts
      let y = ((low + high) / 2 - points[i].y) * scale + (top + 12 + height / 2) * Self.parts
      return (Int(x.rounded()), Int(y.rounded()))
    }
    let members = used.map { one in classes.indices.filter { classes[$0] == one } }
    let dot = points.count > 5000 ? 28 : points.count > 1000 ? 40 : 60
    canvas.add(#"<g transform="scale(\#(coordinate(1 / Self.parts)))" stroke-width="\#(dot)" stroke-opacity=".62">"#)
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
    var taken: [(x: Double, y: Double, half: Double)] = []
    for (one, members) in zip(used, members) {
      let name = shortened(names[one], to: 8)
      let half = 5.5 * textWidth(name) + 2
      // Where most of the class's points are and no other name is.
      let spots = Self.crowds(members.map { place($0) })
      let spot =
        spots.first { spot in
          taken.allSatisfy { abs($0.x - spot.x) > $0.half + half || abs($0.y - spot.y) > 12 }
        } ?? spots[0]
      taken.append((spot.x, spot.y, half))
      canvas.text(name, spot.x, spot.y + 4, "halo small", anchor: .middle)
    }
  }

  /// The middles of the points in each cell of a grid, those of most points first.
  private static func crowds(_ places: [(x: Int, y: Int)]) -> [(x: Double, y: Double)] {
    let cell = 220
    var sums: [SIMD2<Int>: (x: Int, y: Int, count: Int)] = [:]
    for place in places {
      let old = sums[SIMD2(place.x / cell, place.y / cell)] ?? (0, 0, 0)
      sums[SIMD2(place.x / cell, place.y / cell)] = (old.x + place.x, old.y + place.y, old.count + 1)
    }
    return sums.sorted { a, b in
      (b.value.count, a.key.y, a.key.x) < (a.value.count, b.key.y, b.key.x)
    }.map { _, sum in
      (Double(sum.x) / Double(sum.count) / parts, Double(sum.y) / Double(sum.count) / parts)
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
