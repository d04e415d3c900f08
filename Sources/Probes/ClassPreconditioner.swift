import Kernels
import RealModule

/// A rough inverse of the second derivatives of a softmax regression: what makes its minimiser indifferent to the
/// scales and the correlations of features, and to how rare a class is.
///
/// Second derivatives are E[(diag(p) − p pᵀ) ⊗ x xᵀ] and the penalty. Taken as the product of both expectations at
/// p = π, the shares of classes, their inverse is that of π_k · E[x xᵀ] + penalty for each class, followed by taking the
/// mean over classes away: the direction in which all classes move alike changes no probability.
struct ClassPreconditioner {
  private let columns: Int
  private let classes: Int
  /// Neighbouring classes of about the same share, and the inverse that they have in common.
  private let groups: [(classes: Range<Int>, inverse: Buffer<Double>)]
  /// In their place where features do not covary: the inverse of each feature and class, [columns, classes].
  private let diagonal: Buffer<Double>?
  private let intercepts: [Double]
  private let workers: Workers

  /// Steps are about right for the shares to this power; fewer are needed than with the shares themselves, as measured.
  private static let power = 0.75

  /// - Parameters:
  ///   - correlations: [columns, columns]; nil where features do not covary.
  ///   - shares: Of the classes, falling.
  ///   - penalty: What the penalty adds to the second derivative for each feature.
  init(correlations: Buffer<Double>?, shares: [Double], penalty: [Double], _ workers: Workers) {
    columns = penalty.count
    classes = shares.count
    self.workers = workers
    let rounded = shares.map { share in
      let logarithm = (2 * Double.log2(share)).rounded() / 2
      return Double.exp2(Self.power * logarithm)
    }
    intercepts = shares.map { 1 / Double.pow($0, Self.power) }
    guard let correlations else {
      let diagonal = Buffer<Double>(count: penalty.count * shares.count)
      for j in penalty.indices {
        for k in shares.indices { diagonal[j * shares.count + k] = 1 / (rounded[k] + penalty[j]) }
      }
      self.diagonal = diagonal
      groups = []
      return
    }
    diagonal = nil
    var ranges: [Range<Int>] = []
    for k in rounded.indices {
      if let last = ranges.last, rounded[last.lowerBound] == rounded[k] {
        ranges[ranges.count - 1] = last.lowerBound..<k + 1
      } else {
        ranges.append(k..<k + 1)
      }
    }
    let inverses = ranges.map { _ in Buffer<Double>(count: penalty.count * penalty.count) }
    workers.forEach(ranges.count) { i in
      let made = Self.inverse(correlations, share: rounded[ranges[i].lowerBound], penalty)
      inverses[i].pointer.update(from: made.pointer, count: made.count)
    }
    groups = zip(ranges, inverses).map { ($0, $1) }
  }

  private static func inverse(_ correlations: Buffer<Double>, share: Double, _ penalty: [Double]) -> Buffer<Double> {
    let n = penalty.count
    // Correlations come from single precision, so the smallest of their eigenvalues may be below zero.
    var ridge = 3e-6
    while true {
      let matrix = Buffer<Double>(count: n * n)
      for i in 0..<n * n { matrix[i] = share * correlations[i] }
      for i in 0..<n { matrix[i * n + i] += share * ridge + penalty[i] }
      if let inverse = Kernels.inverse(matrix, n) { return inverse }
      // Where numbers overflowed, nothing helps but no preconditioning at all.
      guard ridge < 1e3 else { break }
      ridge *= 10
    }
    let identity = Buffer<Double>(count: n * n)
    for i in 0..<n { identity[i * n + i] = 1 / (share + penalty[i]) }
    return identity
  }

  /// result = H · gradient; both [columns + 1, classes], the intercepts last.
  func apply(_ gradient: Buffer<Double>, into result: Buffer<Double>) {
    // Cut by columns of the result, so that a product is the same at any number of threads.
    let tiles = groups.flatMap { group in
      stride(from: group.classes.lowerBound, to: group.classes.upperBound, by: 64).map { first in
        (classes: first..<min(first + 64, group.classes.upperBound), inverse: group.inverse)
      }
    }
    let (g, r) = (gradient.matrix(classes), result.matrix(classes))
    workers.forEach(tiles.count) { i in
      let (range, inverse) = tiles[i]
      Double.gemm(
        Product(columns, range.count, columns), alpha: 1, inverse.matrix(columns),
        g.from(row: 0, column: range.lowerBound), beta: 0, r.from(row: 0, column: range.lowerBound))
    }
    if let diagonal { for i in 0..<diagonal.count { r.pointer[i] = diagonal.pointer[i] * g.pointer[i] } }
    for k in 0..<classes { r.row(columns)[k] = g.row(columns)[k] * intercepts[k] }
    for j in 0...columns {
      let row = r.row(j)
      var mean = 0.0
      for k in 0..<classes { mean += row[k] }
      mean /= Double(classes)
      for k in 0..<classes { row[k] -= mean }
    }
  }
}
