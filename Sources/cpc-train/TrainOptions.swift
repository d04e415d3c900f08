import ArgumentParser
import FileIO
import Sampling
import Training

private let defaults = TrainingConfiguration()

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

  func apply(to configuration: inout TrainingConfiguration) throws {
    guard let scale = InputScale(rawValue: input) else {
      throw Failure(.usage, "--input \(input) is not known", hint: "gain, window or raw")
    }
    configuration.input = scale
    configuration.shape.channels = channels
    configuration.shape.context = context
    configuration.shape.stepsAhead = stepsAhead
  }
}

struct TrainingOptions: ParsableArguments {
  @Option(help: "Updates to make; a record stream may end before.")
  var updates = defaults.updates
  @Option(help: "Windows of 1.28 s in a batch; all latents of a batch are candidates.")
  var batch = defaults.batch
  @Option(help: "Step size of Adam.")
  var learningRate = defaults.learningRate
  @Option(
    help: ArgumentHelp(
      "How negatives are drawn. mixed-speaker: batches over all speakers, every other latent of the batch.",
      valueName: "strategy"))
  var negatives = defaults.negatives.rawValue
  @Option(help: "Seed of the initial parameters, the order of data and the held-out share.")
  var seed = defaults.seed
  @Option(help: "Windows in the shuffle buffer of a record stream, 40 KiB each.")
  var buffer = defaults.buffer
  @Option(help: "Threads that compute (default: all cores).")
  var threads: Int?
  @Option(help: "Updates between lines of log.jsonl.")
  var logEvery = defaults.logEvery
  @Option(help: "Updates between checkpoints, beside the one at the end; 0: only that. The latest is kept.")
  var checkpointEvery = defaults.checkpointEvery

  func apply(to configuration: inout TrainingConfiguration) throws {
    guard let strategy = NegativeStrategy(rawValue: negatives) else {
      throw Failure(
        .usage, "--negatives \(negatives) is not known",
        hint: NegativeStrategy.allCases.map(\.rawValue).joined(separator: ", "))
    }
    configuration.negatives = strategy
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
