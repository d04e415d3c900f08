import FileIO

/// Labels on the grid of cells: cell t covers samples [cell · t, cell · (t + 1)) and carries the phone at its centre,
/// cell · t + cell / 2.
public enum LabelGrid {
  /// The class of every cell of an utterance, `unlabelled` where no interval covers the cell's centre.
  ///
  /// - Parameters:
  ///   - intervals: ascending; see ``IntervalSequence`` for what may overlap.
  ///   - samples: length of the utterance.
  ///   - phoneSet: with fewer classes than `Label` has values.
  public static func cells<Label: FixedWidthInteger & UnsignedInteger>(
    _ intervals: [PhoneInterval], samples: Int, rate: Int, cell: Int, phoneSet: PhoneSet, unlabelled: Label
  ) throws -> [Label] {
    try sampled(
      intervals, count: count(samples: samples, cell: cell), first: 0, rate: rate, cell: cell, missing: unlabelled
    ) { Label(try phoneSet.index(of: $0.label, at: "at \($0.begin) s")) }
  }

  /// What holds at the centres of `count` spans of `cell` samples, of which span 0 begins at sample `first`: the value of
  /// the interval that covers the centre, else `missing`.
  static func sampled<Value>(
    _ intervals: [PhoneInterval], count: Int, first: Int, rate: Int, cell: Int, missing: Value,
    value: (PhoneInterval) throws -> Value
  ) throws -> [Value] {
    var spans = [Value](repeating: missing, count: count)
    // Times are decimal fractions: a boundary meant to lie on a centre must not miss it by a rounding error.
    func span(centredAtOrAfter seconds: Double) -> Int {
      let position = (seconds * Double(rate) - Double(first) - Double(cell) / 2) / Double(cell)
      return max(0, Int(min((position - 1e-6).rounded(.up), Double(Int32.max))))
    }
    for interval in try IntervalSequence(intervals).closed {
      let value = try value(interval)
      let begin = span(centredAtOrAfter: interval.begin)
      let end = min(count, span(centredAtOrAfter: interval.end))
      guard begin < end else { continue }
      for i in begin..<end { spans[i] = value }
    }
    return spans
  }

  /// Cells of an utterance; the last may be cut off by its end.
  public static func count(samples: Int, cell: Int) -> Int { FrameGrid.cells.count(samples: samples, cell: cell) }
}
