public import Models
import Sampling

/// Settings that go together, by name: what a run begins with before others are changed one by one.
public enum Preset: String, Sendable, CaseIterable {
  /// The paper's update: as many batches as its GPUs made, of as many windows. The rest is the paper's anyway.
  case paper
  /// For two hours of two cores at most, and data of some hours of speech, some thousand pictures, or some dozen books.
  /// Audio has half the channels, each frame normalised, negatives of the same speaker, random crops, and a larger step size
  /// that rises first and then falls to nothing. What it gave: Sources/Guide.docc, Features, Images and Texts.
  case small

  /// - Parameter specification: the model of the records at hand, every setting its default.
  public func configuration(_ specification: any ModelSpecification) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.specification = specification
    switch (self, specification) {
    case (.paper, is ImageSpecification): (configuration.batch, configuration.accumulate) = (16, 32)
    case (.paper, is TextSpecification): (configuration.batch, configuration.accumulate) = (64, 8)
    case (.paper, _): configuration.accumulate = 8
    case (.small, let images as ImageSpecification): Self.small(images, &configuration)
    case (.small, let texts as TextSpecification): Self.small(texts, &configuration)
    case (.small, let audio as AudioSpecification): Self.small(audio, &configuration)
    case (.small, _): break
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

  private static func small(_ images: ImageSpecification, _ configuration: inout TrainingConfiguration) {
    var images = images
    images.shape.depth = 18
    images.shape.width = 32
    images.shape.context = 64
    images.shape.normalisation = .channel
    images.shape.stepsAhead = 3
    images.shape.colour = .rgb
    configuration.specification = images
    configuration.batch = 8
    configuration.learningRate = 1e-3
    configuration.warmup = 200
    configuration.schedule = .cosine
    configuration.updates = 3200
  }

  private static func small(_ texts: TextSpecification, _ configuration: inout TrainingConfiguration) {
    var texts = texts
    // The latents are as wide as the paper's: what a probe hears in them grows with that.
    texts.embedding = 300
    texts.context = 600
    configuration.specification = texts
    configuration.batch = 64
    configuration.learningRate = 1e-3
    configuration.warmup = 200
    configuration.schedule = .cosine
    configuration.updates = 1200
  }
}
