public import Kernels

/// Size of a strided convolution over time whose kernel is twice its stride.
public struct ConvolutionShape: Sendable, Equatable {
  public var stride: Int
  public var padding: Int
  public var kernel: Int { 2 * stride }

  public init(stride: Int, padding: Int) {
    precondition(stride > 0 && padding >= 0)
    self.stride = stride
    self.padding = padding
  }

  /// As `torch.nn.Conv1d`: ⌊(frames + 2 · padding − kernel) / stride⌋ + 1.
  public func outputFrames(_ frames: Int) -> Int {
    let reach = frames + 2 * padding - kernel
    return reach < 0 ? 0 : reach / stride + 1
  }
}

/// Convolution over time and rectifier, `max(0, conv1d(x) + bias)`, as two plain matrix products. A normalisation may
/// stand before the rectifier.
///
/// With rows X[i] of `stride` frames each, output frame i is X[i] W₁ + X[i + 1] W₂, where W₁ and W₂ are the weight's
/// first and second half of taps. Buffers hold all windows one after another, so each product covers the whole batch;
/// rows that straddle two windows compute nothing of use and land in padding, which is zeroed again. Bias,
/// normalisation, rectifier and rounding are one pass over rows that have just been made.
public final class Conv1d<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let shape: ConvolutionShape
  public let inputs: Int
  public let outputs: Int
  /// [kernel · inputs, outputs]
  public let weight: Parameter<Scalar>
  public let bias: Parameter<Scalar>
  public let norm: ChannelNorm<Scalar>?
  /// W₁ and W₂, for the way forward and, transposed, for the way back.
  private let halves: [WeightFactor<Element>]
  private let transposedHalves: [WeightFactor<Element>]

  public init(
    _ name: String, inputs: Int, outputs: Int, shape: ConvolutionShape, norm: ChannelNorm<Scalar>? = nil
  ) {
    precondition(norm == nil || norm!.channels == outputs)
    self.norm = norm
    self.shape = shape
    self.inputs = inputs
    self.outputs = outputs
    let weight = Parameter<Scalar>("\(name).weight", shape: [outputs, inputs, shape.kernel], order: .convolution)
    self.weight = weight
    bias = Parameter("\(name).bias", shape: [outputs])
    let width = shape.stride * inputs
    halves = (0..<2).map {
      WeightFactor(weight, first: $0 * width * outputs, rows: width, columns: outputs, isTransposed: false)
    }
    transposedHalves = (0..<2).map {
      WeightFactor(weight, first: $0 * width * outputs, rows: outputs, columns: width, isTransposed: true)
    }
  }

  public var parameters: [Parameter<Scalar>] { [weight, bias] + (norm?.parameters ?? []) }
  /// PyTorch's default: uniform within ±1/√(inputs · kernel), weight and bias alike.
  public var initialBound: Double { 1 / Double(inputs * shape.kernel).squareRoot() }

  private var blockWidth: Int { shape.stride * inputs }
  /// Output rows from the first window's frame 0 to the last window's last frame.
  private func outputRows(_ output: FrameBuffer<Element>) -> Int { (output.windows - 1) * output.rows + output.frames }

  private func check(_ input: FrameBuffer<Element>, _ output: FrameBuffer<Element>) {
    precondition(input.channels == inputs && output.channels == outputs && input.windows == output.windows)
    precondition(input.padding == shape.padding && output.frames == shape.outputFrames(input.frames))
    precondition(input.rows == shape.stride * output.rows && output.rows > output.frames)
  }

  public func forward(_ input: FrameBuffer<Element>, _ output: FrameBuffer<Element>, _ workers: Workers) {
    check(input, output)
    WeightFactor.refresh(halves, workers)
    let x = Matrix(input.pointer, stride: blockWidth)
    let terms = halves.enumerated().map { i, half in (a: x.from(row: i), b: half.factor) }
    let y = Matrix(output.window(0), stride: outputs)
    workers.multiply(rows: outputRows(output), terms, into: y) { _, range, sums in
      output.forEachRun(range.lowerBound + output.padding..<range.upperBound + output.padding) { rows, areFrames in
        guard areFrames else { return output.clear(row: rows.lowerBound, count: rows.count) }
        for row in rows {
          finish(sums.row(row - output.padding - range.lowerBound), output.pointer + row * outputs, row)
        }
      }
    }
  }

  /// Bias, normalisation and rectifier of a row that the products have made.
  private func finish(_ sums: UnsafeMutablePointer<Scalar>, _ result: UnsafeMutablePointer<Element>, _ row: Int) {
    if let norm {
      norm.rows.forwardAndRectify(sums, into: result, row: row, shift: bias.value.pointer)
    } else {
      Element.rectify(sums, adding: bias.value.pointer, into: result, outputs)
    }
  }
}

// MARK: - The way back

extension Conv1d {
  /// Adds the gradient of the weight, given that of the output before the rectifier, which is zero between windows.
  func addWeightGradient(_ input: FrameBuffer<Element>, outputGradient: FrameBuffer<Element>, _ workers: Workers) {
    let x = Matrix(input.pointer, stride: blockWidth)
    let dy = Matrix(outputGradient.window(0), stride: outputs)
    for i in 0..<2 {
      let half = Matrix(weight.gradient.pointer + i * blockWidth * outputs, stride: outputs)
      workers.addTransposedProduct(blockWidth, outputs, outputRows(outputGradient), x.from(row: i), dy, half)
    }
  }

  /// The gradient of the input, given that of the output before the rectifier, handed to the layer before:
  /// dX[j] = dy[j] W₁ᵀ + dy[j − 1] W₂ᵀ.
  func backward(_ outputGradient: FrameBuffer<Element>, to before: RectifierPass<Element>, _ workers: Workers) {
    WeightFactor.refresh(transposedHalves, workers)
    let dy = Matrix(outputGradient.window(0), stride: outputs)
    let terms = transposedHalves.enumerated().map { i, half in (a: dy.from(row: -i), b: half.factor) }
    let dx = Matrix(before.gradient.pointer, stride: blockWidth)
    let stride = shape.stride
    workers.multiply(rows: outputRows(outputGradient) + 1, terms, into: dx) { worker, range, sums in
      let first = range.lowerBound * stride
      before.apply(first..<range.upperBound * stride, sums.pointer, worker: worker)
    }
  }
}
