import Kernels

/// Scores the cells of two speakers of a context, or of one: the distances of their items first, then A against B for each
/// X. One for each thread.
final class SpeakerPair {
  /// Items of one speaker, those of some groups first.
  private struct Side {
    /// By group: its places among ``items``.
    var places: [(group: Int, range: Range<Int>)] = []
    var items: [Int] = []
    /// So many of the groups, and of the items, are X.
    var groupsOfX = 0
    var itemsOfX = 0
  }

  private static let rowsAtOnce = 64
  private static let columnsAtOnce = 1024

  private let groups: Groups
  private let frames: ItemFrames
  private var warping = TimeWarping()
  private var left = Buffer<Float>(count: 0)
  private var right = Buffer<Float>(count: 0)
  private var products = Buffer<Float>(count: 0)
  /// By item of the list.
  private(set) var isUsed: [Bool]

  init(_ groups: Groups, _ frames: ItemFrames) {
    (self.groups, self.frames) = (groups, frames)
    isUsed = [Bool](repeating: false, count: frames.ranges.count)
  }

  /// Cells of one speaker: A and X of one phone, B of another.
  func within(_ speaker: Int, into cells: inout [Cell]) {
    guard groups.speakers[speaker].groups.count > 1 else { return }
    let side = side(speaker) { groups.groups[$0].items.count > 1 }
    guard side.groupsOfX > 0 else { return }
    let distances = distances(side, side, isSame: true).0
    score(side, against: side, distances, isWithin: true, into: &cells)
    markUsed(side.items)
  }

  /// Cells of two speakers of a context: X of one, A and B of the other, both ways.
  func across(_ first: Int, _ second: Int, into cells: inout [Cell]) {
    func side(_ speaker: Int, _ other: Int) -> Side {
      let hasB = groups.speakers[other].groups.count > 1
      return self.side(speaker) { group in
        guard hasB, let a = groups.group(of: groups.groups[group].phone, other) else { return false }
        return groups.areX(from: speaker, for: a)
      }
    }
    let sides = (side(first, second), side(second, first))
    guard sides.0.groupsOfX + sides.1.groupsOfX > 0 else { return }
    let distances = distances(sides.0, sides.1, isSame: false)
    score(sides.0, against: sides.1, distances.0, isWithin: false, into: &cells)
    score(sides.1, against: sides.0, distances.transposed, isWithin: false, into: &cells)
    markUsed(sides.1.groupsOfX > 0 ? sides.0.items : Array(sides.0.items[..<sides.0.itemsOfX]))
    markUsed(sides.0.groupsOfX > 0 ? sides.1.items : Array(sides.1.items[..<sides.1.itemsOfX]))
  }

  private func markUsed(_ items: [Int]) {
    for item in items { isUsed[item] = true }
  }

  private func side(_ speaker: Int, isX: (Int) -> Bool) -> Side {
    var side = Side()
    let all = groups.speakers[speaker].groups
    let ofX = all.map(isX)
    for isFirst in [true, false] {
      for (group, isX) in zip(all, ofX) where isX == isFirst {
        let items = groups.order[groups.groups[group].items]
        side.places.append((group, side.items.count..<side.items.count + items.count))
        side.items += items
      }
      if isFirst { (side.groupsOfX, side.itemsOfX) = (side.places.count, side.items.count) }
    }
    return side
  }

  /// Distances [a, b] and [b, a], each with the first as X; only those with an X among the two are taken. Of a side with
  /// itself, [a, a] is all there is.
  private func distances(_ a: Side, _ b: Side, isSame: Bool) -> (Buffer<Float>, transposed: Buffer<Float>) {
    let forward = Buffer<Float>(count: a.items.count * b.items.count)
    let back = isSame ? forward : Buffer<Float>(count: a.items.count * b.items.count)
    for rows in chunks(0..<a.items.count, a, frames: Self.rowsAtOnce) {
      let lastColumn = rows.lowerBound < a.itemsOfX ? b.items.count : b.itemsOfX
      guard lastColumn > (isSame ? rows.lowerBound : 0) else { break }
      let rowStarts = gather(rows, a, into: &left)
      for columns in chunks(isSame ? rows.lowerBound..<lastColumn : 0..<lastColumn, b, frames: Self.columnsAtOnce) {
        let columnStarts = gather(columns, b, into: &right)
        let products = multiply(rowStarts.last!, columnStarts.last!)
        for (i, row) in rows.enumerated() {
          for (j, column) in columns.enumerated()
          where (row < a.itemsOfX || column < b.itemsOfX) && !(isSame && column <= row) {
            let (distance, transposed) = warping.distances(
              products.from(row: rowStarts[i], column: columnStarts[j]), rows: rowStarts[i + 1] - rowStarts[i],
              columns: columnStarts[j + 1] - columnStarts[j])
            forward[row * b.items.count + column] = distance
            back[column * a.items.count + row] = transposed
          }
        }
      }
    }
    return (forward, back)
  }

  /// Cuts a range of a side's items so that each part has about so many frames.
  private func chunks(_ range: Range<Int>, _ side: Side, frames limit: Int) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var start = range.lowerBound
    var count = 0
    for i in range {
      count += frames.count(of: side.items[i])
      if count >= limit || i + 1 == range.upperBound {
        chunks.append(start..<i + 1)
        (start, count) = (i + 1, 0)
      }
    }
    return chunks
  }

  /// Copies the frames of some items one after the other; returns where each begins, and the end.
  private func gather(_ range: Range<Int>, _ side: Side, into buffer: inout Buffer<Float>) -> [Int] {
    var starts = [0]
    for i in range { starts.append(starts.last! + frames.count(of: side.items[i])) }
    let needed = starts.last! * frames.dimension
    if buffer.count < needed { buffer = Buffer(count: 2 * needed) }
    for (i, start) in zip(range, starts) { frames.copy(side.items[i], to: buffer.pointer + start * frames.dimension) }
    return starts
  }

  /// The distances of all gathered frames.
  private func multiply(_ rows: Int, _ columns: Int) -> Matrix<Float> {
    let stride = (columns + 15) / 16 * 16
    if products.count < rows * stride { products = Buffer(count: 2 * rows * stride) }
    let dimension = frames.dimension
    let result = products.matrix(stride)
    Float.gemm(
      Product(rows, columns, dimension, transposeB: true), alpha: 1, left.matrix(dimension), right.matrix(dimension),
      beta: 0, result)
    Angles.take(result, rows: rows, columns: columns, left.pointer, right.pointer, dimension: dimension)
    return result
  }

  /// - Parameter distances: [items of xs, items of others].
  private func score(
    _ xs: Side, against others: Side, _ distances: Buffer<Float>, isWithin: Bool, into cells: inout [Cell]
  ) {
    for (group, range) in xs.places[..<xs.groupsOfX] {
      let phone = groups.groups[group].phone
      let a = others.places.first { groups.groups[$0.group].phone == phone }!
      let bs = others.places.filter { $0.range != a.range }
      // Wrong triples, a tie for one and any other for two.
      var halves = [Int](repeating: 0, count: bs.count)
      for x in range {
        let row = distances.pointer + x * others.items.count
        let toA = a.range.filter { !(isWithin && $0 == x) }.map { row[$0] }.sorted()
        for (k, b) in bs.enumerated() {
          for toB in b.range.map({ row[$0] }) {
            let nearer = place(toA) { $0 < toB }
            halves[k] += toA.count - nearer + toA.count - place(toA) { $0 <= toB }
          }
        }
      }
      let perX = isWithin ? a.range.count - 1 : a.range.count
      for (k, b) in bs.enumerated() {
        let triples = range.count * perX * b.range.count
        cells.append(
          Cell(
            isWithin: isWithin, speaker: speaker(of: a.group), phone: phone, other: groups.groups[b.group].phone,
            error: Double(halves[k]) / Double(2 * triples), triples: triples))
      }
    }
  }

  /// How many of sorted numbers, the first, fulfil a condition.
  @inline(__always)
  private func place(_ sorted: [Float], _ condition: (Float) -> Bool) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if condition(sorted[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func speaker(of group: Int) -> Int { speakerOfGroup[group] }
  private lazy var speakerOfGroup: [Int] = groups.speakers.flatMap { speaker in
    speaker.groups.map { _ in speaker.speaker }
  }
}
