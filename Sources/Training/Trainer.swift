public import FileIO
import Kernels
import Models
public import Networks
import OrderedJSON
import Sampling

/// What a run came to.
public struct TrainingSummary: Sendable {
  public var updates: Int
  /// Why it ended before the wanted number of updates, if it did.
  public var endedEarly: EndReason?
  /// Means over the last interval of the log.
  public var training: ContrastiveMetrics?
  /// Of the final validation; nil where there was nothing to validate on.
  public var heldOut: Validation?
  public var checkpoint: String
  /// Of the updates made by this process.
  public var secondsPerUpdate: Double
  /// Batches of an update that the data, or the run, ended in, and that changed nothing.
  public var unusedBatches = 0

  public enum EndReason: Sendable { case dataEnded, stopped }
}

/// What whoever watches a trainer wants of it; asked between the batches of updates and of validations.
public enum TrainingRequest: Sendable {
  case goOn
  /// Write a checkpoint now.
  case checkpoint
  /// Write a checkpoint and end.
  case stop
}

/// Ends a validation that is not finished.
private struct StopRequest: Error {}

/// Trains a model: batches in, log and checkpoints out.
///
/// After each update it owes, in this order, a line of the log, a validation and a checkpoint, each if it is due; so
/// what a checkpoint's state covers is in the log, and a run that goes on from it ends with the same bytes. Whatever
/// error ends a run, a checkpoint comes first, unless the error is that none can be written or none is worth it.
public final class Trainer {
  let configuration: TrainingConfiguration
  let source: any BatchSource
  let folder: RunFolder
  let model: any TrainableModel<Float>
  let workers: Workers
  let commonTask: CommonTask?
  var events: EventFile?
  let clock = PhaseClock()
  let adam: Adam<Float>
  /// What determines the run's numbers.
  public internal(set) var identity: RunIdentity
  var state = TrainingState()
  /// Held-out windows known so far.
  var heldOutWindows = 0
  /// Whether there is something that the latest checkpoint does not hold.
  var isUnsaved = true
  /// False when parameters are ruined, or when a checkpoint could not be written.
  var canSave = true
  /// The latest checkpoint's digest; empty if it has none.
  var checkpointDigest = ""
  /// The batches of the next update that have been made.
  var partial = TrainingInterval()
  var origins: [WindowOrigin] = []
  private var last: ContrastiveMetrics?
  /// The checkpoint that the run went on from, if it is of the version that had no digest.
  public private(set) var uncheckedCheckpoint: String?
  /// The threads that the run had before, if they are others now: later digits may then differ.
  public private(set) var earlierThreads: Int?
  /// Where the first parameters came from, if this process began the run and they are not its seed's.
  public private(set) var origin: InitialParameters.Origin?

  /// Goes on from the folder's latest checkpoint, if there is one.
  ///
  /// - Parameter initial: what the run begins with; where it goes on, they are not read again.
  public init(
    _ configuration: TrainingConfiguration, source: any BatchSource, data: DataIdentity, folder: RunFolder,
    threads: Int, initial: InitialParameters? = nil, tensorBoard: String? = nil
  ) throws {
    self.configuration = configuration
    self.source = source
    self.folder = folder
    workers = Workers(count: threads)
    identity = RunIdentity(configuration, threads: threads, data: data)
    let checkpoint = try folder.latest().map { try folder.open($0) }
    if let checkpoint {
      checkpointDigest = checkpoint.digest ?? ""
      if checkpointDigest.isEmpty { uncheckedCheckpoint = checkpoint.path }
      let earlier = checkpoint.facts.identity
      if let initial { identity.settings["init"] = initial.continued(earlier.settings["init"]) }
      try identity.checkContinuation(of: earlier, path: folder.path)
      if let before = earlier.threads, before != threads { earlierThreads = before }
    }
    model = configuration.makeModel(workers)
    commonTask = source.heldOut == nil ? nil : CommonTask(model, workers)
    adam = Adam(model.parameters)
    heldOutWindows = source.heldOut?.windowCount ?? 0
    if let checkpoint {
      try checkpoint.read(adam)
      let facts = checkpoint.facts
      state = facts.state
      identity.data = facts.identity.data
      isUnsaved = false
      guard state.fits(configuration) else {
        throw Failure(.corrupt, path: checkpoint.path, "the checkpoint's state is not one of a run with its flags")
      }
      partial =
        try Accumulation.read(
          into: adam.parameters, batches: configuration.accumulate, of: checkpointDigest, from: folder.accumulationPath)
        ?? partial
      try folder.cutLogs(after: state)
    } else {
      model.initialize(seed: configuration.seed)
      if let initial {
        let origin = try initial.set(model, configuration.specification)
        identity.settings["init"] = .object(origin.json)
        try folder.log(origin.line)
        self.origin = origin
      }
    }
    if let tensorBoard {
      events = try EventFile(folder: tensorBoard, from: state.update)
      try events?.addSettings(identity.settings, step: state.update)
    }
  }

  /// Updates made before this process.
  public var update: Int { state.update }

  /// Runs to the end, to the end of the data, or until `request` says so.
  public func run(
    progress: ProgressHandler = { _ in }, request: () -> TrainingRequest = { .goOn }
  ) throws -> TrainingSummary {
    try folder.requireSpace(forCheckpoint: Checkpoint.size(adam))
    do { return try runToEnd(progress, request) } catch { throw saved(from: error) }
  }

  private func runToEnd(_ progress: ProgressHandler, _ request: () -> TrainingRequest) throws -> TrainingSummary {
    try folder.logTiming(environment())
    let batches = Prefetcher(
      source, from: state.update * configuration.accumulate + partial.batches, windows: configuration.batch,
      inputCount: configuration.specification.inputCount)
    let first = state.update
    var spent = (updates: 0, seconds: 0.0)
    var ended: TrainingSummary.EndReason?
    var asked = TrainingRequest.goOn
    var heldOut: Validation?
    func ask() {
      let answer = request()
      if answer != .goOn { asked = answer }
    }
    progress(Progress(done: first, total: configuration.updates, unit: "updates"))
    while true {
      let isLast = state.update == configuration.updates || ended == .dataEnded
      if isLast || isDue(configuration.logEvery), state.interval.updates > 0 {
        spent = (spent.updates + clock.updates, spent.seconds + clock.seconds)
        try log()
      }
      var isBest = false
      if isLast || isDue(configuration.validEvery), state.validated < state.update {
        // A validation that an earlier process left undone is finished, so that each process gets further.
        let mayStop = state.update > first
        do {
          (heldOut, isBest) = try validateAndLog {
            progress($0)
            if asked != .stop { ask() }
            if mayStop, asked == .stop { throw StopRequest() }
          }
        } catch is StopRequest {}
      }
      if asked == .stop, !isLast || state.validated < state.update {
        try saveAll()
        ended = .stopped
        break
      }
      if isLast || isBest || asked == .checkpoint || isDue(configuration.checkpointEvery) { try save() }
      if isLast { break }
      clock.restart()
      asked = .goOn
      let outcome = try makeUpdate(batches) {
        progress(report())
        ask()
        return asked == .stop
      }
      switch outcome {
      case .made:
        clock.endUpdate()
        progress(report())
        ask()
      case .dataEnded: ended = .dataEnded
      case .stopped: break
      }
    }
    if heldOut == nil, ended != .stopped { heldOut = validate(progress) }
    if ended != .stopped { try events?.endSession(step: state.update) }
    spent = (spent.updates + clock.updates, spent.seconds + clock.seconds)
    return TrainingSummary(
      updates: state.update, endedEarly: ended, training: state.interval.metrics ?? last, heldOut: heldOut,
      checkpoint: folder.checkpointPath(update: state.update),
      secondsPerUpdate: spent.updates > 0 ? spent.seconds / Double(spent.updates) : 0,
      unusedBatches: source.isRepeatable ? 0 : partial.batches)
  }

  func isDue(_ every: Int, _ update: Int) -> Bool { every > 0 && update > 0 && update % every == 0 }
  private func isDue(_ every: Int) -> Bool { isDue(every, state.update) }

  private func environment() throws -> JSONObject {
    let choice = try MatrixLibrary.choice()
    return [
      "type": .string("environment"), "update": .int(state.update), "openblas_core": .string(choice.core),
      "openblas_pins": .array(MatrixLibrary.pins.map { .string($0) }), "matrix_library": choice.json,
      "processor": .string(Processor.current.name), "vector_level": .string(VectorLevel.name),
      "precision": .string(configuration.specification.precision.rawValue), "bf16": bfloat16,
      "threads": .int(workers.count),
    ]
  }

  /// What multiplies bfloat16 numbers, where they are.
  private var bfloat16: JSON {
    guard configuration.specification.precision == .bfloat16 else { return .null }
    return .object([
      "onednn": BFloat16Products.version.map { .string($0) } ?? .null,
      "implementation": BFloat16Products.implementation.map { .string($0) } ?? .null,
      "reason": BFloat16Products.reason.map { .string($0) } ?? .null,
    ])
  }

  private func log() throws {
    let rate = configuration.learningRate(update: state.update)
    let norm = state.interval.gradientNorm
    try folder.log(state.interval.line(update: state.update, learningRate: rate))
    last = state.interval.metrics
    state.interval = TrainingInterval()
    isUnsaved = true
    let others = [(tag: "train/gradient_norm", value: norm), ("train/learning_rate", rate)]
    if let last { try events?.add(last.scalars("train", others), step: state.update) }
    guard clock.updates > 0 else { return }
    let windows = configuration.batch * configuration.accumulate
    try folder.logTiming(clock.line(update: state.update, windowsPerUpdate: windows))
    let speed = Double(clock.updates * windows) / clock.seconds
    try events?.add(
      [("speed/windows_per_second", speed), ("speed/data_wait", clock.seconds(.data))], step: state.update)
    clock.reset()
  }

  private func report() -> Progress {
    let batches = clock.updates * configuration.accumulate + partial.batches
    let rate = Double(batches * configuration.batch) / clock.seconds
    let metrics = partial.metrics ?? state.interval.metrics
    let loss = (metrics?.loss ?? .nan).rounded(to: 1000)
    return Progress(
      done: state.update, total: configuration.updates, unit: "updates",
      detail: "loss \(loss), k=1 \((100 * (metrics?.accuracies[0] ?? .nan)).rounded(to: 10)) %, "
        + "\(rate.rounded(to: 10)) windows/s"
        + (partial.batches > 0 ? ", batch \(partial.batches)/\(configuration.accumulate) of the next" : ""))
  }
}
