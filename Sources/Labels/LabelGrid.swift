public import Corpora
import FileIO

/// Labels on the grid of cells: cell t covers samples [cell · t, cell · (t + 1)) and carries the phone at its centre,
/// cell · t + cell / 2.
public enum LabelGrid {
  /// The class of every cell of an utterance, `unlabelled` where no interval covers the cell's centre.
  ///
  /// - Parameters:
  ///   - intervals: ascending and not overlapping.
  ///   - samples: length of the utterance.
  ///   - phoneSet: with fewer classes than `Label` has values.
  public static func cells<Label: FixedWidthInteger & UnsignedInteger>(
    _ intervals: [PhoneInterval], samples: Int, rate: Int, cell: Int, phoneSet: PhoneSet, unlabelled: Label
  ) throws -> [Label] {
    var cells = [Label](repeating: unlabelled, count: count(samples: samples, cell: cell))
    var previous = 0.0
    for interval in intervals {
      // Times that were added up meet only nearly.
      guard interval.begin >= previous - 1e-6, interval.end >= interval.begin, interval.end.isFinite else {
        throw Failure(
          .badInput, at: "phone \(interval.label) at \(interval.begin) s", "intervals overlap or run backwards")
      }
      previous = interval.end
      let label = try phoneSet.index(of: interval.label, at: "at \(interval.begin) s")
      let first = firstCell(centredAtOrAfter: interval.begin, rate: rate, cell: cell)
      let end = min(cells.count, firstCell(centredAtOrAfter: interval.end, rate: rate, cell: cell))
      guard first < end else { continue }
      for t in first..<end { cells[t] = Label(label) }
    }
    return cells
  }

  /// Cells of an utterance; the last may be cut off by its end.
  public static func count(samples: Int, cell: Int) -> Int { (samples + cell - 1) / cell }

  private static func firstCell(centredAtOrAfter seconds: Double, rate: Int, cell: Int) -> Int {
    // Times are decimal fractions: a boundary meant to lie on a centre must not miss it by a rounding error.
    let position = (seconds * Double(rate) - Double(cell) / 2) / Double(cell)
    return max(0, Int(min((position - 1e-6).rounded(.up), Double(Int32.max))))
  }
}
