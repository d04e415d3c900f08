/// A square grid of nodes over the points of the plane.
struct Grid: Equatable {
  /// Nodes along each side; the transform is twice as long, so that no sum reaches around its end.
  let nodes: Int
  let spacing: Float
  /// Of the first node.
  var x: Float
  var y: Float

  /// Nodes further apart than this would miss the shape of 1 / (1 + r²).
  static let maximumSpacing: Float = 0.35
  /// Nodes before and after a point that share in it.
  static let margin = 2

  /// Sides that transforms are fast for. Points that are too far apart for the last have a coarser grid: they are few to
  /// a node then.
  private static let sides: [Int] = (6...10).flatMap { [1 << $0, 3 << ($0 - 1)] } + [2048]

  /// One that holds points within `extent` of each other, with a little room to grow.
  init(extent: Float) {
    let room = max(1.1 * extent, 1e-30)
    let spare = Float(2 * Self.margin + 2)
    nodes = Self.sides.first { (Float($0) - spare) * Self.maximumSpacing >= room } ?? Self.sides.last!
    spacing = room / (Float(nodes) - spare)
    (x, y) = (0, 0)
  }

  /// Whether points within `extent` of each other still fit, and are not so close that they would miss its fineness.
  func suits(extent: Float) -> Bool {
    let room = spacing * Float(nodes - 2 * Self.margin - 2)
    return extent <= room && (extent >= 0.7 * room)
  }

  /// Moves the grid so that its middle is that of the points.
  mutating func centre(x low: (Float, Float), y other: (Float, Float)) {
    let half = spacing * Float(nodes - 1) / 2
    x = (low.0 + low.1) / 2 - half
    y = (other.0 + other.1) / 2 - half
  }

  /// The node before a point, and how far it is from there, in spacings.
  @inline(__always)
  func place(_ position: Float, from origin: Float) -> (node: Int, rest: Float) {
    let place = (position - origin) / spacing
    let node = min(max(Int(place), 1), nodes - 3)
    return (node, place - Float(node))
  }

  /// Shares of the nodes −1, 0, 1 and 2 from the one before a point: cubic interpolation by Lagrange.
  @inline(__always)
  static func weights(_ t: Float) -> SIMD4<Float> {
    let (a, b, c) = (t + 1, t - 1, t - 2)
    return SIMD4(t * b * c * (-1 / 6), a * b * c * 0.5, a * t * c * -0.5, a * t * b * (1 / 6))
  }
}
