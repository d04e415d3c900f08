import FileIO

/// Features of frames, row by row, wherever they are: in memory, in files, or made as they are asked for.
public protocol FrameMatrix: Sendable {
  /// Frames.
  var rows: Int { get }
  /// Features of a frame.
  var columns: Int { get }
  /// Writes some rows one after another to `destination`, which has room for just these. May be called from several
  /// threads at once, and is called again and again for the same rows.
  func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws
}

/// Frames in memory.
public struct DenseFrames: FrameMatrix {
  public let columns: Int
  /// [rows, columns].
  public let numbers: [Float]

  /// `numbers` are rows of `columns` one after another.
  public init(columns: Int, _ numbers: [Float]) {
    precondition(columns > 0 && numbers.count % columns == 0)
    self.columns = columns
    self.numbers = numbers
  }

  public var rows: Int { numbers.count / columns }

  public func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= self.rows)
    precondition(destination.count == rows.count * columns)
    numbers.withUnsafeBufferPointer { source in
      _ = destination.update(fromContentsOf: source[rows.lowerBound * columns..<rows.upperBound * columns])
    }
  }
}

/// Some rows of other frames, in the order of the given ranges.
package struct SelectedFrames: FrameMatrix {
  let source: any FrameMatrix
  let ranges: [Range<Int>]
  /// Where each range begins among the selected rows, and at last their number.
  private let starts: [Int]

  /// Ranges that follow each other become one.
  package init(_ source: any FrameMatrix, _ ranges: some Sequence<Range<Int>>) {
    self.source = source
    var joined: [Range<Int>] = []
    for range in ranges where !range.isEmpty {
      if let last = joined.last, last.upperBound == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
    self.ranges = joined
    starts = joined.reduce(into: [0]) { $0.append($0.last! + $1.count) }
  }

  package var rows: Int { starts.last! }
  package var columns: Int { source.columns }

  /// The ranges of the source that selected rows come from, one after another.
  func forEachRange(of rows: Range<Int>, _ body: (Range<Int>) throws -> Void) rethrows {
    guard !rows.isEmpty else { return }
    var (low, high) = (0, ranges.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= rows.lowerBound { low = middle } else { high = middle }
    }
    var row = rows.lowerBound
    while row < rows.upperBound {
      let end = min(rows.upperBound, starts[low + 1])
      let shift = ranges[low].lowerBound - starts[low]
      try body(row + shift..<end + shift)
      row = end
      low += 1
    }
  }

  package func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
    var place = 0
    try forEachRange(of: rows) { range in
      let count = range.count * columns
      try source.read(range, into: UnsafeMutableBufferPointer(rebasing: destination[place..<place + count]))
      place += count
    }
  }

  /// What belongs to each selected row of a column beside the source.
  package func gather(_ column: [Int32]) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(rows)
    for range in ranges { result.append(contentsOf: column[range]) }
    return result
  }

  /// The row of the source that a selected row is.
  func sourceRow(_ row: Int) -> Int {
    var found = 0
    forEachRange(of: row..<row + 1) { found = $0.lowerBound }
    return found
  }
}
