extension Workers {
  /// ``KernelScalar/gemm(_:alpha:_:_:beta:_:)`` with the result cut into one block a worker, as square as can be.
  public func gemm<T: KernelScalar>(
    _ p: Product, alpha: T = 1, _ a: Matrix<T>, _ b: Matrix<T>, beta: T = 0, _ c: Matrix<T>
  ) {
    guard count > 1, p.m * p.n * p.k > 1 << 18 else { return T.gemm(p, alpha: alpha, a, b, beta: beta, c) }
    let grid = (1...count).filter { count % $0 == 0 }
      .min { p.m / $0 + p.n / (count / $0) < p.m / $1 + p.n / (count / $1) }!
    let rows = Workers.cut(p.m, grid, multipleOf: 16)
    let columns = Workers.cut(p.n, count / grid, multipleOf: 16)
    forEach(rows.count * columns.count) { i in
      let row = rows[i / columns.count]
      let column = columns[i % columns.count]
      let block = Product(row.count, column.count, p.k, transposeA: p.transposeA, transposeB: p.transposeB)
      T.gemm(
        block, alpha: alpha, p.transposeA ? a.from(row: 0, column: row.lowerBound) : a.from(row: row.lowerBound),
        p.transposeB ? b.from(row: column.lowerBound) : b.from(row: 0, column: column.lowerBound),
        beta: beta, c.from(row: row.lowerBound, column: column.lowerBound))
    }
  }

  private static func cut(_ n: Int, _ parts: Int, multipleOf unit: Int) -> [Range<Int>] {
    let units = (n + unit - 1) / unit
    return (0..<min(parts, units)).map { i in
      let parts = min(parts, units)
      return min(n, units * i / parts * unit)..<min(n, units * (i + 1) / parts * unit)
    }
  }
}
