import ArgumentParser
import FileIO
import Models
import RunOptions
import Training

private let defaults = TrainingConfiguration()
private let audio = AudioSpecification()

struct TrainingOptions: ParsableArguments {
  @Option(help: "Updates to make; a record stream may end before. (default: \(defaults.updates))")
  var updates: Int?
  @Option(help: "Step size of Adam. (default: \(defaults.learningRate))")
  var learningRate: Double?
  @Option(
    help: ArgumentHelp(
      "How the step size moves after the warm-up. (default: \(defaults.schedule.rawValue))",
      valueName: "constant|cosine"))
  var schedule: String?
  @Option(help: "Updates over which the step size rises to its value. (default: \(defaults.warmup))")
  var warmup: Int?
  @Option(help: "Largest gradient norm, larger gradients are scaled down to it; 0: no bound.")
  var clip = defaults.clip
  @Option(help: "Windows in the shuffle buffer of a record stream, of audio 40 KiB each.")
  var buffer = defaults.buffer
  @Option(
    help: ArgumentHelp(
      "What the factors of matrix products are rounded to; sums, parameters and checkpoints stay in fp32. bf16 is faster "
        + "where the processor has AMX or AVX512_BF16 (cpc-inspect machine).", valueName: "fp32|bf16"))
  var precision = audio.precision.rawValue
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
    configuration.specification.precision = try choice("precision", precision)
    if let schedule { configuration.schedule = try choice("schedule", schedule) }
    guard stopAfter ?? 1 > 0 else { throw Failure(.usage, "--stop-after must be positive") }
    if let warmup { configuration.warmup = warmup }
    configuration.clip = clip
    configuration.keep = keep
    if let updates { configuration.updates = updates }
    if let learningRate { configuration.learningRate = learningRate }
    configuration.buffer = buffer
    configuration.logEvery = logEvery
    configuration.checkpointEvery = checkpointEvery
  }
}

struct ValidationOptions: ParsableArguments {
  @Option(help: "Most batches that a validation takes.")
  var validBatches = defaults.validBatches
  @Option(help: "Updates between validations, beside the one at the end; 0: only that.")
  var validEvery = defaults.validEvery

  func apply(to configuration: inout TrainingConfiguration) {
    configuration.validBatches = validBatches
    configuration.validEvery = validEvery
  }
}
