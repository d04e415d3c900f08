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

  /// What works on rows, in a loop that need not keep the buffers: whoever holds it keeps the normalisation.
  var rows: Rows {
    Rows(
      channels: channels, weight: weight.value.pointer, bias: bias.value.pointer, standardized: standardized.pointer,
      inverses: inverses.pointer)
  }

  struct Rows {
    fileprivate let channels: Int
    fileprivate let weight: UnsafeMutablePointer<Scalar>
    fileprivate let bias: UnsafeMutablePointer<Scalar>
    fileprivate let standardized: UnsafeMutablePointer<Scalar>
    fileprivate let inverses: UnsafeMutablePointer<Scalar>

    /// y = max(0, weight · standardised(x + shift) + bias) for the row of that number; overwrites `x`.
    func forwardAndRectify<Element: Operand>(
      _ x: UnsafeMutablePointer<Scalar>, into y: UnsafeMutablePointer<Element>, row: Int, shift: UnsafePointer<Scalar>
    ) where Element.Sum == Scalar {
      let kept = standardized + row * channels
      add(shift, to: x, count: channels)
      kept.update(from: x, count: channels)
      inverses[row] = standardize(kept, count: channels)
      multiplyElements(kept, by: weight, into: x, count: channels)
      Element.rectify(x, adding: bias, into: y, channels)
    }

    /// Turns the gradient after the normalisation, of the row of that number, into that before it, and adds the gradient
    /// of the weight to `sums`.
    func backward(_ gradient: UnsafeMutablePointer<Scalar>, row: Int, addingTo sums: UnsafeMutablePointer<Scalar>) {
      let kept = standardized + row * channels
      addProducts(gradient, kept, to: sums, count: channels)
      multiplyElements(gradient, by: weight, into: gradient, count: channels)
      standardizeBack(gradient, output: kept, inverse: inverses[row], count: channels)
    }
  }
}
