package import Kernels
import RealModule

/// How near rows are to their neighbours: the symmetric probabilities p of van der Maaten and Hinton (2008), those of all
/// pairs together one. Rows of a sparse matrix.
package struct Affinities: @unchecked Sendable {
  /// Where the entries of each row begin, and the end.
  package let starts: [Int]
  package let columns: Buffer<Int32>
  package let values: Buffer<Float>

  package init(_ neighbours: Neighbours, count: Int, perplexity: Double, _ workers: Workers) {
    let perRow = neighbours.perRow
    let conditional = Buffer<Double>(count: count * perRow)
    workers.split(count) { range in
      for i in range {
        Self.calibrate(
          neighbours.distances.pointer + i * perRow, perRow, perplexity, into: conditional.pointer + i * perRow)
      }
    }
    (starts, columns, values) = Self.symmetric(neighbours, conditional, count)
  }

  /// Finds the width of the normal distribution around a row by which the entropy of its neighbours is that of
  /// `perplexity` equal ones. Where more of them are equally near nothing nearer exists: they share evenly.
  private static func calibrate(
    _ distances: UnsafePointer<Double>, _ count: Int, _ perplexity: Double, into p: UnsafeMutablePointer<Double>
  ) {
    let target = Double.log(perplexity)
    // Distances less the least one, in units of their mean, so that every scale begins alike.
    let least = distances[0]
    let mean = (0..<count).reduce(0) { $0 + (distances[$1] - least) } / Double(count)
    let unit = mean > 0 ? mean : 1
    var beta = 1.0
    var (low, high) = (0.0, Double.infinity)
    for _ in 0..<100 {
      var (sum, weighted) = (0.0, 0.0)
      for k in 0..<count {
        let distance = (distances[k] - least) / unit
        p[k] = Double.exp(-beta * distance)
        sum += p[k]
        weighted += p[k] * distance
      }
      let entropy = Double.log(sum) + beta * weighted / sum
      for k in 0..<count { p[k] /= sum }
      if abs(entropy - target) < 1e-8 { break }
      if entropy > target {
        low = beta
        beta = high.isInfinite ? 2 * beta : (low + high) / 2
      } else {
        high = beta
        beta = (low + high) / 2
      }
      // More equally near neighbours than the perplexity asks for, or less than a digit between the bounds.
      if beta > 1e12 || high - low < 1e-14 * high { break }
    }
  }

  /// (p(j|i) + p(i|j)) / 2 · count, without the zeros.
  private static func symmetric(
    _ neighbours: Neighbours, _ conditional: Buffer<Double>, _ count: Int
  ) -> ([Int], Buffer<Int32>, Buffer<Float>) {
    let perRow = neighbours.perRow
    var incoming = [Int](repeating: 0, count: count + 1)
    for k in 0..<count * perRow { incoming[Int(neighbours.indices[k]) + 1] += 1 }
    for i in 0..<count { incoming[i + 1] += incoming[i] }
    var next = incoming
    var from = [(row: Int32, p: Double)](repeating: (0, 0), count: count * perRow)
    for i in 0..<count {
      for k in i * perRow..<(i + 1) * perRow {
        let j = Int(neighbours.indices[k])
        from[next[j]] = (Int32(i), conditional[k])
        next[j] += 1
      }
    }
    var starts = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    columns.reserveCapacity(2 * count * perRow)
    values.reserveCapacity(2 * count * perRow)
    let scale = 1 / (2 * Double(count))
    for i in 0..<count {
      let own = (i * perRow..<(i + 1) * perRow).map { (row: neighbours.indices[$0], p: conditional[$0]) }
        .sorted { $0.row < $1.row }
      let others = from[incoming[i]..<incoming[i + 1]]
      var (a, b) = (own.startIndex, others.startIndex)
      while a < own.endIndex || b < others.endIndex {
        let left = a < own.endIndex ? own[a].row : .max
        let right = b < others.endIndex ? others[b].row : .max
        var p = 0.0
        if left <= right {
          p += own[a].p
          a += 1
        }
        if right <= left {
          p += others[b].p
          b += 1
        }
        columns.append(min(left, right))
        values.append(Float(p * scale))
      }
      starts.append(columns.count)
    }
    return (starts, Buffer(columns), Buffer(values))
  }
}
