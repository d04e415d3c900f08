import Kernels
public import Models
public import Sampling

/// Where the windows of an utterance begin.
public enum Crop: String, Sendable, CaseIterable {
  /// At its start.
  case none
  /// At a place drawn anew each epoch, the same for all its windows.
  case random
}

/// Everything that determines a training run, beside its data. Every default that the paper states is the paper's.
public struct TrainingConfiguration: Sendable {
  /// The model alone.
  public var specification: any ModelSpecification = AudioSpecification()
  public var negatives = NegativeStrategy.mixedSpeaker
  /// Negatives drawn for each anchor and step; nil uses all of the pool.
  public var negativeCount: Int?
  public var crop = Crop.none
  /// Windows of a batch.
  public var batch = 8
  /// Batches whose mean gradient makes one update, each with its own negatives.
  public var accumulate = 1
  public var learningRate = 2e-4
  public var schedule = LearningRateSchedule.constant
  /// Updates over which the learning rate rises to its value.
  public var warmup = 0
  /// Largest gradient norm; larger gradients are scaled down to it. 0 is no bound.
  public var clip = 0.0
  public var seed: UInt64 = 1
  public var updates = 300_000
  /// Share of the training utterances that is held out where no split names a validation part.
  public var validFraction = 0.05
  /// Most batches that a validation takes.
  public var validBatches = 64
  /// Updates between validations, checkpoints and lines of the log; 0 is never before the end.
  public var validEvery = 1000
  public var checkpointEvery = 1000
  public var logEvery = 10
  /// Checkpoints on schedule that are kept, beside the best one.
  public var keep = 1
  /// Windows that the shuffle buffer of a record stream holds.
  public var buffer = 4096

  public init() {}

  /// Candidates of an anchor, its positive among them.
  public var candidates: Int {
    negativeCount.map { $0 + 1 } ?? negatives.pool.count(windows: batch, latents: specification.lattice.count)
  }

  /// The model for the batches of a run.
  func makeModel(_ workers: Workers) -> any TrainableModel<Float> {
    specification.makeModel(
      windows: batch, pool: negatives.pool, negatives: negativeCount, seed: seed, workers: workers)
  }
}
