public import Models
import Sampling

/// Settings that go together, by name: what a run begins with before others are changed one by one.
public enum Preset: String, Sendable, CaseIterable {
  /// The paper's update: 8 batches of 8 windows, as on its 8 GPUs. The rest is the paper's anyway.
  case paper
  /// For some hours of speech and two hours of two cores: half the channels, each frame normalised, negatives of the same
  /// speaker, random crops, and a larger step size that rises first and then falls to nothing. On the 16 first speakers of
  /// LibriSpeech dev-clean, 2.2 hours, its contexts tell phones and speakers far better than stacked MFCCs, where the
  /// paper's settings do not (README).
  case small

  /// - Parameter specification: the model of the records at hand, every setting its default.
  public func configuration(_ specification: any ModelSpecification) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.specification = specification
    switch self {
    case .paper: configuration.accumulate = 8
    case .small: if let audio = specification as? AudioSpecification { Self.small(audio, &configuration) }
    }
    return configuration
  }

  private static func small(_ audio: AudioSpecification, _ configuration: inout TrainingConfiguration) {
    var audio = audio
    audio.shape.channels = 256
    audio.shape.context = 256
    audio.shape.normalisation = .channel
    configuration.specification = audio
    configuration.negatives = .sameSpeaker
    configuration.crop = .random
    configuration.learningRate = 1e-3
    configuration.warmup = 500
    configuration.schedule = .cosine
    configuration.updates = 12_000
  }
}
