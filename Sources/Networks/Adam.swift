public import Kernels
import RealModule

/// Adam (Kingma and Ba 2015), number for number as `torch.optim.Adam` without weight decay.
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
      workers.split(parameter.count, multipleOf: 1024) { range in
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

  public func clearGradients() { for parameter in parameters { parameter.gradient.fillWithZeros() } }

  /// √ Σ g² over all parameters, in double precision.
  public func gradientNorm(_ workers: Workers) -> Double {
    var sum = 0.0
    for parameter in parameters {
      let parts = workers.parts(of: parameter.count, multipleOf: 1024)
      let sums = Buffer<Double>(count: parts.count)
      workers.forEach(parts.count) { i in
        sums[i] = sumOfSquares(parameter.gradient.pointer + parts[i].lowerBound, count: parts[i].count)
      }
      for i in parts.indices { sum += sums[i] }
    }
    return sum.squareRoot()
  }
}
