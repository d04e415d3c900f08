public import Kernels

/// W_k of the paper's f_k = exp(zᵀ W_k c) (eq. 3): predicts the latent k frames ahead from a context.
public final class BilinearHead<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let contexts: Int
  public let channels: Int
  /// [channels, contexts], as the weight of a `torch.nn.Linear` without bias.
  public let weight: Parameter<Scalar>
  let factor: WeightFactor<Element>
  let transposedFactor: WeightFactor<Element>

  public init(_ name: String, contexts: Int, channels: Int) {
    self.contexts = contexts
    self.channels = channels
    let weight = Parameter<Scalar>("\(name).weight", shape: [channels, contexts])
    self.weight = weight
    transposedFactor = WeightFactor(weight, rows: contexts, columns: channels, isTransposed: true)
    factor = WeightFactor(weight, rows: channels, columns: contexts, isTransposed: false)
  }

  /// PyTorch's default for linear layers.
  public var initialBound: Double { 1 / Double(contexts).squareRoot() }

  /// prediction[count, channels] = context · weightᵀ
  func forward(_ context: Matrix<Element>, _ prediction: Matrix<Scalar>, count: Int, _ workers: Workers) {
    workers.multiply(rows: count, [(context, transposedFactor.factor)], into: prediction)
  }

  /// Adds the gradients of the weight and of the contexts.
  func backward(
    _ context: Matrix<Element>, predictionGradient: Matrix<Element>, addingTo contextGradient: Matrix<Scalar>,
    count: Int, _ workers: Workers
  ) {
    workers.addTransposedProduct(
      channels, contexts, count, predictionGradient, context, weight.gradient.matrix(contexts))
    workers.multiply(rows: count, [(predictionGradient, factor.factor)], accumulate: true, into: contextGradient)
  }
}
