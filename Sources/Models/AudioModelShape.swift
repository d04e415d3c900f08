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
///
/// Parameters are named as in the PyTorch module of the same model: `encoder.0.weight` … `context.weight_ih_l0` …
/// `heads.11.weight`.
public struct AudioModelShape: Sendable, Equatable {
  public var window = 20_480
  public var channels = 512
  public var context = 256
  public var stepsAhead = 12
  public var normalisation = EncoderNormalisation.none
  public var score = ScoreScale.sum

  public init() {}

  /// Latents of a window.
  public var frames: Int {
    ConvolutionalEncoder<Float>.paperShapes.reduce(window) { $1.outputFrames($0) }
  }
}

extension ContrastiveModel {
  /// The model of audio: see ``init(_:_:windows:steps:score:pool:negatives:seed:workers:training:)``.
  public convenience init(
    _ shape: AudioModelShape, windows: Int, pool: CandidatePool = .batch, negatives: Int? = nil, seed: UInt64 = 0,
    workers: Workers, training: Bool = true
  ) {
    let encoder = ConvolutionalEncoder<Element>(
      "encoder", windows: windows, samples: shape.window, channels: shape.channels,
      norms: shape.normalisation == .channel ? "norms" : nil, training: training)
    let context = GRU<Element>(
      "context", inputs: shape.channels, units: shape.context, windows: windows, frames: encoder.frames,
      training: training)
    self.init(
      encoder, context, windows: windows, steps: shape.stepsAhead, score: shape.score, pool: pool,
      negatives: negatives, seed: seed, workers: workers, training: training)
  }
}
