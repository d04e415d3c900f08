import FileIO
package import Kernels

/// Points around their mean, with their squared lengths.
package struct Rows: @unchecked Sendable {
  package let count: Int
  package let dimension: Int
  package let values: Buffer<Float>
  package let squares: Buffer<Float>
  /// Rows of a block of work. The same at any number of threads, as sums depend on it.
  static let block = 256

  /// - Throws: If a number is none or infinite.
  package init(_ rows: [Float], count: Int, dimension: Int, _ workers: Workers) throws {
    precondition(count >= 0 && dimension > 0 && rows.count == count * dimension)
    self.count = count
    self.dimension = dimension
    var sums = [Double](repeating: 0, count: dimension)
    for i in 0..<count { for k in 0..<dimension { sums[k] += Double(rows[i * dimension + k]) } }
    if !sums.allSatisfy(\.isFinite) {
      let place = rows.firstIndex { !$0.isFinite }!
      throw Failure(
        .badInput, at: "row \(place / dimension)", "column \(place % dimension) is \(rows[place])",
        hint: "only finite numbers have distances")
    }
    let mean = sums.map { Float($0 / Double(max(1, count))) }
    let values = Buffer(rows)
    let squares = Buffer<Float>(count: count)
    workers.split(count) { range in
      for i in range {
        let row = values.pointer + i * dimension
        for k in 0..<dimension { row[k] -= mean[k] }
        squares[i] = Float(sumOfSquares(row, count: dimension))
      }
    }
    (self.values, self.squares) = (values, squares)
  }

  package var matrix: Matrix<Float> { values.matrix(dimension) }

  package var blocks: [Range<Int>] {
    stride(from: 0, to: count, by: Self.block).map { $0..<min(count, $0 + Self.block) }
  }

  /// Calls `body` with the squared distances, but for the squared length of the row itself, of some rows from some
  /// others; blocks of the first on several threads, of the second in order.
  package func forEachBlock(
    _ workers: Workers, _ body: (_ rows: Range<Int>, _ others: Range<Int>, _ distances: Matrix<Float>) -> Void
  ) {
    let width = 1024
    let blocks = blocks
    workers.forEach(workers.count) { worker in
      let products = Buffer<Float>(count: Self.block * width)
      for rows in stride(from: worker, to: blocks.count, by: workers.count).map({ blocks[$0] }) {
        for first in stride(from: 0, to: count, by: width) {
          let others = first..<min(count, first + width)
          let distances = products.matrix(width)
          Float.gemm(
            Product(rows.count, others.count, dimension, transposeB: true), alpha: -2,
            matrix.from(row: rows.lowerBound), matrix.from(row: first), beta: 0, distances)
          for i in 0..<rows.count { add(squares.pointer + first, to: distances.row(i), count: others.count) }
          body(rows, others, distances)
        }
      }
    }
  }

  /// The squared distance of two rows, without what products lose of small ones.
  package func squaredDistance(_ i: Int, _ j: Int) -> Double {
    let (a, b) = (values.pointer + i * dimension, values.pointer + j * dimension)
    var sum = 0.0
    for k in 0..<dimension {
      let difference = Double(a[k] - b[k])
      sum += difference * difference
    }
    return sum
  }
}
