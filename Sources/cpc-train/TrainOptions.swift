import ArgumentParser
import FileIO
import Models
import Networks
import Sampling
import Training

private let defaults = TrainingConfiguration()

/// The value of a flag that names one of some cases.
private func choice<Value: RawRepresentable & CaseIterable>(_ flag: String, _ text: String) throws -> Value
where Value.RawValue == String {
  guard let value = Value(rawValue: text) else {
    throw Failure(
      .usage, "\(flag) \(text) is not known", hint: Value.allCases.map(\.rawValue).joined(separator: ", "))
  }
  return value
}

struct ModelOptions: ParsableArguments {
  @Option(help: "Channels of each convolution, the size of z.")
  var channels = defaults.shape.channels
  @Option(help: "Units of the GRU, the size of c.")
  var context = defaults.shape.context
  @Option(help: "Latents ahead that each context predicts, at most 127.")
  var stepsAhead = defaults.shape.stepsAhead
  @Option(
    help: ArgumentHelp(
      "How samples are scaled: one constant gain that brings the training windows to a root mean square of 1; each "
        + "window to zero mean and unit variance; or raw, samples / 32768, with which training hardly starts.",
      valueName: "gain|window|raw"))
  var input = defaults.input.rawValue

  @Option(help: "Samples of a window at 16 kHz.")
  var window = defaults.shape.window
  @Option(
    help: ArgumentHelp(
      "What stands before the rectifiers of the encoder: nothing, or each frame standardised over its channels.",
      valueName: "none|channel"))
  var normalisation = defaults.shape.normalisation.rawValue
  @Option(
    help: ArgumentHelp(
      "Score of a latent for a prediction: the sum of products, as in the paper; their mean; or the cosine.",
      valueName: "sum|mean|cosine"))
  var score = "sum"
  @Option(help: "What cosines are divided by (default: 0.1).")
  var temperature: Double?

  func apply(to configuration: inout TrainingConfiguration) throws {
    configuration.shape.window = window
    configuration.shape.normalisation = try choice("--normalisation", normalisation)
    guard temperature == nil || score == "cosine" else {
      throw Failure(.usage, "--temperature goes with --score cosine")
    }
    switch score {
    case "sum": configuration.shape.score = .sum
    case "mean": configuration.shape.score = .mean
    case "cosine": configuration.shape.score = .cosine(temperature: temperature ?? 0.1)
    default: throw Failure(.usage, "--score \(score) is not known", hint: "sum, mean, cosine")
    }
    configuration.input = try choice("--input", input)
    configuration.shape.channels = channels
    configuration.shape.context = context
    configuration.shape.stepsAhead = stepsAhead
  }
}

struct TrainingOptions: ParsableArguments {
  @Option(help: "paper: 8 batches of 8 windows an update, as on the paper's 8 GPUs; the rest is the paper's anyway.")
  var preset: String?
  @Option(help: "Updates to make; a record stream may end before.")
  var updates = defaults.updates
  @Option(help: "Windows in a batch; negatives come from the batch.")
  var batch = defaults.batch
  @Option(help: "Batches whose mean gradient makes one update, each with its own negatives (default: 1).")
  var accumulate: Int?
  @Option(help: "Step size of Adam.")
  var learningRate = defaults.learningRate
  @Option(help: ArgumentHelp("How the step size moves after the warm-up.", valueName: "constant|cosine"))
  var schedule = defaults.schedule.rawValue
  @Option(help: "Updates over which the step size rises to its value.")
  var warmup = defaults.warmup
  @Option(help: "Largest gradient norm, larger gradients are scaled down to it; 0: no bound.")
  var clip = defaults.clip
  @Option(
    help: ArgumentHelp(
      "Which latents of the batch are candidates. mixed-speaker: batches over all speakers, every latent; same-speaker: "
        + "batches of one speaker, every latent; with -excl: those of the other windows alone; current-sequence: "
        + "batches over all speakers, those of the own window. group may stand for speaker.", valueName: "strategy"))
  var negatives = defaults.negatives.rawValue
  @Option(
    help: ArgumentHelp(
      "How many of the candidates are drawn for each anchor and step, without the true latent.", valueName: "all|N"))
  var numNegatives = "all"
  @Option(
    help: ArgumentHelp(
      "Where the windows of an utterance begin: at its start, or at a place drawn anew each epoch.",
      valueName: "none|random"))
  var crop = defaults.crop.rawValue
  @Option(help: "Seed of the initial parameters, the order of data and the held-out share.")
  var seed = defaults.seed
  @Option(help: "Windows in the shuffle buffer of a record stream, 40 KiB each.")
  var buffer = defaults.buffer
  @Option(
    help: ArgumentHelp(
      "What the factors of matrix products are rounded to; sums, parameters and checkpoints stay in fp32. bf16 is faster "
        + "where the processor has AMX or AVX512_BF16 (cpc-inspect machine).", valueName: "fp32|bf16"))
  var precision = defaults.precision.rawValue
  @Option(help: "Threads that compute (default: one for each core that the process may use).")
  var threads: Int?
  @Option(help: ArgumentHelp("Write event files for TensorBoard to this folder, too.", valueName: "dir"))
  var tensorboard: String?
  @Option(help: "Updates between lines of log.jsonl.")
  var logEvery = defaults.logEvery
  @Option(help: "Updates between checkpoints, beside the one at the end and the best; 0: only these.")
  var checkpointEvery = defaults.checkpointEvery
  @Option(help: "How many of these checkpoints are kept, beside the best.")
  var keep = defaults.keep
  @Option(help: ArgumentHelp("Stop with a checkpoint after so long; exit status 75.", valueName: "minutes"))
  var stopAfter: Double?

  func apply(to configuration: inout TrainingConfiguration) throws {
    configuration.negatives = try choice("--negatives", NegativeStrategy(name: negatives)?.rawValue ?? negatives)
    configuration.precision = try choice("--precision", precision)
    configuration.crop = try choice("--crop", crop)
    configuration.schedule = try choice("--schedule", schedule)
    guard numNegatives == "all" || Int(numNegatives) != nil else {
      throw Failure(.usage, "--num-negatives \(numNegatives) is neither all nor a number")
    }
    guard stopAfter ?? 1 > 0 else { throw Failure(.usage, "--stop-after must be positive") }
    configuration.negativeCount = Int(numNegatives)
    switch preset {
    case nil: configuration.accumulate = accumulate ?? defaults.accumulate
    // Every other default is the paper's already. Its 8 GPUs drew their negatives each from their own 8 windows.
    case "paper": configuration.accumulate = accumulate ?? 8
    case .some(let name): throw Failure(.usage, "--preset \(name) is not known", hint: "paper")
    }
    configuration.warmup = warmup
    configuration.clip = clip
    configuration.keep = keep
    configuration.updates = updates
    configuration.batch = batch
    configuration.learningRate = learningRate
    configuration.seed = seed
    configuration.buffer = buffer
    configuration.logEvery = logEvery
    configuration.checkpointEvery = checkpointEvery
  }
}

struct ValidationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Which split of the dataset (default: the one named default, if any).", valueName: "name"))
  var splitName: String?
  @Option(help: ArgumentHelp("The part of the split to validate on (default: valid, if any).", valueName: "part"))
  var validSplit: String?
  @Option(help: "Share of the training utterances to hold out where there is no such part; 0 holds out none.")
  var validFraction = defaults.validFraction
  @Option(help: "Most batches that a validation takes.")
  var validBatches = defaults.validBatches
  @Option(help: "Updates between validations, beside the one at the end; 0: only that.")
  var validEvery = defaults.validEvery

  func apply(to configuration: inout TrainingConfiguration) {
    configuration.validFraction = validFraction
    configuration.validBatches = validBatches
    configuration.validEvery = validEvery
  }
}
