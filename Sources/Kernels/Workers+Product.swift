extension Workers {
  /// C[rows, n] = Σ A·B over `terms`, or C += Σ A·B; each worker makes some of the rows.
  public func multiply<E: Operand>(
    rows: Int, _ terms: [(a: Matrix<E>, b: RightFactor<E>)], accumulate: Bool = false, into c: Matrix<E.Sum>
  ) {
    let parts = parts(of: rows, multipleOf: 16)
    forEach(parts.count) { i in
      multiply(parts[i], terms, accumulate: accumulate, c.from(row: parts[i].lowerBound), scratch[i])
    }
  }

  /// Σ A·B over `terms`, some rows at a time, each finished as soon as it is made: `finish` is given which rows they are
  /// and their sums, dense or as `results` is, and leaves in `results` what the operands shall be. Where operands are sums, the sums of row i
  /// already stand in row i of `results`.
  public func multiply<E: Operand>(
    rows: Int, _ terms: [(a: Matrix<E>, b: RightFactor<E>)], into results: Matrix<E>,
    finish: (_ worker: Int, _ rows: Range<Int>, _ sums: Matrix<E.Sum>) -> Void
  ) {
    let columns = terms[0].b.columns
    let parts = parts(of: rows, multipleOf: 16)
    forEach(parts.count) { i in
      guard let atOnce = E.rowsAtOnce(columns: columns) else {
        let sums: Matrix<E.Sum> = results.from(row: parts[i].lowerBound).reinterpreted()
        multiply(parts[i], terms, accumulate: false, sums, scratch[i])
        return finish(i, parts[i], sums)
      }
      let sums = Matrix(scratch[i].memory(.sums, E.Sum.self, count: atOnce * columns), stride: columns)
      for first in stride(from: parts[i].lowerBound, to: parts[i].upperBound, by: atOnce) {
        let block = first..<min(first + atOnce, parts[i].upperBound)
        multiply(block, terms, accumulate: false, sums, scratch[i])
        finish(i, block, sums)
      }
    }
  }

  private func multiply<E: Operand>(
    _ rows: Range<Int>, _ terms: [(a: Matrix<E>, b: RightFactor<E>)], accumulate: Bool, _ c: Matrix<E.Sum>,
    _ scratch: Scratch
  ) {
    for (i, term) in terms.enumerated() {
      E.multiply(
        rows: rows.count, term.a.from(row: rows.lowerBound), term.b, accumulate: accumulate || i > 0, c, scratch)
    }
  }

  /// C[m, n] += A[k, m]ᵀ · B[k, n]; each worker makes some rows of C, or, where these are few, some columns of some rows.
  public func addTransposedProduct<E: Operand>(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix<E>, _ b: Matrix<E>, _ c: Matrix<E.Sum>
  ) {
    guard count > 1, m * n * k > 1 << 18 else { return E.addTransposedProduct(m, n, k, a, b, c, scratch[0]) }
    let rows = Workers.cut(m, count, multipleOf: 16)
    let columns = Workers.cut(n, count / rows.count, multipleOf: 16)
    forEach(rows.count * columns.count) { i in
      let row = rows[i / columns.count]
      let column = columns[i % columns.count]
      E.addTransposedProduct(
        row.count, column.count, k, a.from(row: 0, column: row.lowerBound), b.from(row: 0, column: column.lowerBound),
        c.from(row: row.lowerBound, column: column.lowerBound), scratch[i])
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
