import ArgumentParser
import CommandSupport
import FileIO
import Kernels
import OrderedJSON
import Sampling
import Shards
import Training

@main
struct TrainCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-train",
    abstract: "Train contrastive predictive coding on shards or on a record stream.",
    discussion: """
      The model is the audio model of van den Oord et al. (2018): five strided convolutions of 512 channels, a GRU of \
      256 units, and one bilinear prediction for each of 12 steps ahead, trained with InfoNCE and Adam. Every default \
      that the paper states is the paper's.

      RUN becomes a folder with config.json, log.jsonl, checkpoints/ and latest, which names the newest checkpoint. A \
      checkpoint is a safetensors file whose tensors have the names and layouts of the same model in PyTorch.

      The result is a table of what the model does on held-out utterances: for each step ahead the loss (nats), how \
      often the true latent scores above all others (top-1) and above one other (pairwise). The held-out part is a \
      split of the dataset (cpc-split), or else a share of the training utterances, chosen by the seed.

      EXAMPLES
        Train on a dataset, for as long as the paper (Ctrl-C stops with a checkpoint):
          cpc-train ls100 -o run
        A first look, some minutes:
          cpc-train ls100 -o run --updates 400
        Straight from an archive, nothing in between on the disk:
          cpc-shard dev-clean.tar.gz -o - | cpc-train - -o run
        A smaller model, held-out results as JSON:
          cpc-train ls100 -o small --channels 256 --context 128 --updates 2000 --json
        Follow a run:
          tail -f run/log.jsonl | jq -c 'select(.type == "train") | [.update, .loss, .accuracy[0]]'
      """,
    version: toolsVersion)

  @OptionGroup var common: CommonOptions
  @OptionGroup var results: ResultOptions
  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Validation") var validation: ValidationOptions

  @Argument(help: "A dataset folder, or - for a record stream on standard input (cpc-shard … -o -).")
  var dataset: String?
  @Option(name: .shortAndLong, help: ArgumentHelp("The run's folder.", valueName: "run"))
  var output: String
  @Flag(help: "Replace the run that the folder holds.")
  var force = false

  func execute(_ console: Console) throws -> Bool {
    let configuration = try settings()
    try configuration.validate()
    let threads = training.threads ?? Workers.available
    guard (1...1024).contains(threads) else { throw Failure(.usage, "--threads must be from 1 to 1024") }
    guard let input = dataset ?? (File.standardInput.isTerminal ? nil : "-") else {
      throw Failure(.usage, "no dataset", hint: "name a dataset folder, or pipe a record stream")
    }
    try RunFolder.check(output, replacing: force)
    for pin in BLAS.pins {
      console.error("cpc-train: warning: \(pin) pins OpenBLAS (core \(BLAS.coreName)); unset it for full speed")
    }
    let data = try input == "-" ? stream(configuration, console) : folder(input, configuration, console)
    let run = try RunFolder(creating: output, replacing: force)
    var facts = configuration.json
    facts["gain"] = .real(data.source.scaling.gain)
    for (key, value) in data.facts.members { facts[key] = value }
    facts["version"] = .string(toolsVersion)
    try run.writeConfiguration(facts)
    let trainer = Trainer(
      configuration, source: data.source, datasetDigest: data.digest, folder: run, threads: threads)
    Interrupt.install()
    let summary = try trainer.run(progress: { console.show($0) }, shouldStop: { Interrupt.isRequested })
    console.finish()
    if let stream = data.source as? StreamBatches {
      console.note("stream: \(counted(stream.records, "record")) read, \(grouped(stream.padded)) padded left out")
    }
    let report = SummaryReport(summary, configuration)
    for note in report.notes { console.note(note) }
    try File.standardOutput.write(results.json ? report.json.compact + "\n" : report.table)
    return summary.endedEarly != .stopped
  }

  private struct RunData {
    var source: any BatchSource
    var digest: String
    var facts: JSONObject
  }

  private func folder(_ path: String, _ configuration: TrainingConfiguration, _ console: Console) throws -> RunData {
    let dataset = try Dataset(opening: path)
    let division = try DatasetDivision(
      dataset, split: validation.splitName, validPart: validation.validSplit, configuration: configuration)
    let source = try PlannedBatches(
      division.training, heldOut: division.heldOut, batch: configuration.batch, seed: configuration.seed,
      input: configuration.input, trainingDigest: division.trainingDigest)
    let heldOut = division.heldOut?.windowCount ?? 0
    console.note(
      "\(path): \(counted(division.training.windowCount, "window")) to train on, \(grouped(heldOut)) held out "
        + "(\(division.heldOutFrom)); left out: \(grouped(division.padded)) padded, \(grouped(division.unused)) of other parts"
    )
    console.note(
      "an epoch is \(counted(source.plan.batchesPerEpoch, "update")), "
        + "\(counted(source.plan.repeatedPerEpoch, "window")) in it twice to fill the last batch")
    return RunData(
      source: source, digest: dataset.digest,
      facts: [
        "dataset": .string(path), "dataset_digest": .string(dataset.digest),
        "training_windows": .int(division.training.windowCount), "held_out_windows": .int(heldOut),
        "held_out_from": .string(division.heldOutFrom), "padded_records": .int(division.padded),
      ])
  }

  private func stream(_ configuration: TrainingConfiguration, _ console: Console) throws -> RunData {
    guard validation.splitName == nil, validation.validSplit == nil else {
      throw Failure(.usage, "a record stream has no splits", hint: "--valid-fraction holds out a share of it")
    }
    guard !File.standardInput.isTerminal else {
      throw Failure(.usage, "standard input is a terminal", hint: "cpc-shard … -o - | cpc-train - -o RUN")
    }
    console.note("standard input: filling the buffer of \(counted(configuration.buffer, "window"))")
    let source = try StreamBatches(RecordStreamReader(.standardInput), configuration: configuration)
    return RunData(source: source, digest: "", facts: ["dataset": .string("-")])
  }

  private func settings() throws -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    try model.apply(to: &configuration)
    try training.apply(to: &configuration)
    validation.apply(to: &configuration)
    return configuration
  }
}
