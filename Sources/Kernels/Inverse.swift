/// The inverse of a symmetric positive definite matrix [n, n], by Cholesky's factors; nil if it has no such factors.
/// Overwrites `matrix`.
public func inverse(_ matrix: Buffer<Double>, _ n: Int) -> Buffer<Double>? {
  let a = matrix.pointer
  for i in 0..<n {
    let row = a + i * n
    for j in 0...i {
      let other = a + j * n
      var sum = row[j]
      for k in 0..<j { sum -= row[k] * other[k] }
      if j < i {
        row[j] = sum / other[j]
      } else {
        guard sum > 0, sum.isFinite else { return nil }
        row[i] = sum.squareRoot()
      }
    }
  }
  // L · Y = 1, row by row: row i of Y has nothing right of its diagonal.
  let y = Buffer<Double>(count: n * n)
  for i in 0..<n {
    let row = y.pointer + i * n
    row[i] = 1
    for k in 0..<i {
      let (factor, other) = (a[i * n + k], y.pointer + k * n)
      for j in 0...k { row[j] -= factor * other[j] }
    }
    for j in 0...i { row[j] /= a[i * n + i] }
  }
  // The inverse is Yᵀ · Y.
  let result = Buffer<Double>(count: n * n)
  Double.gemm(
    Product(n, n, n, transposeA: true), alpha: 1, y.matrix(n), y.matrix(n), beta: 0, result.matrix(n))
  return result
}
