public import Kernels

/// A gated recurrent unit over each window, from a zero state, in PyTorch's convention (`torch.nn.GRU`):
///
///     r = σ(W_ir x + b_ir + W_hr h + b_hr)      z = σ(W_iz x + b_iz + W_hz h + b_hz)
///     n = tanh(W_in x + b_in + r (W_hn h + b_hn))      h′ = (1 − z) n + z h
///
/// The products with the inputs cover all steps of all windows at once. The recurrent ones are one product a step, by sums
/// alone: over a group of windows on a worker of its own, or, where the weight is too large for a cache, over all windows,
/// each worker with some of its columns, so that all of it is read once a step and not once by each worker.
public final class GRU<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let inputs: Int
  public let units: Int
  public let windows: Int
  public let frames: Int
  /// [3 · units, inputs] and [3 · units, units], gates in the order r, z, n; biases [3 · units].
  public let inputWeight: Parameter<Scalar>
  public let recurrentWeight: Parameter<Scalar>
  public let inputBias: Parameter<Scalar>
  public let recurrentBias: Parameter<Scalar>

  /// Whether workers divide the recurrent weight among them, not the windows.
  private let dividesWeight: Bool
  /// [windows, frames + 1, units]: the zero state, then the state after each frame.
  private let states: Buffer<Scalar>
  /// [windows, frames, 3 · units]: products with the inputs, which become r, z and n.
  private let gates: Buffer<Scalar>
  /// [windows, frames, units]: W_hn h + b_hn.
  private let candidates: Buffer<Scalar>
  /// [windows, frames, 3 · units] and, with a last row of zeros, [windows, frames + 1, 3 · units].
  private let inputGradients: Buffer<Scalar>
  private let recurrentGradients: Buffer<Scalar>
  /// [windows, 3 · units] and [windows, units].
  private let products: Buffer<Scalar>
  private let carried: Buffer<Scalar>
  /// The inputs and their products' gradients as operands, and the input weight as a factor.
  private let inputRows: OperandRows<Element>
  private let gradientRows: OperandRows<Element>
  private let factor: WeightFactor<Element>
  private let transposedFactor: WeightFactor<Element>

  /// - Parameter cached: numbers of a recurrent weight that each worker can keep near; 8 MiB in single precision.
  public init(
    _ name: String, inputs: Int, units: Int, windows: Int, frames: Int, training: Bool = true, cached: Int = 1 << 21
  ) {
    self.inputs = inputs
    self.units = units
    self.windows = windows
    self.frames = frames
    dividesWeight = 3 * units * units > cached
    let inputWeight = Parameter<Scalar>("\(name).weight_ih_l0", shape: [3 * units, inputs])
    self.inputWeight = inputWeight
    transposedFactor = WeightFactor(inputWeight, rows: inputs, columns: 3 * units, isTransposed: true)
    factor = WeightFactor(inputWeight, rows: 3 * units, columns: inputs, isTransposed: false)
    recurrentWeight = Parameter("\(name).weight_hh_l0", shape: [3 * units, units])
    inputBias = Parameter("\(name).bias_ih_l0", shape: [3 * units])
    recurrentBias = Parameter("\(name).bias_hh_l0", shape: [3 * units])
    let rows = windows * frames
    states = Buffer(count: windows * (frames + 1) * units)
    gates = Buffer(count: rows * 3 * units)
    candidates = Buffer(count: rows * units)
    inputGradients = Buffer(count: training ? rows * 3 * units : 0)
    recurrentGradients = Buffer(count: training ? windows * (frames + 1) * 3 * units : 0)
    products = Buffer(count: windows * 3 * units)
    carried = Buffer(count: windows * units)
    inputRows = OperandRows(rows: rows, columns: inputs)
    gradientRows = OperandRows(rows: training ? rows : 0, columns: 3 * units)
  }

  public var parameters: [Parameter<Scalar>] { [inputWeight, recurrentWeight, inputBias, recurrentBias] }
  /// PyTorch's default: uniform within ±1/√units, all parameters alike.
  public var initialBound: Double { 1 / Double(units).squareRoot() }

  /// The state after frame 0 of a window; the following frames' states come after it, `units` apart.
  public func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar> {
    states.pointer + (window * (frames + 1) + 1) * units
  }

  /// The next forward pass begins with the states after the last frames of this one.
  public func keepState() {
    for window in 0..<windows {
      let first = states.pointer + window * (frames + 1) * units
      first.update(from: first + frames * units, count: units)
    }
  }

  /// The next forward pass begins with zeros, as after ``init(_:inputs:units:windows:frames:training:cached:)``.
  public func clearState() {
    for window in 0..<windows { (states.pointer + window * (frames + 1) * units).update(repeating: 0, count: units) }
  }

  /// `input`: dense rows [windows · frames, inputs].
  public func forward(_ input: Matrix<Scalar>, _ workers: Workers) {
    WeightFactor.refresh([transposedFactor], workers)
    let rows = windows * frames
    workers.multiply(
      rows: rows, [(inputRows.round(input, count: rows, workers), transposedFactor.factor)],
      into: gates.matrix(3 * units))
    guard dividesWeight else {
      return workers.split(windows) { group in
        for t in 0..<frames {
          multiply(t, group, columns: 0..<3 * units)
          step(t, group)
        }
      }
    }
    for t in 0..<frames {
      workers.split(3 * units, multipleOf: 16) { multiply(t, 0..<windows, columns: $0) }
      workers.split(windows) { step(t, $0) }
    }
  }

  /// States before frame t of all windows.
  private func states(_ t: Int) -> Matrix<Scalar> { Matrix(states.pointer + t * units, stride: (frames + 1) * units) }

  /// Some of a group's recurrent products.
  private func multiply(_ t: Int, _ group: Range<Int>, columns: Range<Int>) {
    Scalar.gemm(
      Product(group.count, columns.count, units, transposeB: true), alpha: 1, states(t).from(row: group.lowerBound),
      recurrentWeight.value.matrix(units).from(row: columns.lowerBound), beta: 0,
      products.matrix(3 * units).from(row: group.lowerBound, column: columns.lowerBound))
  }

  private func step(_ t: Int, _ group: Range<Int>) {
    let width = 3 * units
    for window in group {
      let (row, previous) = (window * frames + t, states(t).row(window))
      gruStep(
        units: units, gates: gates.pointer + row * width, recurrent: products.pointer + window * width,
        inputBias: inputBias.value.pointer, recurrentBias: recurrentBias.value.pointer,
        candidate: candidates.pointer + row * units, previous: previous, next: previous + units)
    }
  }

  /// Adds the parameters' gradients and sets that of `input`, given that of the contexts; all are dense rows
  /// [windows · frames, …].
  public func backward(
    _ input: Matrix<Scalar>, contextGradient: Matrix<Scalar>, inputGradient: Matrix<Scalar>, _ workers: Workers
  ) {
    precondition(inputGradients.count > 0, "this GRU was made without memory for gradients")
    let width = 3 * units
    carried.fillWithZeros()
    if dividesWeight {
      for t in (0..<frames).reversed() {
        workers.split(windows) { stepBack(t, $0, contextGradient) }
        workers.split(units, multipleOf: 16) { carry(t, 0..<windows, columns: $0) }
      }
    } else {
      workers.split(windows) { group in
        for t in (0..<frames).reversed() {
          stepBack(t, group, contextGradient)
          carry(t, group, columns: 0..<units)
        }
      }
    }
    let rows = windows * frames
    let dInput = inputGradients.matrix(width)
    WeightFactor.refresh([factor], workers)
    let operands = gradientRows.round(dInput, count: rows, workers)
    workers.multiply(rows: rows, [(operands, factor.factor)], into: inputGradient)
    workers.addTransposedProduct(
      width, inputs, rows, operands, inputRows.kept(input), inputWeight.gradient.matrix(inputs))
    addColumnSums(of: dInput, count: rows, channels: width, to: inputBias.gradient.pointer)
    // Row t of the states precedes frame t; the last state of a window meets the row of zeros.
    let allRows = windows * (frames + 1)
    let dRecurrent = recurrentGradients.matrix(width)
    workers.addTransposedProduct(
      width, units, allRows, dRecurrent, states.matrix(units), recurrentWeight.gradient.matrix(units))
    addColumnSums(of: dRecurrent, count: allRows, channels: width, to: recurrentBias.gradient.pointer)
  }

  private func stepBack(_ t: Int, _ group: Range<Int>, _ contextGradient: Matrix<Scalar>) {
    let width = 3 * units
    for window in group {
      let row = window * frames + t
      gruStepBack(
        units: units, gates: gates.pointer + row * width, candidate: candidates.pointer + row * units,
        previous: states.pointer + (window * (frames + 1) + t) * units, contextGradient: contextGradient.row(row),
        carried: carried.pointer + window * units, inputGradient: inputGradients.pointer + row * width,
        recurrentGradient: recurrentGradients.pointer + (window * (frames + 1) + t) * width)
    }
  }

  /// Adds some of what a group's recurrent products at frame t carry to the states before it; nobody asks before frame 0.
  private func carry(_ t: Int, _ group: Range<Int>, columns: Range<Int>) {
    guard t > 0 else { return }
    let width = 3 * units
    let dRecurrent = Matrix(recurrentGradients.pointer + t * width, stride: (frames + 1) * width)
    Scalar.gemm(
      Product(group.count, columns.count, width), alpha: 1, dRecurrent.from(row: group.lowerBound),
      recurrentWeight.value.matrix(units).from(row: 0, column: columns.lowerBound), beta: 1,
      carried.matrix(units).from(row: group.lowerBound, column: columns.lowerBound))
  }
}
