public import Kernels

/// A two-dimensional convolution over maps [rows, columns, channels], as products: directly where its kernel is 1 × 1, else
/// of taps that are gathered some outputs at a time, or, in single precision, read where they stand. Bias and whatever
/// follows belong to who finishes the sums.
public final class Conv2d<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let taps: Taps
  public let outputs: Int
  /// As those of `torch.nn.Conv2d`: [outputs, inputs, rows, columns] and [outputs].
  public let weight: Parameter<Scalar>
  public let bias: Parameter<Scalar>
  /// The bias as often as kernels take rows together, ``together``.
  private let biases: Buffer<Scalar>
  private let factor: WeightFactor<Element>
  private let transposedFactor: WeightFactor<Element>
  private let indirect: IndirectConvolution?
  /// Of the weight, as `indirect` has it.
  private var version: Int?

  public init(_ name: String, _ taps: Taps, outputs: Int) {
    self.taps = taps
    self.outputs = outputs
    let weight = Parameter<Scalar>(
      "\(name).weight", shape: [outputs, taps.channels, taps.rows.kernel, taps.columns.kernel], order: .convolution)
    self.weight = weight
    bias = Parameter("\(name).bias", shape: [outputs])
    biases = Buffer(count: Self.together(outputs) * outputs)
    factor = WeightFactor(weight, rows: taps.depth, columns: outputs, isTransposed: false)
    transposedFactor = WeightFactor(weight, rows: outputs, columns: taps.depth, isTransposed: true)
    indirect = Element.self == Float.self ? IndirectConvolution(taps, width: outputs) : nil
  }

  /// Takes the weight where training has changed it.
  private func refresh(_ factor: WeightFactor<Element>, _ workers: Workers) {
    WeightFactor.refresh([factor], workers)
    guard let indirect, version != weight.version else { return }
    indirect.set(UnsafeRawPointer(weight.value.pointer).assumingMemoryBound(to: Float.self), workers)
    version = weight.version
  }

  public var parameters: [Parameter<Scalar>] { [weight, bias] }

  /// Rows of so many channels that are one to kernels, whose calls would else cost as much as what they do.
  static func together(_ channels: Int) -> Int { max(1, 1024 / channels) }

  /// The bias of ``together(_:)`` rows, as the last forward pass found it.
  var shift: UnsafePointer<Scalar> { UnsafePointer(biases.pointer) }

  /// Adds the bias to dense rows of sums.
  func addBias(to sums: UnsafeMutablePointer<Scalar>, rows: Int) {
    for first in stride(from: 0, to: rows * outputs, by: biases.count) {
      add(biases.pointer, to: sums + first, count: min(biases.count, rows * outputs - first))
    }
  }

  /// Draws the weight such that outputs are about as large as what a rectifier, or none, made the inputs from (He et al.
  /// 2015), times `scale`. The bias is zero.
  public func initialize(isRectified: Bool, scale: Double = 1, from stream: RandomStream) {
    weight.initialize(bound: scale * (Double(isRectified ? 6 : 3) / Double(taps.depth)).squareRoot(), from: stream)
    bias.value.fillWithZeros()
    bias.noteChange()
  }

  /// Sums without bias: see ``Kernels/Workers/convolve(_:maps:_:_:_:into:accumulate:finish:)``.
  public func forward(
    _ input: UnsafePointer<Element>, maps: Int, into sums: UnsafeMutablePointer<Scalar>? = nil,
    accumulate: Bool = false, _ workers: Workers,
    finish: (_ worker: Int, _ outputs: Range<Int>, _ sums: UnsafeMutablePointer<Scalar>) -> Void
  ) {
    refresh(factor, workers)
    for first in stride(from: 0, to: biases.count, by: outputs) {
      (biases.pointer + first).update(from: bias.value.pointer, count: outputs)
    }
    workers.convolve(
      taps, maps: maps, input, factor.factor, indirect, into: sums, accumulate: accumulate, finish: finish)
  }

  /// Adds the weight's gradient, given that of the outputs, and hands that of the input to `finish`. The bias's belongs to
  /// who made `gradient`.
  public func backward(
    _ input: UnsafePointer<Element>, gradient: UnsafePointer<Element>, maps: Int, _ workers: Workers,
    finish: (_ worker: Int, _ positions: Range<Int>, _ gradient: UnsafeMutablePointer<Scalar>) -> Void
  ) {
    refresh(transposedFactor, workers)
    workers.convolveBack(
      taps, maps: maps, input, gradient: gradient, width: outputs, addingTo: weight.gradient.pointer,
      transposed: transposedFactor.factor, indirect, finish: finish)
  }

  /// Adds the weight's gradient alone.
  public func addWeightGradient(
    _ input: UnsafePointer<Element>, gradient: UnsafePointer<Element>, maps: Int, _ workers: Workers
  ) {
    workers.convolveBack(
      taps, maps: maps, input, gradient: gradient, width: outputs, addingTo: weight.gradient.pointer, transposed: nil,
      indirect
    ) { _, _, _ in }
  }
}
