/// Which segments of two alignments of an utterance belong together.
///
/// The pairing is the cheapest one that keeps the order: a pair costs |difference of the begins| + |difference of the
/// ends| in seconds, and 1 more if the phones differ; a segment left alone costs 1. So a pair that is 2 s apart or more
/// never pays, and only segments that begin less than that apart are looked at: time and memory grow with the length of
/// the utterance, not with its square.
public enum SegmentPairing {
  /// Pairs of indices into `a` and `b`, both ascending.
  public static func pairs(_ a: [PhoneSegment], _ b: [PhoneSegment]) -> [(Int, Int)] {
    let band = Band(a, b)
    // cost[i][j]: the least cost of the first i of a and the first j of b.
    var steps = [Step](repeating: .pair, count: band.offsets.last!)
    var above: [Double] = []
    for i in 0...a.count {
      let columns = band.columns[i]
      var row = [Double](repeating: .infinity, count: columns.count)
      for j in columns {
        var best = i == 0 && j == 0 ? 0 : Double.infinity
        var step = Step.pair
        if i > 0 {
          let earlier = band.columns[i - 1]
          if j > 0, earlier.contains(j - 1) {
            best = above[j - 1 - earlier.lowerBound] + cost(a[i - 1], b[j - 1])
          }
          if earlier.contains(j), above[j - earlier.lowerBound] + 1 < best {
            (best, step) = (above[j - earlier.lowerBound] + 1, .onlyA)
          }
        }
        if j > columns.lowerBound, row[j - 1 - columns.lowerBound] + 1 < best {
          (best, step) = (row[j - 1 - columns.lowerBound] + 1, .onlyB)
        }
        row[j - columns.lowerBound] = best
        steps[band.offsets[i] + j - columns.lowerBound] = step
      }
      above = row
    }
    var result: [(Int, Int)] = []
    var (i, j) = (a.count, b.count)
    while i > 0 || j > 0 {
      switch steps[band.offsets[i] + j - band.columns[i].lowerBound] {
      case .pair:
        (i, j) = (i - 1, j - 1)
        result.append((i, j))
      case .onlyA: i -= 1
      case .onlyB: j -= 1
      }
    }
    return result.reversed()
  }

  public static func cost(_ a: PhoneSegment, _ b: PhoneSegment) -> Double {
    abs(a.begin - b.begin) + abs(a.end - b.end) + (a.phone == b.phone ? 0 : 1)
  }

  private enum Step: UInt8 { case pair, onlyA, onlyB }

  /// For each row i the columns j that the cheapest path may need: those around segments that can be a pair, and enough
  /// that one row meets the next.
  private struct Band {
    var columns: [ClosedRange<Int>] = []
    /// Where each row begins in an array of all; the last element is the number of all.
    var offsets = [0]

    init(_ a: [PhoneSegment], _ b: [PhoneSegment]) {
      var candidates: [Range<Int>] = []
      var (first, end) = (0, 0)
      for segment in a {
        while first < b.count, b[first].begin <= segment.begin - 2 { first += 1 }
        end = max(end, first)
        while end < b.count, b[end].begin < segment.begin + 2 { end += 1 }
        candidates.append(first..<end)
      }
      func low(_ row: Int) -> Int {
        row == 0 ? 0 : min(row < a.count ? candidates[row].lowerBound : b.count, candidates[row - 1].lowerBound + 1)
      }
      for row in 0...a.count {
        var high = row == 0 ? 0 : candidates[row - 1].upperBound
        high = row < a.count ? max(high, candidates[row].upperBound - 1, low(row + 1)) : b.count
        columns.append(min(low(row), b.count)...min(high, b.count))
        offsets.append(offsets[row] + columns[row].count)
      }
    }
  }
}
