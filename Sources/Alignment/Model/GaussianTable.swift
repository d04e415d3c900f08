import Kernels
import RealModule

/// A model's Gaussians arranged so that one matrix product with ``FeatureRows`` gives all log-likelihoods.
package struct GaussianTable: Sendable {
  /// [Gaussian, FeatureRows.stride]; a state's Gaussians follow one another.
  let weights: Buffer<Float>
  /// The first Gaussian of each state, and the number of all.
  let first: [Int]

  package var count: Int { first.last! }
  var states: Int { first.count - 1 }
  /// Floats from one frame's scores to the next: a score for each state, then −∞ for what is no state.
  package var scoreStride: Int { states + 1 }

  package init(_ model: AcousticModel) {
    first = model.mixtures.reduce(into: [0]) { $0.append($0.last! + $1.count) }
    weights = Buffer(count: first.last! * FeatureRows.stride)
    let dimension = FeatureRows.dimension
    for (state, mixture) in model.mixtures.enumerated() {
      for g in 0..<mixture.count {
        let row = weights.pointer + (first[state] + g) * FeatureRows.stride
        var constant = Double.log(Double(mixture.weights[g])) - Double(dimension) / 2 * Double.log(2 * .pi)
        for d in 0..<dimension {
          let mean = Double(mixture.means[g * dimension + d])
          let variance = Double(mixture.variances[g * dimension + d])
          row[d] = Float(mean / variance)
          row[dimension + d] = Float(-0.5 / variance)
          constant -= 0.5 * (mean * mean / variance + Double.log(variance))
        }
        row[FeatureRows.one] = Float(constant)
      }
    }
  }

  /// Log-likelihoods that one thread works out, a block of frames at a time.
  package static let framesAtOnce = 128

  /// The log-likelihood of every state for `count` rows of features (at most ``framesAtOnce``).
  ///
  /// - Parameters:
  ///   - rows: room for ``framesAtOnce`` rows; those after `count` must hold numbers.
  ///   - scratch: room for ``framesAtOnce`` numbers a Gaussian.
  ///   - scores: room for ``framesAtOnce`` rows of ``scoreStride``.
  package func score(
    _ rows: UnsafeMutablePointer<Float>, count frames: Int, scratch: UnsafeMutablePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    let columns = (frames + 7) & ~7
    Float.gemm(
      Product(count, columns, FeatureRows.stride, transposeB: true), alpha: 1, weights.matrix(FeatureRows.stride),
      Matrix(rows, stride: FeatureRows.stride), beta: 0, Matrix(scratch, stride: Self.framesAtOnce))
    for state in 0..<states {
      logSumExp(
        scratch + first[state] * Self.framesAtOnce, rows: first[state + 1] - first[state], columns: columns,
        stride: Self.framesAtOnce, into: scores + state, resultStride: scoreStride)
    }
    for t in 0..<columns { scores[t * scoreStride + states] = -.infinity }
  }

  /// Adds a frame to the statistics of one state's Gaussians: each gets the row times its share in the density.
  ///
  /// - Parameters:
  ///   - sums: [Gaussian, FeatureRows.stride].
  ///   - shares: room for the Gaussians of one state.
  func accumulate(
    _ row: UnsafePointer<Float>, state: Int, shares: UnsafeMutablePointer<Float>, into sums: UnsafeMutablePointer<Float>
  ) {
    let stride = FeatureRows.stride
    let members = first[state]..<first[state + 1]
    var largest = -Float.infinity
    for g in members {
      let weight = weights.pointer + g * stride
      var total = SIMD8<Float>()
      for i in Swift.stride(from: 0, to: stride, by: 8) { total += load(weight + i) * load(row + i) }
      shares[g - members.lowerBound] = total.sum()
      largest = max(largest, total.sum())
    }
    let sum = Float.exponentiate(shares, members.count, subtracting: largest)
    for g in members {
      let share = SIMD8<Float>(repeating: shares[g - members.lowerBound] / sum)
      let target = sums + g * stride
      for i in Swift.stride(from: 0, to: stride, by: 8) {
        UnsafeMutableRawPointer(target + i).storeBytes(
          of: load(target + i) + share * load(row + i), as: SIMD8<Float>.self)
      }
    }
  }

  @inline(__always)
  private func load(_ x: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Float>.self)
  }
}
