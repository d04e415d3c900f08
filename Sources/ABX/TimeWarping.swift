import Kernels

/// Dynamic time warping: the mean distance along the path of least sum from the first two frames to the last two, with
/// steps of one frame in one item or in both.
///
/// Where steps back along the path are equally good, the one in both is taken, then the one in the columns, as torchdtw
/// does, on which fastabx and Libri-Light rest; the number of pairs on the path may depend on it.
struct TimeWarping {
  /// Sums of the best paths to each pair.
  private var sums = Buffer<Float>(count: 1 << 12)

  /// - Parameter distances: [rows, columns], one at least of each.
  /// - Returns: The distance, and that of the transposed matrix, which differs only where steps were equally good.
  mutating func distances(_ distances: Matrix<Float>, rows: Int, columns: Int) -> (Float, transposed: Float) {
    if sums.count < rows * columns { sums = Buffer(count: 2 * rows * columns) }
    let sums = sums.pointer
    fill(sums, distances, rows, columns)
    let total = sums[rows * columns - 1]
    let (length, hasTie) = Self.pathLength(sums, rows, columns, prefersColumns: true)
    let mean = total / Float(length)
    if !hasTie { return (mean, mean) }
    return (mean, total / Float(Self.pathLength(sums, rows, columns, prefersColumns: false).length))
  }

  @inline(__always)
  private func fill(_ sums: UnsafeMutablePointer<Float>, _ distances: Matrix<Float>, _ rows: Int, _ columns: Int) {
    let first = distances.row(0)
    var left: Float = 0
    for j in 0..<columns {
      left += first[j]
      sums[j] = left
    }
    for i in 1..<max(1, rows) {
      let row = distances.row(i)
      let above = sums + (i - 1) * columns
      let now = sums + i * columns
      var diagonal = above[0]
      left = row[0] + diagonal
      now[0] = left
      for j in 1..<max(1, columns) {
        let up = above[j]
        let best = up < diagonal ? up : diagonal
        left = row[j] + (left < best ? left : best)
        now[j] = left
        diagonal = up
      }
    }
  }

  private static func pathLength(
    _ sums: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int, prefersColumns: Bool
  ) -> (length: Int, hasTie: Bool) {
    var (i, j, length) = (rows - 1, columns - 1, 1)
    var hasTie = false
    while i > 0, j > 0 {
      let here = sums + i * columns + j
      let (up, left, diagonal) = (here[-columns], here[-1], here[-columns - 1])
      length += 1
      if diagonal <= left, diagonal <= up {
        i -= 1
        j -= 1
      } else {
        if left == up { hasTie = true }
        if left < up || left == up && prefersColumns { j -= 1 } else { i -= 1 }
      }
    }
    return (length + i + j, hasTie)
  }
}
