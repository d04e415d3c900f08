import Features

/// What Gaussians see of a frame: 39 features x (13 cepstra less their speaker's mean, their first and their second
/// differences), followed by x², by 1 and by 0.
///
/// A Gaussian's log-likelihood is linear in such a row, and so is everything that its re-estimation sums up.
package enum FeatureRows {
  package static let dimension = 3 * MFCC.dimension
  /// Floats from one row to the next.
  package static let stride = 80
  /// Where the 1 stands.
  static let one = 2 * dimension

  /// The weights of cepstra t − 4 … t + 4 in the second difference: the first difference, Kaldi's Σ n (c[t+n] − c[t−n])
  /// / 10 with n = 1, 2, taken twice.
  private static let first: [Float] = [-0.2, -0.1, 0, 0.1, 0.2]
  private static let second: [Float] = {
    var weights = [Float](repeating: 0, count: 9)
    for i in 0..<5 { for j in 0..<5 { weights[i + j] += first[i] * first[j] } }
    return weights
  }()

  /// Writes the rows of `frames`; beyond the ends of the utterance its first and last frame are repeated.
  ///
  /// - Parameters:
  ///   - cepstra: [count, 13], a whole utterance.
  ///   - mean: [13], of its speaker.
  package static func write(
    _ frames: Range<Int>, cepstra: UnsafePointer<Float>, count: Int, mean: UnsafePointer<Float>,
    into rows: UnsafeMutablePointer<Float>
  ) {
    let width = MFCC.dimension
    first.withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        for t in frames {
          let row = rows + (t - frames.lowerBound) * stride
          row.update(repeating: 0, count: stride)
          for (offset, weight) in zip(-4...4, second) {
            let source = cepstra + min(max(t + offset, 0), count - 1) * width
            for i in 0..<width { row[2 * width + i] += weight * source[i] }
            guard abs(offset) <= 2 else { continue }
            let weight = first[offset + 2]
            for i in 0..<width { row[width + i] += weight * source[i] }
          }
          let source = cepstra + t * width
          for i in 0..<width { row[i] = source[i] - mean[i] }
          for i in 0..<dimension { row[dimension + i] = row[i] * row[i] }
          row[one] = 1
        }
      }
    }
  }
}
