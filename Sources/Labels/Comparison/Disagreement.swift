/// Where two alignments come to different labels, in cells.
public struct Disagreement: Sendable, Equatable {
  /// One has a silence that the other lacks.
  public private(set) var silences = 0
  /// One has phones that the other lacks, or others: it took another pronunciation.
  public private(set) var phones = 0
  /// Both have the same phones there, but not the same time for the boundary between them.
  public private(set) var shifts = 0
  /// The same where one side of the boundary is silence.
  public private(set) var silenceEdges = 0

  public var cells: Int { silences + phones + shifts + silenceEdges }

  /// - Parameter pairs: which segments belong together, of ``SegmentPairing``.
  mutating func add(_ a: ComparableLabels, _ b: ComparableLabels, pairs: [(Int, Int)], silence: UInt16?) {
    var sameInA = [Bool](repeating: false, count: a.segments.count)
    var sameInB = [Bool](repeating: false, count: b.segments.count)
    for (i, j) in pairs where a.segments[i].phone == b.segments[j].phone {
      sameInA[i] = true
      sameInB[j] = true
    }
    let placesA = a.segmentOfCells
    let placesB = b.segmentOfCells
    for t in 0..<min(a.cells.count, b.cells.count) {
      let (x, y) = (a.cells[t], b.cells[t])
      guard x != y, x != ComparableLabels.unlabelled, y != ComparableLabels.unlabelled else { continue }
      let isSameInA = placesA[t].map { sameInA[$0] } ?? false
      let isSameInB = placesB[t].map { sameInB[$0] } ?? false
      switch (isSameInA, isSameInB) {
      case (true, true): if x == silence || y == silence { silenceEdges += 1 } else { shifts += 1 }
      case (false, _) where x == silence, (_, false) where y == silence: silences += 1
      default: phones += 1
      }
    }
  }
}

extension ComparableLabels {
  /// The segment at the centre of each cell.
  fileprivate var segmentOfCells: [Int?] {
    var place = 0
    return cells.indices.map { t in
      let centre = (Double(t) + 0.5) * Double(LabelFiles.cell) / Double(LabelFiles.rate)
      while place < segments.count, segments[place].end <= centre { place += 1 }
      return place < segments.count && segments[place].begin <= centre ? place : nil
    }
  }
}
