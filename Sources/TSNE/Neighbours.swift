package import Kernels

/// The nearest other rows of each row, exactly: all distances are taken, as matrix products.
package struct Neighbours: @unchecked Sendable {
  package let perRow: Int
  /// [count, perRow], nearest first; of equally near ones the first in the data.
  package let indices: Buffer<Int32>
  /// Their squared distances.
  package let distances: Buffer<Double>

  package init(of rows: Rows, perRow: Int, _ workers: Workers) {
    precondition(perRow > 0 && perRow < rows.count)
    self.perRow = perRow
    let indices = Buffer<Int32>(count: rows.count * perRow)
    let distances = Buffer<Double>(count: rows.count * perRow)
    let heaps = Buffer<Candidate>(count: rows.count * perRow)
    for i in 0..<heaps.count { heaps[i] = Candidate(distance: .infinity, index: .max) }
    rows.forEachBlock(workers) { block, others, products in
      for (i, row) in block.enumerated() {
        let heap = heaps.pointer + row * perRow
        Self.select(products.row(i), others, except: row, heap, perRow)
      }
    }
    workers.split(rows.count) { range in
      for row in range {
        let found = (0..<perRow).map { heaps[row * perRow + $0].index }
          .map { (distance: rows.squaredDistance(row, Int($0)), index: $0) }
          .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
        for (k, neighbour) in found.enumerated() {
          indices[row * perRow + k] = neighbour.index
          distances[row * perRow + k] = neighbour.distance
        }
      }
    }
    (self.indices, self.distances) = (indices, distances)
  }

  private struct Candidate: BitwiseCopyable {
    var distance: Float
    var index: Int32
  }

  /// Puts what is nearer than the farthest of a heap, its first, in the place of that.
  private static func select(
    _ distances: UnsafeMutablePointer<Float>, _ others: Range<Int>, except row: Int,
    _ heap: UnsafeMutablePointer<Candidate>, _ count: Int
  ) {
    func consider(_ j: Int) {
      guard distances[j] < heap[0].distance, others.lowerBound + j != row else { return }
      let new = Candidate(distance: distances[j], index: Int32(others.lowerBound + j))
      var place = 0
      while true {
        var child = 2 * place + 1
        guard child < count else { break }
        if child + 1 < count, heap[child + 1].distance > heap[child].distance { child += 1 }
        guard heap[child].distance > new.distance else { break }
        heap[place] = heap[child]
        place = child
      }
      heap[place] = new
    }
    var j = 0
    while j + 8 <= others.count {
      let values = UnsafeRawPointer(distances + j).loadUnaligned(as: SIMD8<Float>.self)
      if any(values .< heap[0].distance) { for k in j..<j + 8 { consider(k) } }
      j += 8
    }
    while j < others.count {
      consider(j)
      j += 1
    }
  }
}
