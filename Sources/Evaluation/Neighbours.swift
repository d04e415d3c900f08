import Probes

/// A row that is near another, by the cosine of the angle between the two.
public struct Neighbour: Sendable, Equatable {
  public var row: Int
  /// From -1 to 1; 0 if one of the two rows has only zeros.
  public var cosine: Float

  public init(row: Int, cosine: Float) { (self.row, self.cosine) = (row, cosine) }

  /// For each of some rows those of other utterances that are nearest, nearest first, and equally near ones in their
  /// order. All rows are read once, in blocks.
  ///
  /// - Parameter count: how many for each row, if there are so many.
  public static func nearest(to rows: [Int], count: Int, in frames: any UtteranceFrames) throws -> [[Neighbour]] {
    let columns = frames.columns
    func block(_ range: Range<Int>) throws -> [Float] {
      try [Float](unsafeUninitializedCapacity: range.count * columns) { buffer, filled in
        try frames.read(range, into: buffer)
        filled = range.count * columns
      }
    }
    let queries = try rows.map { unit(try block($0..<$0 + 1)[...]) }
    let own = rows.map { row in
      let utterance = frames.utterance(of: row)
      return frames.offsets[utterance]..<frames.offsets[utterance + 1]
    }
    var nearest = [[Neighbour]](repeating: [], count: rows.count)
    for first in stride(from: 0, to: frames.rows, by: blockRows) {
      let range = first..<min(frames.rows, first + blockRows)
      let values = try block(range)
      for row in range {
        let vector = unit(values[(row - first) * columns..<(row - first + 1) * columns])
        for i in rows.indices where !own[i].contains(row) {
          let cosine = zip(queries[i], vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
          let place = nearest[i].firstIndex { $0.cosine < cosine } ?? nearest[i].count
          guard place < count else { continue }
          nearest[i].insert(Neighbour(row: row, cosine: cosine), at: place)
          if nearest[i].count > count { nearest[i].removeLast() }
        }
      }
    }
    return nearest
  }

  private static let blockRows = 1024

  /// The vector's direction; zeros have none.
  private static func unit(_ vector: ArraySlice<Float>) -> [Float] {
    let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return vector.map { length > 0 ? Float(Double($0) / length) : 0 }
  }
}
