public import Kernels
import RealModule

/// A linear layer and a softmax: which class each row is of, and the mean cross-entropy against known classes.
public final class SoftmaxLayer<Scalar: KernelScalar> {
  public let inputs: Int
  public let classes: Int
  /// [classes, inputs] and [classes].
  public let weight: Parameter<Scalar>
  public let bias: Parameter<Scalar>
  /// [rows, classes]: scores, then the gradient to them.
  private let scores: Buffer<Scalar>

  /// - Parameter rows: most rows at a time.
  public init(_ name: String, inputs: Int, classes: Int, rows: Int) {
    self.inputs = inputs
    self.classes = classes
    weight = Parameter("\(name).weight", shape: [classes, inputs])
    bias = Parameter("\(name).bias", shape: [classes])
    scores = Buffer(count: rows * classes)
  }

  public var parameters: [Parameter<Scalar>] { [weight, bias] }
  /// PyTorch's default: uniform within ±1/√inputs.
  public var initialBound: Double { 1 / Double(inputs).squareRoot() }

  /// The most likely class of each row of `input`.
  public func predict(_ input: Matrix<Scalar>, count: Int, _ workers: Workers) -> [Int32] {
    score(input, count: count, workers)
    return (0..<count).map { row in
      let scores = scores.pointer + row * classes
      return Int32((0..<classes).reduce(0) { scores[$1] > scores[$0] ? $1 : $0 })
    }
  }

  /// The mean cross-entropy of the rows that have a class, and how many of these were told right; adds the gradients of the
  /// parameters and sets that of `input`, dense rows [labels.count, inputs].
  ///
  /// - Parameter labels: negative for rows that have none, which count for nothing.
  public func evaluate(
    _ input: Matrix<Scalar>, labels: [Int32], inputGradient: UnsafeMutablePointer<Scalar>, _ workers: Workers
  ) -> (loss: Double, correct: Int) {
    let count = labels.count
    let known = labels.count { $0 >= 0 }
    score(input, count: count, workers)
    var (loss, correct) = (0.0, 0)
    for (row, label) in labels.enumerated() {
      let scores = scores.pointer + row * classes
      guard label >= 0 else {
        scores.update(repeating: 0, count: classes)
        continue
      }
      let best = (0..<classes).reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
      if best == Int(label) { correct += 1 }
      let (largest, own) = (scores[best], scores[Int(label)])
      let sum = Scalar.exponentiate(scores, classes, subtracting: largest)
      loss += Double(largest) - Double(own) + Double.log(Double(sum))
      scale(scores, count: classes, by: 1 / (sum * Scalar(known)))
      scores[Int(label)] -= 1 / Scalar(known)
    }
    let gradient = scores.matrix(classes)
    workers.addTransposedProduct(classes, inputs, count, gradient, input, weight.gradient.matrix(inputs))
    addColumnSums(of: gradient, count: count, channels: classes, to: bias.gradient.pointer)
    workers.split(count) { rows in
      Scalar.gemm(
        Product(rows.count, inputs, classes), alpha: 1, gradient.from(row: rows.lowerBound),
        weight.value.matrix(inputs),
        beta: 0, Matrix(inputGradient + rows.lowerBound * inputs, stride: inputs))
    }
    return (known > 0 ? loss / Double(known) : 0, correct)
  }

  private func score(_ input: Matrix<Scalar>, count: Int, _ workers: Workers) {
    precondition(count * classes <= scores.count)
    for row in 0..<count { (scores.pointer + row * classes).update(from: bias.value.pointer, count: classes) }
    workers.split(count) { rows in
      Scalar.gemm(
        Product(rows.count, classes, inputs, transposeB: true), alpha: 1, input.from(row: rows.lowerBound),
        weight.value.matrix(inputs), beta: 1, scores.matrix(classes).from(row: rows.lowerBound))
    }
  }
}
