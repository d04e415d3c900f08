public import Kernels

/// W_k of the paper's f_k = exp(zᵀ W_k c) (eq. 3): predicts the latent k frames ahead from a context.
public final class BilinearHead<Scalar: KernelScalar> {
  public let contexts: Int
  public let channels: Int
  /// [channels, contexts], as the weight of a `torch.nn.Linear` without bias.
  public let weight: Parameter<Scalar>

  public init(_ name: String, contexts: Int, channels: Int) {
    self.contexts = contexts
    self.channels = channels
    weight = Parameter("\(name).weight", shape: [channels, contexts])
  }

  /// PyTorch's default for linear layers.
  public var initialBound: Double { 1 / Double(contexts).squareRoot() }

  /// prediction[count, channels] = context · weightᵀ
  public func forward(
    _ context: Matrix<Scalar>, _ prediction: Matrix<Scalar>, count: Int, _ workers: Workers
  ) {
    workers.gemm(
      Product(count, channels, contexts, transposeB: true), context, weight.value.matrix(contexts), prediction)
  }

  /// Adds the gradients of the weight and of the contexts.
  public func backward(
    _ context: Matrix<Scalar>, predictionGradient: Matrix<Scalar>, addingTo contextGradient: Matrix<Scalar>,
    count: Int, _ workers: Workers
  ) {
    workers.gemm(
      Product(channels, contexts, count, transposeA: true), predictionGradient, context, beta: 1,
      weight.gradient.matrix(contexts))
    workers.gemm(
      Product(count, contexts, channels), predictionGradient, weight.value.matrix(contexts), beta: 1, contextGradient)
  }
}
