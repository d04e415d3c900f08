public import Kernels
import RealModule

/// Adam (Kingma and Ba 2015), number for number as `torch.optim.Adam` without weight decay.
///
/// Of a parameter with ``Parameter/touched`` rows an update goes over those alone whose gradient is not zero, as
/// `torch.optim.SparseAdam` does: values and moments of all others stay as they are, and the bias is corrected by the
/// number of all updates. Where dense Adam lets the moments of an absent row fade, and moves its values by what is left
/// of its mean, here they wait for the row to come again. A row that is in every update goes the way of dense Adam,
/// bit for bit; `SparseAdam` itself has its ε before the correction of the square, not after it.
public final class Adam<Scalar: KernelScalar> {
  public let parameters: [Parameter<Scalar>]
  /// Running means of the gradients and of their squares, laid out as the parameters.
  public let means: [Buffer<Scalar>]
  public let squares: [Buffer<Scalar>]
  /// Updates made so far.
  public var step = 0
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double

  public init(_ parameters: [Parameter<Scalar>], beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
    self.parameters = parameters
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    means = parameters.map { Buffer(count: $0.count) }
    squares = parameters.map { Buffer(count: $0.count) }
  }

  /// Changes every parameter by its gradient times `gradientScale`.
  public func update(learningRate: Double, gradientScale: Double = 1, _ workers: Workers) {
    step += 1
    let rate = Scalar(learningRate / (1 - Double.pow(beta1, step)))
    let inverseSquareCorrection = Scalar(1 / (1 - Double.pow(beta2, step)).squareRoot())
    for (i, parameter) in parameters.enumerated() {
      forEachPiece(of: parameter, workers) { _, range in
        let first = range.lowerBound
        adamUpdate(
          count: range.count, value: parameter.value.pointer + first, gradient: parameter.gradient.pointer + first,
          mean: means[i].pointer + first, square: squares[i].pointer + first,
          gradientScale: Scalar(gradientScale), new1: Scalar(1 - beta1), beta2: Scalar(beta2),
          new2: Scalar(1 - beta2), rate: rate, inverseSquareCorrection: inverseSquareCorrection,
          epsilon: Scalar(epsilon))
      }
      parameter.noteChange()
    }
  }

  /// Gives `body` the elements that an update goes over: a range for each worker, or rows one by one.
  private func forEachPiece(
    of parameter: Parameter<Scalar>, _ workers: Workers, _ body: (_ worker: Int, Range<Int>) -> Void
  ) {
    guard let rows = parameter.gradientRows else {
      let parts = workers.parts(of: parameter.count, multipleOf: 1024)
      return workers.forEach(parts.count) { body($0, parts[$0]) }
    }
    let size = parameter.rowSize
    let parts = workers.parts(of: rows.count)
    workers.forEach(parts.count) { worker in
      for row in rows[parts[worker]] { body(worker, row * size..<(row + 1) * size) }
    }
  }

  public func clearGradients() { for parameter in parameters { parameter.clearGradient() } }

  /// √ Σ g² over all parameters, in double precision.
  public func gradientNorm(_ workers: Workers) -> Double {
    var sum = 0.0
    for parameter in parameters {
      let sums = Buffer<Double>(count: workers.count)
      forEachPiece(of: parameter, workers) { worker, range in
        sums[worker] += sumOfSquares(parameter.gradient.pointer + range.lowerBound, count: range.count)
      }
      for i in 0..<sums.count { sum += sums[i] }
    }
    return sum.squareRoot()
  }
}
