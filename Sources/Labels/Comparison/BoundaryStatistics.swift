/// Of differences between boundaries, in seconds.
public struct BoundaryStatistics: Sendable {
  public let count: Int
  /// The signed mean: how much later B has its boundaries.
  public let mean: Double
  public let meanAbsolute: Double
  /// Of an even number the mean of the two in the middle.
  public let medianAbsolute: Double
  private let sorted: [Double]

  /// Of no differences all are 0.
  public init(_ differences: [Double]) {
    count = differences.count
    sorted = differences.map { abs($0) }.sorted()
    let divisor = Double(max(1, count))
    mean = differences.reduce(0, +) / divisor
    meanAbsolute = sorted.reduce(0, +) / divisor
    medianAbsolute = count == 0 ? 0 : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }

  /// The share that is no larger than `tolerance`, to which it may come by a rounding error more.
  public func share(within tolerance: Double) -> Double {
    count == 0 ? 0 : Double(sorted.prefix { $0 <= tolerance + 1e-6 }.count) / Double(count)
  }
}
