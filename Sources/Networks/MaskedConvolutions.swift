public import Kernels
public import Sampling

/// The context network of Hénaff et al. (2020, appendix A.2), a PixelCNN of which a lattice's rows are the order: that of a
/// latent sees its own row and those above it. Each layer is 1 × 1 to fewer channels, rectifier, 1 × 3 along the row,
/// 2 × 1 over the row above and the own one, rectifier, and 1 × 1 back, added to what came in; a rectifier follows the last.
public final class MaskedConvolutions<Element: Operand>: ContextNetwork {
  public typealias Scalar = Element.Sum

  private struct Layer {
    /// 1 × 1, 1 × 3, 2 × 1 and 1 × 1.
    let convolutions: [Conv2d<Element>]
    /// What each of them takes: the residual stream, what the first rectifier makes, that along the row, and what the
    /// second rectifier makes.
    let stream: Buffer<Element>
    let reduced: RectifiedRows<Element>
    let along: Buffer<Element>
    let downwards: RectifiedRows<Element>

    var inputs: [Buffer<Element>] { [stream, reduced.kept, along, downwards.kept] }
  }

  public let units: Int
  private let hidden: Int
  private let lattice: Lattice
  private let windows: Int
  private let layers: [Layer]
  /// The residual stream, which becomes the contexts: dense rows [windows · latents, units].
  private let stream: Buffer<Scalar>
  private let zeros: Buffer<Scalar>
  /// Those of what each convolution makes, from the last, as operands; that along the row; and column sums without a use.
  private let gradients: [Buffer<Element>]
  private let alongGradient: Buffer<Scalar>
  private let unused: Buffer<Scalar>

  /// - Parameters:
  ///   - channels: Those of the latents, and of the contexts.
  ///   - layers: How many; each sees one row more above and one column more on either side.
  ///   - hidden: Channels within a layer.
  public init(
    _ name: String, channels: Int, layers: Int, hidden: Int, lattice: Lattice, windows: Int, training: Bool = true
  ) {
    (units, self.hidden, self.lattice, self.windows) = (channels, hidden, lattice, windows)
    let rows = windows * lattice.count
    func convolution(_ layer: Int, _ part: Int, _ kernel: (rows: Int, columns: Int), _ inputs: Int, _ outputs: Int)
      -> Conv2d<Element>
    {
      Conv2d(
        "\(name).layers.\(layer).\(part)",
        Taps(
          rows: TapAxis(size: lattice.rows, kernel: kernel.rows, before: kernel.rows - 1, after: 0),
          columns: TapAxis(size: lattice.columns, kernel: kernel.columns, before: kernel.columns / 2),
          channels: inputs), outputs: outputs)
    }
    // One layer's memory serves all where there is no way back.
    var shared: (Buffer<Element>, RectifiedRows<Element>, Buffer<Element>, RectifiedRows<Element>)?
    self.layers = (0..<layers).map { i in
      let memory =
        shared ?? (
          Buffer(count: rows * channels), RectifiedRows(channels: hidden, rows: rows, norm: nil),
          Buffer(count: rows * hidden), RectifiedRows(channels: hidden, rows: rows, norm: nil)
        )
      if !training { shared = memory }
      return Layer(
        convolutions: [
          convolution(i, 0, (1, 1), channels, hidden), convolution(i, 1, (1, 3), hidden, hidden),
          convolution(i, 2, (2, 1), hidden, hidden), convolution(i, 3, (1, 1), hidden, channels),
        ], stream: memory.0, reduced: memory.1, along: memory.2, downwards: memory.3)
    }
    stream = Buffer(count: rows * channels)
    zeros = Buffer(count: channels)
    unused = Buffer(count: channels)
    alongGradient = Buffer(count: training ? rows * hidden : 0)
    gradients = training ? [channels, hidden, hidden, hidden].map { Buffer(count: rows * $0) } : []
  }

  public var parameters: [Parameter<Scalar>] { layers.flatMap { $0.convolutions.flatMap(\.parameters) } }

  /// As those of ``ResidualEncoder``.
  public func initialize(from stream: (Int) -> RandomStream) {
    for (i, layer) in layers.enumerated() {
      for (part, convolution) in layer.convolutions.enumerated() {
        convolution.initialize(
          isRectified: part % 2 == 1, scale: part == 3 ? 1 / Double(layers.count).squareRoot() : 1,
          from: stream(8 * i + 2 * part))
      }
    }
  }

  public func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar> {
    stream.pointer + window * lattice.count * units
  }

  public func forward(_ latents: Matrix<Scalar>, _ workers: Workers) {
    for row in 0..<windows * lattice.count {
      (stream.pointer + row * units).update(from: latents.row(row), count: units)
    }
    for layer in layers {
      let convolutions = layer.convolutions
      Element.round(stream.pointer, into: layer.stream.pointer, stream.count)
      convolutions[0].forward(layer.stream.pointer, maps: windows, workers) { _, range, sums in
        layer.reduced.take(sums, range, shift: convolutions[0].shift)
      }
      convolutions[1].forward(layer.reduced.kept.pointer, maps: windows, workers) { _, range, sums in
        convolutions[1].addBias(to: sums, rows: range.count)
        Element.round(sums, into: layer.along.pointer + range.lowerBound * hidden, range.count * hidden)
      }
      convolutions[2].forward(layer.along.pointer, maps: windows, workers) { _, range, sums in
        layer.downwards.take(sums, range, shift: convolutions[2].shift)
      }
      convolutions[3].forward(
        layer.downwards.kept.pointer, maps: windows, into: stream.pointer, accumulate: true, workers
      ) { _, range, sums in convolutions[3].addBias(to: sums, rows: range.count) }
    }
    for row in 0..<windows * lattice.count {
      Scalar.rectify(stream.pointer + row * units, units, adding: zeros.pointer)
    }
  }

  public func backward(
    _ latents: Matrix<Scalar>, contextGradient: Matrix<Scalar>, inputGradient: Matrix<Scalar>, _ workers: Workers
  ) {
    precondition(!gradients.isEmpty, "this network was made without memory for gradients")
    let rows = windows * lattice.count
    for row in 0..<rows {
      let gradient = inputGradient.row(row)
      gradient.update(from: contextGradient.row(row), count: units)
      Scalar.rectifyGradient(gradient, units, output: stream.pointer + row * units, addingTo: unused.pointer)
    }
    for layer in layers.reversed() { backward(layer, inputGradient, rows, workers) }
  }

  /// `gradient`: that of the residual stream after the layer, becomes that before it.
  private func backward(_ layer: Layer, _ gradient: Matrix<Scalar>, _ rows: Int, _ workers: Workers) {
    let convolutions = layer.convolutions
    for row in 0..<rows {
      Element.round(gradient.row(row), into: gradients[0].pointer + row * units, units)
      add(gradient.row(row), to: convolutions[3].bias.gradient.pointer, count: units)
    }
    let (downwards, reduced) = (
      RectifiedRowsBack(layer.downwards, workers), RectifiedRowsBack(layer.reduced, workers)
    )
    convolutions[3].backward(layer.inputs[3].pointer, gradient: gradients[0].pointer, maps: windows, workers) {
      downwards.apply($1, $2, into: gradients[1].pointer + $1.lowerBound * hidden, worker: $0)
    }
    downwards.finish(shift: convolutions[2].bias)
    convolutions[2].backward(layer.inputs[2].pointer, gradient: gradients[1].pointer, maps: windows, workers) {
      (alongGradient.pointer + $1.lowerBound * hidden).update(from: $2, count: $1.count * hidden)
      Element.round($2, into: gradients[2].pointer + $1.lowerBound * hidden, $1.count * hidden)
    }
    workers.addColumnSums(
      of: alongGradient.pointer, count: rows, channels: hidden, to: convolutions[1].bias.gradient.pointer)
    convolutions[1].backward(layer.inputs[1].pointer, gradient: gradients[2].pointer, maps: windows, workers) {
      reduced.apply($1, $2, into: gradients[3].pointer + $1.lowerBound * hidden, worker: $0)
    }
    reduced.finish(shift: convolutions[0].bias)
    convolutions[0].backward(layer.inputs[0].pointer, gradient: gradients[3].pointer, maps: windows, workers) {
      for row in $1 { add($2 + (row - $1.lowerBound) * units, to: gradient.row(row), count: units) }
    }
  }
}
