import ArgumentParser
import CommandSupport
import FileIO
import Kernels
import Models
import OrderedJSON
import RunOptions
import Sampling
import Shards
import Training

@main
struct TrainCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-train",
    abstract: "Train contrastive predictive coding on shards or on a record stream.",
    discussion: """
      The models are those of van den Oord et al. (2018), chosen by the records; each has one bilinear prediction for \
      each step ahead, and is trained with InfoNCE and Adam. Every default that the paper states is the paper's, but for \
      the GPUs that shared an update (--preset paper).

        audio   five strided convolutions of 512 channels, a GRU of 256 units, 12 steps ahead
        images  7 × 7 patches of 64 × 64 that overlap by half, each by a residual network up to its third block; masked \
      convolutions over the rows of patches; 5 rows below. Chance moves, turns and jitters what is cut out.
        texts   a vector for each word, a convolution, the mean over a sentence; a GRU over sentences; 3 sentences ahead

      RUN becomes a folder with config.json, log.jsonl, timing.jsonl, checkpoints/, and latest and best, which name \
      checkpoints. A checkpoint is a safetensors file whose tensors have the names and layouts of the same model in \
      PyTorch. The log and the checkpoints of a run depend on its flags, its data, the machine and the number of threads \
      alone; what depends on the hour is in timing.jsonl.

      With --resume the same command starts a run or goes on with it, and however often it was interrupted the run ends \
      with the same bytes. It refuses if data or flags have changed, but for how often it logs and saves, for more \
      --updates with a constant step size, and for --threads, whose number the last digits depend on. cpc-train RUN \
      --resume alone goes on with the flags of RUN/config.json, in the folder where the run began if its dataset has a \
      relative path. Ctrl-C, SIGTERM, SIGHUP, SIGXCPU and --stop-after finish the batch and write a \
      checkpoint; the exit status is then 75: not finished, run me again with --resume (1 on a record stream, which \
      cannot be resumed). SIGUSR1 writes a checkpoint and goes on. An error that ends a run, as of a damaged disk or a \
      stream that breaks, comes after a checkpoint too. cpc-inspect verify RUN says whether checkpoints are intact.

      The result is a table of what the model does on held-out utterances: for each step ahead the loss (nats), how \
      often the true latent scores above all others (top-1) and above one other (pairwise). The held-out part is a \
      split of the dataset (cpc-split), or else a share of the training utterances, chosen by the seed.

      EXAMPLES
        Train on a dataset, as many updates as the paper (Ctrl-C: a checkpoint):
          cpc-train ls100 -o run
        The paper's update on one machine, a piece at a time:
          until cpc-train ls100 -o run --preset paper --resume \\
            --stop-after 60; [ $? != 75 ]; do :; done
        Some hours of speech, two hours of two cores:
          cpc-train small-corpus -o run --preset small
        Pictures; books:
          cpc-train pictures -o run-images --preset small
          cpc-train books -o run-texts --preset small
        128 negatives of the same speaker, learning curves for TensorBoard:
          cpc-train ls100 -o same --negatives same-speaker \\
            --num-negatives 128 --tensorboard tb/same
        A first look, some minutes:
          cpc-train ls100 -o run --updates 400
        Straight from an archive, nothing in between on the disk:
          cpc-shard dev-clean.tar.gz -o - | cpc-train - -o run
        A smaller model, held-out results as JSON:
          cpc-train ls100 -o small --channels 256 --context 128 --updates 2000 --json
        Go on with a run that was stopped:
          cpc-train run --resume
        The same once more with another seed:
          cpc-train ls100 -o run2 --config run/config.json --seed 2
        Begin with what another run has learnt:
          cpc-train mine -o tuned --config run/config.json --init run
          cpc-train mine -o tuned --steps-ahead 6 --init run \\
            --init-parts encoder,context
        Follow a run:
          tail -f run/log.jsonl | \\
            jq -c 'select(.type == "train") | [.update, .loss, .accuracy[0]]'
      """,
    version: toolsVersion)

  @OptionGroup var common: CommonOptions
  @OptionGroup var results: ResultOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var model: ModelFlags
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Validation") var validation: ValidationOptions

  @Argument(
    help: """
      A dataset folder, or - for a record stream on standard input (cpc-shard … -o -); with --resume and no -o, the folder \
      of the run that goes on.
      """, completion: .directory)
  var dataset: String?
  @Option(name: .shortAndLong, help: ArgumentHelp("The run's folder.", valueName: "run"), completion: .directory)
  var output: String?
  @Option(
    help: ArgumentHelp(
      """
      Settings to begin with: the config.json of a run. Flags change them; its data, its --threads, --init and \
      --tensorboard are not taken, except --split-name and --valid-split.
      """, valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?
  @OptionGroup(title: "Beginning") var beginning: InitialOptions
  @Flag(help: "Replace the run that the folder holds.")
  var force = false
  @Flag(
    help: """
      Go on with the run that the folder holds, from its latest checkpoint; start it if there is none. Where no file \
      latest names one, the newest is taken.
      """)
  var resume = false

  func validate() throws {
    guard !(force && resume) else { throw ValidationError("--force and --resume exclude each other") }
    guard output != nil || resume && dataset != nil else {
      throw ValidationError("-o must name the run's folder; with --resume it is enough to name that of a run")
    }
  }

  func execute(_ console: Console) throws -> Bool {
    let deadline = monotonicSeconds() + 60 * (training.stopAfter ?? .infinity)
    let start = try RunStart(dataset: dataset, output: output, isResumed: resume, config: config)
    let threads = try training.threads ?? start.threads ?? AvailableCores.current.count
    guard (1...1024).contains(threads) else { throw Failure(.usage, "--threads must be from 1 to 1024") }
    for warning in try MatrixLibrary.choice().warnings { console.warn(warning) }
    let records = try start.input == "-" ? stream() : .dataset(start.openDataset())
    guard start.file == nil || data.preset == nil else {
      throw Failure(.usage, "--preset does not go with the settings of \(start.file!.path), which name them all")
    }
    guard !start.isOfRun || beginning.checkpoint == nil else {
      throw Failure(
        .usage, "--init is for new runs: \(start.output) goes on as it began", hint: "another -o, without --resume")
    }
    let configuration = try settings(records, start.file)
    try MemoryNeed(configuration).check()
    let mode = force ? RunFolder.Mode.replace : resume ? .resume : .refuse
    let output = start.output
    try RunFolder.check(output, mode)
    let initial = try beginning.parameters() ?? start.initialParameters
    // Once more by the trainer: a run that is replaced must not be lost to what does not fit.
    if let initial, !start.goesOn {
      let origin = try initial.check(configuration.specification)
      if force { try beginning.requireKept(origin, of: output) }
      beginning.note(origin, console)
    }
    // The held-out table goes there in the end.
    try File.standardOutput.requireWritable()
    Interrupt.install()
    // A shard that is cut short while it is read ends the run with a checkpoint.
    MappedFile.rememberFaults()
    if configuration.specification.precision == .bfloat16, let reason = BFloat16Products.reason {
      console.note("bf16 gains nothing here: products are made in fp32 from rounded factors, since \(reason)")
    }
    let run = try run(records, start, configuration, console)
    let tensorBoard = try training.tensorboard ?? (start.isOfRun ? start.file?.tensorBoard() : nil)
    let runFolder = try RunFolder(output, mode)
    let trainer = try Trainer(
      configuration, source: run.source, data: run.identity, folder: runFolder, threads: threads, initial: initial,
      tensorBoard: tensorBoard)
    if runFolder.isLatestMissing, let newest = try runFolder.latest() {
      console.note("\(output): no file latest: going on from the newest checkpoint, \(newest)")
    }
    if let checkpoint = trainer.uncheckedCheckpoint {
      console.note("\(checkpoint): of an earlier version, without a digest: whether it is intact is not known")
    }
    if trainer.update > 0 { console.note("going on from update \(grouped(trainer.update))") }
    start.noteThreads(threads, before: trainer.earlierThreads, console)
    var facts = configuration.json
    for (key, value) in configuration.bookkeeping.members + run.source.transform.facts.members + run.facts.members {
      facts[key] = value
    }
    if let initial = trainer.identity.settings["init"] { facts["init"] = initial }
    if let tensorBoard { facts["tensorboard"] = .string(tensorBoard) }
    facts["threads"] = .int(threads)
    facts["version"] = .string(toolsVersion)
    try runFolder.writeConfiguration(facts)
    try MatrixLibrary.requireAddressSpace(threads: threads)
    let summary = try trainer.run(
      progress: { console.show($0) },
      request: { monotonicSeconds() < deadline ? Interrupt.request() : .stop })
    console.finish()
    if let counts = (run.source as? StreamBatches)?.counts {
      console.note(
        "stream: \(counted(counts.records, "record")) read; left out: \(counted(counts.shortEnds, "short end")), "
          + "\(grouped(counts.leftOut)) that made no batch, \(grouped(counts.heldOutLeftOut)) held out beyond --valid-batches"
      )
    }
    let report = SummaryReport(summary, configuration)
    for note in report.notes { console.note(note) }
    try File.standardOutput.write(results.json ? report.json.compact + "\n" : report.table)
    guard summary.endedEarly == .stopped else { return true }
    guard start.input != "-" else { throw ExitCode.failure }
    console.note("to go on: \(start.continuation(Self.toolName))")
    throw Self.unfinished
  }

  /// EX_TEMPFAIL of sysexits.h: stopped before the end, with a checkpoint; --resume goes on.
  private static let unfinished = ExitCode(75)

  private struct RunData {
    var source: any BatchSource
    var identity: DataIdentity
    var facts: JSONObject
  }

  /// What a run learns from.
  private enum Records {
    case dataset(Dataset)
    case stream(RecordStreamReader)
  }

  private func run(
    _ records: Records, _ start: RunStart, _ configuration: TrainingConfiguration, _ console: Console
  ) throws -> RunData {
    switch records {
    case .dataset(let dataset): return try run(dataset, start, configuration, console)
    case .stream(let reader):
      console.note("standard input: filling the buffer of \(counted(configuration.buffer, "window"))")
      let source = try StreamBatches(reader, configuration: configuration)
      return RunData(source: source, identity: DataIdentity(), facts: ["dataset": .string("-")])
    }
  }

  private func run(
    _ dataset: Dataset, _ start: RunStart, _ configuration: TrainingConfiguration, _ console: Console
  ) throws -> RunData {
    let path = dataset.folder
    try configuration.requireRecords(dataset.schema, path: path)
    let data = try start.completed(data)
    let division = try data.division(of: dataset, configuration)
    let source = try PlannedBatches(division, configuration)
    let heldOut = division.heldOut?.windowCount ?? 0
    console.note(
      "\(path): \(counted(division.training.windowCount, "window")) to train on, \(grouped(heldOut)) held out "
        + "(\(division.heldOutFrom)); left out: \(counted(division.shortEnds, "short end")), "
        + "\(grouped(division.unused)) of other parts"
    )
    console.note(
      "an epoch is \(counted(source.plan.batchesPerEpoch, "batch", "batches")), "
        + "\(counted(source.plan.repeatedPerEpoch, "window")) in it twice to fill last batches")
    if source.plan.leftOut.groups > 0 {
      console.note(
        "left out: \(counted(source.plan.leftOut.groups, "speaker")) with fewer windows than a batch takes, "
          + "\(counted(source.plan.leftOut.records, "window")) in all")
    }
    var facts: JSONObject = [
      "dataset": .string(path), "dataset_digest": .string(dataset.digest),
      "training_windows": .int(division.training.windowCount), "held_out_windows": .int(heldOut),
      "held_out_from": .string(division.heldOutFrom), "short_ends": .int(division.shortEnds),
      "left_out_windows": .int(source.plan.leftOut.records),
    ]
    if let name = data.splitName { facts["split_name"] = .string(name) }
    if let part = data.validSplit { facts["valid_split"] = .string(part) }
    return RunData(source: source, identity: division.data, facts: facts)
  }

  private func stream() throws -> Records {
    guard data.splitName == nil, data.validSplit == nil else {
      throw Failure(.usage, "a record stream has no splits", hint: "--valid-fraction holds out a share of it")
    }
    guard !File.standardInput.isTerminal else {
      throw Failure(.usage, "standard input is a terminal", hint: "cpc-shard … -o - | cpc-train - -o RUN")
    }
    return .stream(RecordStreamReader(.standardInput))
  }

  private func settings(_ records: Records, _ file: SettingsFile?) throws -> TrainingConfiguration {
    let (schema, path) =
      switch records {
      case .dataset(let dataset): (dataset.schema, dataset.folder)
      case .stream(let reader): (try reader.schema() ?? .audio, "standard input")
      }
    do { _ = try schema.defaultModel() } catch var failure as Failure {
      failure.path = path
      throw failure
    }
    var configuration = try data.configuration(of: schema, from: file)
    configuration.specification = try model.apply(to: configuration.specification)
    try training.apply(to: &configuration)
    validation.apply(to: &configuration)
    try configuration.validate()
    return configuration
  }
}
