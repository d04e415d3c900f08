import FileIO
import Kernels
public import Models
import Networks
public import OrderedJSON
public import Sampling

/// How samples are scaled before the encoder sees them. The paper does not say, and it decides whether training leaves
/// the plateau of a blind guess.
public enum InputScale: String, Sendable, CaseIterable {
  /// One constant gain for all windows, chosen such that the training windows' root mean square is 1.
  case gain
  /// Each window to zero mean and unit variance.
  case window
  /// Samples / 32768 as they are.
  case raw
}

/// Where the windows of an utterance begin.
public enum Crop: String, Sendable, CaseIterable {
  /// At its start.
  case none
  /// At a place drawn anew each epoch, the same for all its windows.
  case random
}

/// Everything that determines a training run, beside its data. Every default that the paper states is the paper's.
public struct TrainingConfiguration: Sendable, Equatable {
  public var shape = AudioModelShape()
  public var negatives = NegativeStrategy.mixedSpeaker
  /// Negatives drawn for each anchor and step; nil uses all of the pool.
  public var negativeCount: Int?
  public var precision = Precision.single
  public var crop = Crop.none
  public var input = InputScale.gain
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

  /// Throws what a user asked for that cannot be.
  public func validate() throws {
    func require(_ condition: Bool, _ reason: String) throws {
      guard condition else { throw Failure(.usage, reason) }
    }
    try require(updates > 0, "--updates must be at least 1")
    try require((1...4096).contains(batch), "--batch must be from 1 to 4096")
    try require((1...65_536).contains(shape.channels), "--channels must be from 1 to 65536")
    try require((1...65_536).contains(shape.context), "--context must be from 1 to 65536")
    try require((160...1 << 20).contains(shape.window), "--window must be from 160 to \(1 << 20) samples")
    try require(
      shape.frames > 1, "--window \(shape.window) is too short: a prediction takes two latents, it has \(shape.frames)")
    let steps = min(shape.frames - 1, AudioModelShape.mostSteps)
    try require(
      (1...steps).contains(shape.stepsAhead),
      "--steps-ahead must be from 1 to \(steps): a window has \(shape.frames) latents")
    try require((1...65_536).contains(accumulate), "--accumulate must be from 1 to 65536")
    let pool = negatives.pool.count(windows: batch, latents: shape.frames) - 1
    try require(pool > 0, "--negatives \(negatives.rawValue) has no candidates with --batch \(batch)")
    try require(
      (1...pool).contains(negativeCount ?? 1),
      "--num-negatives must be all, or from 1 to \(pool): what --negatives \(negatives.rawValue) has for each anchor in "
        + "\(batch) windows of \(shape.frames) latents")
    if case .cosine(temperature: let temperature) = shape.score {
      try require(temperature.isFinite && temperature > 0, "--temperature must be positive")
    }
    try require(shape.channels > 1 || shape.normalisation == .none, "--normalisation channel needs --channels above 1")
    try require(learningRate.isFinite && learningRate > 0, "--learning-rate must be positive")
    try require(warmup >= 0, "--warmup must not be negative")
    try require(clip.isFinite && clip >= 0, "--clip must be positive, or 0 for no bound")
    try require(keep >= 1, "--keep must be at least 1")
    try require((0..<1).contains(validFraction), "--valid-fraction must be at least 0 and below 1")
    try require(
      validBatches > 0 && validEvery >= 0 && checkpointEvery >= 0 && logEvery >= 0,
      "--valid-batches must be positive; --valid-every, --checkpoint-every and --log-every not negative")
    try require(buffer >= batch, "--buffer must hold at least one batch")
  }

  /// Candidates of an anchor, its positive among them.
  public var candidates: Int {
    negativeCount.map { $0 + 1 } ?? negatives.pool.count(windows: batch, latents: shape.frames)
  }

  /// What determines the numbers of a run. How often it is logged and saved does not.
  public var json: JSONObject {
    var settings: JSONObject = [
      "model": .string(ModelSpecification.kind), "negatives": .string(negatives.rawValue),
      "num_negatives": negativeCount.map { .int($0) } ?? .string("all"), "crop": .string(crop.rawValue),
      "input": .string(input.rawValue),
    ]
    for (key, value) in specification.json.members { settings[key] = value }
    let rest: JSONObject = [
      "batch": .int(batch), "accumulate": .int(accumulate), "learning_rate": .real(learningRate),
      "schedule": .string(schedule.rawValue), "warmup": .int(warmup), "clip": .real(clip), "seed": .int(seed),
      "updates": .int(updates), "valid_fraction": .real(validFraction), "valid_batches": .int(validBatches),
      "valid_every": .int(validEvery), "buffer": .int(buffer),
    ]
    for (key, value) in rest.members { settings[key] = value }
    return settings
  }

  /// The model alone.
  public var specification: ModelSpecification { ModelSpecification(shape: shape, precision: precision) }

  /// The model for the batches of a run.
  func makeModel(_ workers: Workers) -> any TrainableModel<Float> {
    specification.makeModel(
      windows: batch, pool: negatives.pool, negatives: negativeCount, seed: seed, workers: workers)
  }
}
