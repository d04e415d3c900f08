package import Kernels

/// Frames turned so that their features do not covary: centred, and on the principal axes of all of them.
///
/// A penalty on squares of weights is the same for turned features as for features as they come, and so is the minimum
/// that is found; what it saves is the shaping of steps by correlations.
package enum PrincipalAxes {
  /// Rows and columns of a piece of a product, the same at any number of threads.
  private static let tile = 256

  /// - Throws: Where a feature is no number.
  package static func turn(_ frames: DenseFrames, _ workers: Workers) throws -> DenseFrames {
    let (rows, columns) = (frames.rows, frames.columns)
    if let bad = frames.numbers.firstIndex(where: { !$0.isFinite }) {
      throw BlockPass.badNumber(row: bad / columns, column: bad % columns, frames.numbers[bad])
    }
    let x = Buffer<Float>(frames.numbers)
    center(x, rows, columns)
    let covariance = Buffer<Float>(count: columns * columns)
    let (a, c) = (x.matrix(columns), covariance.matrix(columns))
    forEachTile(of: columns, workers) { range in
      Float.gemm(
        Product(range.count, columns, rows, transposeA: true), alpha: 1 / Float(max(1, rows)),
        a.from(row: 0, column: range.lowerBound), a, beta: 0, c.from(row: range.lowerBound))
    }
    let axes = Buffer<Double>(count: covariance.count)
    for i in 0..<axes.count { axes[i] = Double(covariance[i]) }
    _ = try findEigenvectors(of: axes, columns)
    for i in 0..<axes.count { covariance[i] = Float(axes[i]) }
    let turned = [Float](unsafeUninitializedCapacity: rows * columns) { result, count in
      count = rows * columns
      guard let base = result.baseAddress else { return }
      nonisolated(unsafe) let turned = Matrix(base, stride: columns)
      forEachTile(of: rows, workers) { range in
        Float.gemm(
          Product(range.count, columns, columns, transposeB: true), alpha: 1, a.from(row: range.lowerBound), c,
          beta: 0, turned.from(row: range.lowerBound))
      }
    }
    return withExtendedLifetime((x, covariance)) { DenseFrames(columns: columns, turned) }
  }

  private static func forEachTile(of count: Int, _ workers: Workers, _ body: (Range<Int>) -> Void) {
    workers.forEach((count + tile - 1) / tile) { body($0 * tile..<min(count, ($0 + 1) * tile)) }
  }

  private static func center(_ x: Buffer<Float>, _ rows: Int, _ columns: Int) {
    var sums = [Double](repeating: 0, count: columns)
    for i in 0..<rows { for j in 0..<columns { sums[j] += Double(x[i * columns + j]) } }
    let negatives = Buffer(sums.map { Float(-$0 / Double(rows)) })
    for i in 0..<rows { add(negatives.pointer, to: x.pointer + i * columns, count: columns) }
  }
}
