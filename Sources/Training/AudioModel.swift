public import Kernels
public import Networks
public import Sampling

/// What stands before the rectifiers of the encoder.
public enum EncoderNormalisation: String, Sendable, CaseIterable {
  case none
  /// Each frame standardised over its channels.
  case channel
}

/// The paper's audio model (§3.1); every default is the paper's.
public struct AudioModelShape: Sendable, Equatable {
  public var window = 20_480
  public var channels = 512
  public var context = 256
  public var stepsAhead = 12
  public var normalisation = EncoderNormalisation.none
  public var score = ScoreScale.sum

  public init() {}

  /// Most steps ahead: what the counters of drawn negatives have room for (``NegativeSampler``).
  static let mostSteps = 127

  /// Latents of a window.
  public var frames: Int {
    ConvolutionalEncoder<Float>.paperShapes.reduce(window) { $1.outputFrames($0) }
  }
}

/// Contrastive predictive coding of audio: encoder, context and loss, with the memory for a fixed number of windows.
///
/// Parameters are named as in the PyTorch module of the same model: `encoder.0.weight` … `context.weight_ih_l0` …
/// `heads.11.weight`.
///
/// `Element` is what its products multiply; everything else is in `Element.Sum`.
public final class AudioModel<Element: Operand>: TrainableModel {
  public typealias Scalar = Element.Sum

  public let shape: AudioModelShape
  public let windows: Int
  public let encoder: ConvolutionalEncoder<Element>
  public let context: GRU<Element>
  public let loss: InfoNCE<Element>
  private let workers: Workers
  /// Latents as dense rows [windows · frames, channels], and the gradient that the GRU sends to them.
  private let latents: Buffer<Scalar>
  private let contextInputGradient: Buffer<Scalar>

  /// With `negatives`, that many are drawn from the pool by `seed`; else all of it counts.
  public init(
    _ shape: AudioModelShape, windows: Int, pool: CandidatePool = .batch, negatives: Int? = nil, seed: UInt64 = 0,
    workers: Workers, training: Bool = true
  ) {
    self.shape = shape
    self.windows = windows
    self.workers = workers
    encoder = ConvolutionalEncoder(
      "encoder", windows: windows, samples: shape.window, channels: shape.channels,
      norms: shape.normalisation == .channel ? "norms" : nil, training: training)
    let frames = encoder.frames
    context = GRU(
      "context", inputs: shape.channels, units: shape.context, windows: windows, frames: frames, training: training)
    let lattice = Lattice(rows: frames)
    loss = InfoNCE(
      "heads", windows: windows, lattice: lattice, channels: shape.channels, units: shape.context,
      steps: shape.stepsAhead, pool: pool,
      sampler: negatives.map {
        NegativeSampler(pool: pool, windows: windows, lattice: lattice, count: $0, seed: seed)
      }, score: shape.score, training: training)
    latents = Buffer(count: windows * frames * shape.channels)
    contextInputGradient = Buffer(count: training ? latents.count : 0)
  }

  public var frames: Int { encoder.frames }
  public var parameters: [Parameter<Scalar>] { encoder.parameters + context.parameters + loss.parameters }

  /// PyTorch's default distributions; parameter i draws from stream i of `seed`.
  public func initialize(seed: UInt64) {
    let bounds =
      encoder.layers.flatMap { layer in layer.parameters.map { _ in layer.initialBound } }
      + context.parameters.map { _ in context.initialBound } + loss.heads.map(\.initialBound)
    for (i, (parameter, bound)) in zip(parameters, bounds).enumerated() {
      parameter.initialize(bound: bound, from: RandomStream(seed: seed, purpose: .initialization, index: i))
    }
    for layer in encoder.layers { layer.norm?.initialize() }
  }

  /// Where the samples of a window go, ready scaled.
  public func input(_ window: Int) -> UnsafeMutablePointer<Scalar> { encoder.input.window(window) }

  /// Latents z and contexts c of the samples in ``input(_:)``.
  public func forward() { forward(nil) }

  func forward(_ clock: PhaseClock?) {
    encoder.forward(workers)
    encoder.latents.copyFrames(to: latents.pointer)
    clock?.end(.encoder)
    context.forward(latents.matrix(shape.channels), workers)
    clock?.end(.context)
  }

  /// z of a window: `frames` rows of `channels`.
  public func latents(_ window: Int) -> UnsafeMutablePointer<Scalar> {
    latents.pointer + window * frames * shape.channels
  }

  /// c of a window: `frames` rows of `context`.
  public func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar> { context.contexts(window) }

  /// Loss and accuracies of the last ``forward()``; drawn negatives are those of global batch `batch`.
  public func evaluate(batch: Int = 0) -> ContrastiveMetrics { evaluate(batch: batch, gradients: false) }

  /// The same, and adds the gradients of all parameters.
  public func backward(batch: Int = 0) -> ContrastiveMetrics { backward(batch: batch, nil) }

  func backward(batch: Int, _ clock: PhaseClock?) -> ContrastiveMetrics {
    let metrics = evaluate(batch: batch, gradients: true)
    clock?.end(.loss)
    let width = shape.channels
    context.backward(
      latents.matrix(width), contextGradient: loss.contextGradient.matrix(shape.context),
      inputGradient: contextInputGradient.matrix(width), workers)
    workers.split(latents.count, multipleOf: 1024) { range in
      add(
        contextInputGradient.pointer + range.lowerBound, to: loss.latentGradient.pointer + range.lowerBound,
        count: range.count)
    }
    clock?.end(.contextGradient)
    encoder.backward(latentGradient: loss.latentGradient.pointer, workers)
    clock?.end(.encoderGradient)
    return metrics
  }

  func makeLoss(windows: Int, sampler: NegativeSampler) -> any ContrastiveLoss<Scalar> {
    InfoNCE(
      "heads", windows: windows, lattice: loss.lattice, channels: shape.channels, units: shape.context,
      steps: shape.stepsAhead, pool: sampler.pool, sampler: sampler, score: shape.score, heads: loss.heads,
      training: false)
  }

  private func evaluate(batch: Int, gradients: Bool) -> ContrastiveMetrics {
    loss.evaluate(
      latents: latents.matrix(shape.channels), contexts: { UnsafePointer(context.contexts($0)) }, batch: batch,
      gradients: gradients, workers)
  }
}
