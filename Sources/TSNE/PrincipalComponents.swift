import Kernels
import RealModule

/// The first two principal components of rows, by subspace iteration (Halko, Martinsson & Tropp 2011).
enum PrincipalComponents {
  /// Directions that are iterated: more than two, so that the second is parted from the third soon.
  private static let width = 8
  private static let iterations = 30

  /// Coordinates [count, 2] of the rows, the first component with a deviation of `deviation`. Of a component's two
  /// directions the one with a positive largest weight. What the rows lack (all equal, or on one line) is zero.
  static func coordinates(of rows: Rows, deviation: Double, _ workers: Workers) -> [Double] {
    let (count, dimension) = (rows.count, rows.dimension)
    let random = RandomStream(seed: 0, purpose: .evaluation)
    var basis = (0..<width).map { k in (0..<dimension).map { random.normal(UInt64(k * dimension + $0)) } }
    let scores = Buffer<Float>(count: count * width)
    for _ in 0..<iterations {
      orthonormalize(&basis)
      basis = product(rows, scores: multiply(rows, basis, into: scores, workers), workers)
    }
    orthonormalize(&basis)
    multiply(rows, basis, into: scores, workers)
    // Within the subspace the axes are those of the scores' covariance.
    var covariance = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for i in 0..<count {
      for a in 0..<width {
        for b in 0...a { covariance[a][b] += Double(scores[i * width + a]) * Double(scores[i * width + b]) }
      }
    }
    for a in 0..<width { for b in 0..<a { covariance[b][a] = covariance[a][b] } }
    let axes = eigenvectors(covariance)
    var result = [Double](repeating: 0, count: count * 2)
    for axis in 0..<2 {
      let weights = (0..<dimension).map { k in (0..<width).reduce(0) { $0 + axes[axis][$1] * basis[$1][k] } }
      let largest = weights.max { abs($0) < abs($1) }!
      for i in 0..<count {
        let score = (0..<width).reduce(0.0) { $0 + axes[axis][$1] * Double(scores[i * width + $1]) }
        result[2 * i + axis] = largest < 0 ? -score : score
      }
    }
    let variance = (0..<count).reduce(0) { $0 + result[2 * $1] * result[2 * $1] } / Double(count)
    let scale = variance > 0 ? deviation / variance.squareRoot() : 0
    return result.map { $0 * scale }
  }

  /// Gram and Schmidt, twice; directions without length become zero.
  private static func orthonormalize(_ basis: inout [[Double]]) {
    for a in basis.indices {
      let length = basis[a].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for _ in 0..<2 {
        for b in 0..<a {
          let overlap = zip(basis[a], basis[b]).reduce(0) { $0 + $1.0 * $1.1 }
          for k in basis[a].indices { basis[a][k] -= overlap * basis[b][k] }
        }
      }
      let rest = basis[a].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let factor = rest > 1e-9 * length && length > 0 ? 1 / rest : 0
      for k in basis[a].indices { basis[a][k] *= factor }
    }
  }

  /// scores[count, width] = rows · basisᵀ.
  @discardableResult
  private static func multiply(
    _ rows: Rows, _ basis: [[Double]], into scores: Buffer<Float>, _ workers: Workers
  ) -> Buffer<Float> {
    let right = Buffer(basis.joined().map { Float($0) })
    let blocks = rows.blocks
    workers.forEach(blocks.count) { i in
      Float.gemm(
        Product(blocks[i].count, width, rows.dimension, transposeB: true), alpha: 1,
        rows.matrix.from(row: blocks[i].lowerBound), right.matrix(rows.dimension), beta: 0,
        scores.matrix(width).from(row: blocks[i].lowerBound))
    }
    return scores
  }

  /// scoresᵀ · rows, block by block, and the blocks in order.
  private static func product(_ rows: Rows, scores: Buffer<Float>, _ workers: Workers) -> [[Double]] {
    let blocks = rows.blocks
    let size = width * rows.dimension
    let parts = Buffer<Float>(count: blocks.count * size)
    workers.forEach(blocks.count) { i in
      Float.gemm(
        Product(width, rows.dimension, blocks[i].count, transposeA: true), alpha: 1,
        scores.matrix(width).from(row: blocks[i].lowerBound), rows.matrix.from(row: blocks[i].lowerBound), beta: 0,
        Matrix(parts.pointer + i * size, stride: rows.dimension))
    }
    return (0..<width).map { k in
      (0..<rows.dimension).map { column in
        blocks.indices.reduce(0) { $0 + Double(parts[$1 * size + k * rows.dimension + column]) }
      }
    }
  }

  /// Of a small symmetric matrix, that of the largest eigenvalue first: Jacobi's method.
  private static func eigenvectors(_ matrix: [[Double]]) -> [[Double]] {
    var a = matrix
    let n = a.count
    var vectors = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
    for _ in 0..<50 {
      for p in 0..<n {
        for q in p + 1..<n where abs(a[p][q]) > 1e-300 {
          let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for k in 0..<n { (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]) }
          for k in 0..<n { (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]) }
          for k in 0..<n {
            (vectors[p][k], vectors[q][k]) = (
              c * vectors[p][k] - s * vectors[q][k], s * vectors[p][k] + c * vectors[q][k]
            )
          }
        }
      }
    }
    return (0..<n).sorted { (a[$1][$1], $0) < (a[$0][$0], $1) }.map { vectors[$0] }
  }
}
