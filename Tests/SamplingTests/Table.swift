import Kernels
import Sampling

/// The table of strategies, written down latent by latent, for comparison with the ranges that the module computes.
struct Table {
  let strategy: NegativeStrategy
  let windows: Int
  let rows: Int
  var columns = 1

  /// The candidates beside the positive z[window, row + step, column] of anchor (window, row, column), ascending.
  func negatives(window: Int, row: Int, column: Int = 0, step: Int) -> [Int32] {
    var result: [Int32] = []
    var latent: Int32 = 0
    for otherWindow in 0..<windows {
      for otherRow in 0..<rows {
        for otherColumn in 0..<columns {
          let isPositive = otherWindow == window && otherRow == row + step && otherColumn == column
          let isCandidate =
            switch strategy {
            case .mixedSpeaker, .sameSpeaker: !isPositive
            case .mixedSpeakerExcl, .sameSpeakerExcl: otherWindow != window
            case .currentSequence: otherWindow == window && !isPositive
            }
          if isCandidate { result.append(latent) }
          latent += 1
        }
      }
    }
    return result
  }
}

extension NegativeSampler {
  func draw(batch: Int = 0, window: Int, position: Int, step: Int) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: count) { buffer, written in
      draw(
        batch: batch, window: window, position: position, step: step,
        into: UnsafeMutableBufferPointer(start: buffer.baseAddress, count: count))
      written = count
    }
  }
}

/// Numbers that are the same in every run.
struct Dice {
  let random: RandomStream
  var rolled: UInt64 = 0

  init(_ seed: Int) { random = RandomStream(seed: UInt64(seed), purpose: .tests) }

  mutating func roll(_ range: ClosedRange<Int>) -> Int {
    rolled += 1
    return range.lowerBound + random.integer(rolled, below: range.count)
  }
}

/// The chi-square statistic of `counts` against equal shares.
func chiSquare(_ counts: [Int]) -> Double {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
}
