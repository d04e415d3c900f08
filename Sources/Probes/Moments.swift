import Kernels

/// Mean and deviation of each feature over the frames that a probe is fitted to.
package struct Moments: Sendable {
  /// As frames are centred by it; single precision, so that centring and its inverse agree.
  var mean: [Float]
  /// √ of the variance over n; 0 for a feature that is constant.
  var deviation: [Double]

  /// 1 / deviation; 0 for constant features, which thereby have no part in anything.
  var inverse: [Double] { deviation.map { $0 > 0 ? 1 / $0 : 0 } }
  var constants: Int { deviation.count { $0 == 0 } }

  /// Sums of one group.
  private struct Sums {
    var count = 0.0
    var mean: [Double]
    var squares: [Double]

    init(_ columns: Int) {
      mean = Array(repeating: 0, count: columns)
      squares = mean
    }

    /// Chan, Golub and LeVeque (1979): the squares about the mean of both.
    mutating func add(_ other: Sums) {
      let total = count + other.count
      guard other.count > 0 else { return }
      for j in mean.indices {
        let difference = other.mean[j] - mean[j]
        mean[j] += difference * other.count / total
        squares[j] += other.squares[j] + difference * difference * count * other.count / total
      }
      count = total
    }
  }

  /// Throws where a feature is not a finite number.
  package init(_ pass: BlockPass) throws {
    let columns = pass.frames.columns
    var groups = pass.groups.map { _ in Sums(columns) }
    try groups.withUnsafeMutableBufferPointer { groups in
      // Each group is one thread's.
      nonisolated(unsafe) let groups = groups
      try pass.run { _, group, rows, x in groups[group].add(try Self.block(pass, rows, x)) }
    }
    var total = Sums(columns)
    for group in groups { total.add(group) }
    mean = total.mean.map { Float($0) }
    deviation = zip(total.mean, total.squares).map { mean, squares in
      let deviation = (squares / total.count).squareRoot()
      // Below what single precision tells apart.
      return deviation <= 1e-7 * abs(mean) ? 0 : deviation
    }
  }

  private static func block(_ pass: BlockPass, _ rows: Range<Int>, _ x: Matrix<Float>) throws -> Sums {
    let columns = pass.frames.columns
    var sums = Sums(columns)
    sums.count = Double(rows.count)
    sums.mean.withUnsafeMutableBufferPointer { mean in
      for i in 0..<rows.count {
        let row = x.row(i)
        for j in 0..<columns { mean[j] += Double(row[j]) }
      }
      for j in 0..<columns { mean[j] /= Double(rows.count) }
    }
    if let column = sums.mean.indices.first(where: { !sums.mean[$0].isFinite }) {
      let bad = (0..<rows.count).first { !x.row($0)[column].isFinite } ?? 0
      throw BlockPass.badNumber(
        row: pass.frames.sourceRow(rows.lowerBound + bad), column: column, x.row(bad)[column])
    }
    let mean = sums.mean
    mean.withUnsafeBufferPointer { mean in
      sums.squares.withUnsafeMutableBufferPointer { squares in
        for i in 0..<rows.count {
          let row = x.row(i)
          for j in 0..<columns {
            let difference = Double(row[j]) - mean[j]
            squares[j] += difference * difference
          }
        }
      }
    }
    return sums
  }

  /// x −= mean, row by row.
  func center(_ x: Matrix<Float>, count: Int, _ negatives: [Float]) {
    negatives.withUnsafeBufferPointer { negatives in
      for i in 0..<count { add(negatives.baseAddress!, to: x.row(i), count: negatives.count) }
    }
  }

  /// What ``center(_:count:_:)`` adds.
  var negatives: [Float] { mean.map { -$0 } }
}

/// The correlations of features, [columns, columns], estimated from some tens of thousands of frames: only what a
/// minimiser's steps are shaped by.
func correlations(_ pass: BlockPass, _ moments: Moments) throws -> Buffer<Double> {
  let columns = pass.frames.columns
  let blocks = (pass.frames.rows + pass.blockRows - 1) / pass.blockRows
  // Every so manieth block.
  let step = max(1, blocks * pass.blockRows / 65_536)
  let square = columns * columns
  let groups = pass.groups.map { _ in Buffer<Double>(count: square) }
  let products = (0..<pass.workers.count).map { _ in Buffer<Float>(count: square) }
  let (negatives, inverse) = (moments.negatives, moments.inverse.map { Float($0) })
  try pass.run(wanted: { $0 % step == 0 }) { worker, group, rows, x in
    moments.center(x, count: rows.count, negatives)
    for i in 0..<rows.count { multiplyElements(x.row(i), by: inverse, into: x.row(i), count: columns) }
    Float.gemm(
      Product(columns, columns, rows.count, transposeA: true), alpha: 1, x, x, beta: 0, products[worker].matrix(columns)
    )
    let (product, sum) = (products[worker].pointer, groups[group].pointer)
    for i in 0..<square { sum[i] += Double(product[i]) }
  }
  let total = Buffer<Double>(count: square)
  for group in groups { for i in 0..<square { total[i] += group[i] } }
  let rows = (0..<blocks).filter { $0 % step == 0 }
    .reduce(0) { $0 + min(pass.frames.rows, ($1 + 1) * pass.blockRows) - $1 * pass.blockRows }
  for i in 0..<square { total[i] /= Double(rows) }
  return total
}
