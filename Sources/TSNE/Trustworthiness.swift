public import Kernels

extension TSNE {
  /// How far the neighbours of points in the plane are neighbours among the rows, from 0 to 1 (Venna & Kaski 2001): one less
  /// what each of the `neighbours` nearest points misses of being among as many nearest rows, by rank.
  ///
  /// - Parameters:
  ///   - rows: [count, dimension].
  ///   - positions: [count, 2].
  ///   - neighbours: Fewer than half of the points.
  public static func trustworthiness(
    _ rows: [Float], count: Int, dimension: Int, positions: [Float], neighbours: Int = 5, workers: Workers = Workers()
  ) throws -> Double {
    precondition(neighbours > 0 && 2 * neighbours < count)
    let plane = try Rows(positions, count: count, dimension: 2, workers)
    let near = Neighbours(of: plane, perRow: neighbours, workers)
    let rows = try Rows(rows, count: count, dimension: dimension, workers)
    // Rows nearer than each of the neighbours.
    let nearer = Buffer<Int>(count: count * neighbours)
    let limits = Buffer<Float>(count: count * neighbours)
    workers.split(count) { range in
      for i in range {
        for k in i * neighbours..<(i + 1) * neighbours {
          limits[k] = Float(rows.squaredDistance(i, Int(near.indices[k])) - Double(rows.squares[i]))
        }
      }
    }
    rows.forEachBlock(workers) { block, others, distances in
      for (i, row) in block.enumerated() {
        let values = distances.row(i)
        for k in row * neighbours..<(row + 1) * neighbours {
          let itself = Int(near.indices[k]) - others.lowerBound
          for j in 0..<others.count where values[j] < limits[k] && j != itself && others.lowerBound + j != row {
            nearer[k] += 1
          }
        }
      }
    }
    let missed = (0..<count * neighbours).reduce(0) { $0 + max(0, nearer[$1] + 1 - neighbours) }
    let most = count * neighbours * (2 * count - 3 * neighbours - 1)
    return 1 - 2 * Double(missed) / Double(most)
  }
}
