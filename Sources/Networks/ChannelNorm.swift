public import Kernels

/// Each frame brought to zero mean and unit variance over its channels, then scaled and shifted by channel: the
/// normalisation of Rivière et al. (2020), whose variance divides by channels − 1 and whose ε is 10⁻⁵.
public final class ChannelNorm<Scalar: KernelScalar> {
  public let channels: Int
  public let weight: Parameter<Scalar>
  public let bias: Parameter<Scalar>
  /// The standardised rows and their scales, for the way back.
  private let standardized: Buffer<Scalar>
  private let inverses: Buffer<Scalar>

  /// `rows`: most rows that are normalised.
  public init(_ name: String, channels: Int, rows: Int) {
    precondition(channels > 1)
    self.channels = channels
    weight = Parameter("\(name).weight", shape: [channels])
    bias = Parameter("\(name).bias", shape: [channels])
    standardized = Buffer(count: rows * channels)
    inverses = Buffer(count: rows)
    initialize()
  }

  public var parameters: [Parameter<Scalar>] { [weight, bias] }

  /// One and zero.
  public func initialize() {
    for i in 0..<channels {
      weight.value[i] = 1
      bias.value[i] = 0
    }
  }

  /// Rows `first ..< first + count` of `y` = max(0, weight · standardised(y + shift) + bias).
  func forwardAndRectify(_ y: Matrix<Scalar>, first: Int, count: Int, shift: UnsafePointer<Scalar>) {
    for i in first..<first + count {
      let row = y.row(i)
      let kept = standardized.pointer + i * channels
      add(shift, to: row, count: channels)
      kept.update(from: row, count: channels)
      inverses[i] = standardize(kept, count: channels)
      multiplyElements(kept, by: weight.value.pointer, into: row, count: channels)
      Scalar.rectify(row, channels, adding: bias.value.pointer)
    }
  }

  /// Turns gradients behind the normalisation, rows `first ..< first + count` of `gradient`, into those before it, and
  /// adds the gradient of the weight to `sums`. Rows that were not normalised must be zero, and stay so.
  func backward(
    _ gradient: Matrix<Scalar>, first: Int, count: Int, addingTo sums: UnsafeMutablePointer<Scalar>
  ) {
    for i in first..<first + count {
      let row = gradient.row(i)
      let kept = standardized.pointer + i * channels
      addProducts(row, kept, to: sums, count: channels)
      multiplyElements(row, by: weight.value.pointer, into: row, count: channels)
      standardizeBack(row, output: kept, inverse: inverses[i], count: channels)
    }
  }
}
