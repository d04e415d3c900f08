import Kernels
import Networks
import Sampling

/// A model of audio in whatever precision its products have: what trainer and validation know of it.
protocol TrainableModel<Scalar>: AnyObject {
  associatedtype Scalar: KernelScalar

  var shape: AudioModelShape { get }
  /// Windows of a batch, and latents of a window.
  var windows: Int { get }
  var frames: Int { get }
  var parameters: [Parameter<Scalar>] { get }
  func initialize(seed: UInt64)

  /// Where the samples of a window go, ready scaled.
  func input(_ window: Int) -> UnsafeMutablePointer<Scalar>
  func forward(_ clock: PhaseClock?)
  /// z and c of a window, one frame after another.
  func latents(_ window: Int) -> UnsafeMutablePointer<Scalar>
  func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar>
  func evaluate(batch: Int) -> ContrastiveMetrics
  func backward(batch: Int, _ clock: PhaseClock?) -> ContrastiveMetrics
  /// Another loss with this one's heads, for evaluation alone.
  func makeLoss(windows: Int, sampler: NegativeSampler) -> any ContrastiveLoss<Scalar>
}

extension TrainableModel {
  func forward() { forward(nil) }
}

extension Precision {
  /// A model for the batches of a run.
  func makeModel(_ configuration: TrainingConfiguration, _ workers: Workers) -> any TrainableModel<Float> {
    func make<Element: Operand>(_: Element.Type) -> AudioModel<Element> {
      AudioModel(
        configuration.shape, windows: configuration.batch, pool: configuration.negatives.pool,
        negatives: configuration.negativeCount, seed: configuration.seed, workers: workers)
    }
    return switch self {
    case .single: make(Float.self)
    case .bfloat16: make(BFloat16.self)
    }
  }
}
