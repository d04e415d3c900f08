import RealModule

/// What one anchor's scores say.
public struct ContrastiveScore: Sendable, Equatable, BitwiseCopyable {
  /// −log softmax of the positive among the candidates.
  public var loss: Double
  /// Candidates that score below the positive.
  public var below: Int
}

/// Softmax cross-entropy of one row of scores: the positive against the candidates in two disjoint ranges of columns.
/// The positive is a candidate also where it lies outside them.
///
/// With a `gradientScale`, replaces all `count` scores by the gradient of gradientScale · loss, which is zero outside
/// the candidates; without, leaves the row in disorder.
@specialized(where T == Float)
@specialized(where T == Double)
public func contrast<T: KernelScalar>(
  _ scores: UnsafeMutablePointer<T>, count: Int, positive: Int, candidates: (Range<Int>, Range<Int>),
  gradientScale: T?
) -> ContrastiveScore {
  let ranges = [candidates.0, candidates.1]
  let score = scores[positive]
  let inside = ranges.contains { $0.contains(positive) }
  var below = 0
  var largest = score
  for range in ranges where !range.isEmpty {
    let part = T.maximum(scores + range.lowerBound, range.count, countingBelow: score)
    below += part.below
    if part.largest > largest { largest = part.largest }
  }
  var sum: T = 0
  for range in ranges where !range.isEmpty {
    sum += T.exponentiate(scores + range.lowerBound, range.count, subtracting: largest)
  }
  if !inside {
    withUnsafeMutablePointer(to: &scores[positive]) { sum += T.exponentiate($0, 1, subtracting: largest) }
  }
  let loss = Double(largest) - Double(score) + Double.log(Double(sum))
  if let gradientScale {
    let factor = gradientScale / sum
    var end = 0
    let kept = scores[positive]
    for range in ranges where !range.isEmpty {
      (scores + end).update(repeating: 0, count: range.lowerBound - end)
      scale(scores + range.lowerBound, count: range.count, by: factor)
      end = range.upperBound
    }
    (scores + end).update(repeating: 0, count: count - end)
    scores[positive] = kept * factor - gradientScale
  }
  return ContrastiveScore(loss: loss, below: below)
}

/// ``contrast(_:count:positive:candidates:gradientScale:)`` among the positive and some drawn `negatives`, which are
/// distinct and do not hold the positive. `scratch` has room for one more element than there are negatives.
@specialized(where T == Float)
@specialized(where T == Double)
public func contrast<T: KernelScalar>(
  _ scores: UnsafeMutablePointer<T>, count: Int, positive: Int, negatives: UnsafeBufferPointer<Int32>,
  scratch: UnsafeMutablePointer<T>, gradientScale: T?
) -> ContrastiveScore {
  gather(scores, negatives, into: scratch + 1)
  scratch[0] = scores[positive]
  let result = contrast(
    scratch, count: negatives.count + 1, positive: 0, candidates: (0..<negatives.count + 1, 0..<0),
    gradientScale: gradientScale)
  if gradientScale != nil {
    scores.update(repeating: 0, count: count)
    scatter(scratch + 1, negatives, into: scores)
    scores[positive] = scratch[0]
  }
  return result
}

@specialized(where T == Float)
@specialized(where T == Double)
func gather<T: KernelScalar>(
  _ row: UnsafePointer<T>, _ columns: UnsafeBufferPointer<Int32>, into y: UnsafeMutablePointer<T>
) {
  for i in 0..<columns.count { y[i] = row[Int(columns[i])] }
}

@specialized(where T == Float)
@specialized(where T == Double)
func scatter<T: KernelScalar>(
  _ x: UnsafePointer<T>, _ columns: UnsafeBufferPointer<Int32>, into row: UnsafeMutablePointer<T>
) {
  for i in 0..<columns.count { row[Int(columns[i])] = x[i] }
}
