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
/// rows that straddle two windows compute nothing of use and land in padding, which is zeroed again.
public final class Conv1d<Scalar: KernelScalar> {
  public let shape: ConvolutionShape
  public let inputs: Int
  public let outputs: Int
  /// [kernel · inputs, outputs]
  public let weight: Parameter<Scalar>
  public let bias: Parameter<Scalar>
  public let norm: ChannelNorm<Scalar>?

  public init(
    _ name: String, inputs: Int, outputs: Int, shape: ConvolutionShape, norm: ChannelNorm<Scalar>? = nil
  ) {
    precondition(norm == nil || norm!.channels == outputs)
    self.norm = norm
    self.shape = shape
    self.inputs = inputs
    self.outputs = outputs
    weight = Parameter("\(name).weight", shape: [outputs, inputs, shape.kernel], order: .convolution)
    bias = Parameter("\(name).bias", shape: [outputs])
  }

  public var parameters: [Parameter<Scalar>] { [weight, bias] + (norm?.parameters ?? []) }
  /// PyTorch's default: uniform within ±1/√(inputs · kernel), weight and bias alike.
  public var initialBound: Double { 1 / Double(inputs * shape.kernel).squareRoot() }

  private var blockWidth: Int { shape.stride * inputs }
  private func half(_ buffer: Buffer<Scalar>, _ i: Int) -> Matrix<Scalar> {
    Matrix(buffer.pointer + i * blockWidth * outputs, stride: outputs)
  }
  /// Output rows from the first window's frame 0 to the last window's last frame.
  private func outputRows(_ output: FrameBuffer<Scalar>) -> Int { (output.windows - 1) * output.rows + output.frames }

  private func check(_ input: FrameBuffer<Scalar>, _ output: FrameBuffer<Scalar>) {
    precondition(input.channels == inputs && output.channels == outputs && input.windows == output.windows)
    precondition(input.padding == shape.padding && output.frames == shape.outputFrames(input.frames))
    precondition(input.rows == shape.stride * output.rows && output.rows > output.frames)
  }

  public func forward(_ input: FrameBuffer<Scalar>, _ output: FrameBuffer<Scalar>, _ workers: Workers) {
    check(input, output)
    let product = Product(outputRows(output), outputs, blockWidth)
    let x = Matrix(input.pointer, stride: blockWidth)
    let y = Matrix(output.window(0), stride: outputs)
    workers.gemm(product, x, half(weight.value, 0), y)
    workers.gemm(product, x.from(row: 1), half(weight.value, 1), beta: 1, y)
    workers.split(output.totalRows) { rows in finish(output, rows) }
  }

  /// Bias and rectifier for frames, zero for padding.
  private func finish(_ output: FrameBuffer<Scalar>, _ range: Range<Int>) {
    let y = Matrix(output.pointer, stride: outputs)
    var row = range.lowerBound
    while row < range.upperBound {
      let place = row % output.rows
      let isFrame = place >= output.padding && place < output.padding + output.frames
      let end = isFrame ? output.padding + output.frames : place < output.padding ? output.padding : output.rows
      let count = min(end - place, range.upperBound - row)
      if isFrame, let norm {
        norm.forwardAndRectify(y, first: row, count: count, shift: bias.value.pointer)
      } else if isFrame {
        addBiasAndRectify(y.from(row: row), count: count, channels: outputs, bias: bias.value.pointer)
      } else {
        y.row(row).update(repeating: 0, count: count * outputs)
      }
      row += count
    }
  }

  /// Adds the gradients of weight and bias; sets the input's gradient if one is wanted.
  ///
  /// `outputGradient` is laid out as `output` and is overwritten; what it holds at padding does not matter. Afterwards
  /// `inputGradient` is right at the frames of `input` and arbitrary at its padding.
  public func backward(
    _ input: FrameBuffer<Scalar>, _ output: FrameBuffer<Scalar>, outputGradient: FrameBuffer<Scalar>,
    inputGradient: FrameBuffer<Scalar>?, _ workers: Workers
  ) {
    check(input, output)
    rectify(outputGradient, output, workers)
    let rows = outputRows(output)
    let x = Matrix(input.pointer, stride: blockWidth)
    let dy = Matrix(outputGradient.window(0), stride: outputs)
    let weightProduct = Product(blockWidth, outputs, rows, transposeA: true)
    for i in 0..<2 {
      workers.gemm(weightProduct, x.from(row: i), dy, beta: 1, half(weight.gradient, i))
    }
    guard let inputGradient else { return }
    let dx = Matrix(inputGradient.pointer, stride: blockWidth)
    let inputProduct = Product(rows, blockWidth, outputs, transposeB: true)
    workers.gemm(inputProduct, dy, half(weight.value, 0), dx)
    dx.row(rows).update(repeating: 0, count: blockWidth)
    workers.gemm(inputProduct, dy, half(weight.value, 1), beta: 1, dx.from(row: 1))
  }

  /// Padding rows of `output` are zero, so this zeroes the gradient there, too.
  private func rectify(_ gradient: FrameBuffer<Scalar>, _ output: FrameBuffer<Scalar>, _ workers: Workers) {
    let parts = workers.parts(of: output.totalRows)
    // Of each part: the gradients of the bias, and of the normalisation's weight and bias.
    let sums = Buffer<Scalar>(count: parts.count * 3 * outputs)
    withExtendedLifetime(sums) {
      workers.forEach(parts.count) { i in
        let first = parts[i].lowerBound * outputs
        let partial = sums.pointer + i * 3 * outputs
        rectifyGradient(
          gradient.pointer + first, output: output.pointer + first, count: parts[i].count, channels: outputs,
          addingColumnSumsTo: norm == nil ? partial : partial + 2 * outputs)
        if let norm { backward(norm, Matrix(gradient.pointer, stride: outputs), parts[i], addingTo: partial) }
      }
      let targets = [bias] + (norm?.parameters ?? [])
      for (place, parameter) in targets.enumerated() {
        let column = Matrix(sums.pointer, stride: 3 * outputs).from(row: 0, column: place * outputs)
        addColumnSums(of: column, count: parts.count, channels: outputs, to: parameter.gradient.pointer)
      }
    }
  }

  /// A few rows at a time, as sums over all of them would lose digits.
  private func backward(
    _ norm: ChannelNorm<Scalar>, _ gradient: Matrix<Scalar>, _ rows: Range<Int>,
    addingTo sums: UnsafeMutablePointer<Scalar>
  ) {
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 2 * outputs) { partial in
      let partial = partial.baseAddress!
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 64) {
        let count = min(64, rows.upperBound - first)
        partial.initialize(repeating: 0, count: 2 * outputs)
        norm.backward(gradient, first: first, count: count, addingTo: partial + outputs)
        addColumnSums(of: gradient.from(row: first), count: count, channels: outputs, to: partial)
        add(partial, to: sums, count: 2 * outputs)
      }
    }
  }
}
