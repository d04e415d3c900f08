import ArgumentParser
import CommandSupport
import FileIO
import Models
import RunOptions
import Training

private let defaults = TrainingConfiguration()
private let audio = AudioSpecification()

struct TrainingOptions: ParsableArguments {
  @Option(
    help: "Updates to make; a record stream may end before. (default: \(defaults.updates))", transform: readCount)
  var updates: Int?
  @Option(help: "Step size of Adam. (default: \(defaults.learningRate))")
  var learningRate: Double?
  @Option(
    help: ArgumentHelp(
      "How the step size moves after the warm-up. (default: \(defaults.schedule.rawValue))",
      valueName: "constant|cosine"), completion: choices(LearningRateSchedule.self))
  var schedule: String?
  @Option(
    help: "Updates over which the step size rises to its value. (default: \(defaults.warmup))", transform: readCount)
  var warmup: Int?
  @Option(
    help: "Largest gradient norm, larger gradients are scaled down to it; 0: no bound. (default: \(defaults.clip))")
  var clip: Double?
  @Option(
    help: "Windows in the shuffle buffer of a record stream, of audio 40 KiB each. (default: \(defaults.buffer))",
    transform: readCount)
  var buffer: Int?
  @Option(
    help: ArgumentHelp(
      "What the factors of matrix products are rounded to; sums, parameters and checkpoints stay in fp32. bf16 is faster "
        + "where the processor has AMX or AVX512_BF16 (cpc-inspect machine). (default: \(audio.precision.rawValue))",
      valueName: "fp32|bf16"), completion: choices(Precision.self))
  var precision: String?
  @Option(
    help: """
      Threads that compute. (default: one for each core that the process may use; where a run goes on, as many as it had)
      """, transform: readCount)
  var threads: Int?
  @Option(
    help: ArgumentHelp("Write event files for TensorBoard to this folder, too.", valueName: "dir"),
    completion: .directory)
  var tensorboard: String?
  @Option(help: "Updates between lines of log.jsonl. (default: \(defaults.logEvery))", transform: readCount)
  var logEvery: Int?
  @Option(
    help: """
      Updates between checkpoints, beside the one at the end and the best; 0: only these. (default: \
      \(defaults.checkpointEvery))
      """, transform: readCount)
  var checkpointEvery: Int?
  @Option(
    help: "How many of these checkpoints are kept, beside the best. (default: \(defaults.keep))", transform: readCount)
  var keep: Int?
  @Option(help: ArgumentHelp("Stop with a checkpoint after so long; exit status 75.", valueName: "minutes"))
  var stopAfter: Double?

  func apply(to configuration: inout TrainingConfiguration) throws {
    guard stopAfter ?? 1 > 0 else { throw Failure(.usage, "--stop-after must be positive") }
    if let precision { configuration.specification.precision = try choice("precision", precision) }
    if let schedule { configuration.schedule = try choice("schedule", schedule) }
    if let warmup { configuration.warmup = warmup }
    if let clip { configuration.clip = clip }
    if let keep { configuration.keep = keep }
    if let updates { configuration.updates = updates }
    if let learningRate { configuration.learningRate = learningRate }
    if let buffer { configuration.buffer = buffer }
    if let logEvery { configuration.logEvery = logEvery }
    if let checkpointEvery { configuration.checkpointEvery = checkpointEvery }
  }
}

struct ValidationOptions: ParsableArguments {
  @Option(help: "Most batches that a validation takes. (default: \(defaults.validBatches))", transform: readCount)
  var validBatches: Int?
  @Option(
    help: """
      Updates between validations, beside the one at the end; 0: only that. (default: \(defaults.validEvery))
      """, transform: readCount)
  var validEvery: Int?

  func apply(to configuration: inout TrainingConfiguration) {
    if let validBatches { configuration.validBatches = validBatches }
    if let validEvery { configuration.validEvery = validEvery }
  }
}
