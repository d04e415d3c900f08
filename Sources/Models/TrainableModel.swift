public import Kernels
public import Networks
public import Sampling

/// What the time of an update is spent on.
public enum UpdatePhase: String, CaseIterable, Sendable {
  /// Waiting for the next batch.
  case data
  case encoder
  case context
  /// Scores, loss and their gradients.
  case loss
  case contextGradient = "context_gradient"
  case encoderGradient = "encoder_gradient"
  /// Gradient norm and Adam.
  case optimizer
}

/// What a contrastive model is made of.
public enum ModelPart: Sendable, CaseIterable {
  case encoder
  case context
  /// The predictions, one for each step ahead.
  case heads
}

/// A model in whatever precision its products have: what trainer and validation know of it.
public protocol TrainableModel<Scalar>: AnyObject {
  associatedtype Scalar: KernelScalar

  /// Windows of a batch.
  var windows: Int { get }
  /// How the latents of a window lie.
  var lattice: Lattice { get }
  /// Numbers of a latent and of a context.
  var channels: Int { get }
  var units: Int { get }
  var parameters: [Parameter<Scalar>] { get }
  /// Those of ``parameters`` that belong to a part.
  func parameters(of part: ModelPart) -> [Parameter<Scalar>]
  func initialize(seed: UInt64)

  /// Where the numbers of a window go, as an ``InputTransform`` makes them.
  func input(_ window: Int) -> UnsafeMutableBufferPointer<Scalar>
  /// Latents z and contexts c of what is in ``input(_:)``. `ended` is told of each phase at its end.
  func forward(_ ended: (UpdatePhase) -> Void)
  /// z and c of a window, one latent after another: rows of ``channels``, and of ``units``.
  func latents(_ window: Int) -> UnsafeMutablePointer<Scalar>
  func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar>
  /// Loss and accuracies of the last ``forward(_:)``; drawn negatives are those of global batch `batch`.
  func evaluate(batch: Int) -> ContrastiveMetrics
  /// The same, and adds the gradients of all parameters.
  func backward(batch: Int, _ ended: (UpdatePhase) -> Void) -> ContrastiveMetrics
  /// Another loss with this one's heads, for evaluation alone.
  func makeLoss(windows: Int, sampler: NegativeSampler) -> any ContrastiveLoss<Scalar>
}

extension TrainableModel {
  public func forward() { forward { _ in } }
  public func evaluate() -> ContrastiveMetrics { evaluate(batch: 0) }
  public func backward(batch: Int = 0) -> ContrastiveMetrics { backward(batch: batch) { _ in } }
}
