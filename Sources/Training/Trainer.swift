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
  private var events: EventFile?
  let clock = PhaseClock()
  let adam: Adam<Float>
  var identity: RunIdentity
  var state = TrainingState()
  /// Held-out windows known so far.
  var heldOutWindows = 0
  /// Whether there is something that the latest checkpoint does not hold.
  var isUnsaved = true
  /// False when parameters are ruined, or when a checkpoint could not be written.
  var canSave = true
  /// The latest checkpoint's digest; empty if it has none.
  private var checkpointDigest = ""
  /// The batches of the next update that have been made.
  var partial = TrainingInterval()
  var origins: [WindowOrigin] = []
  private var last: ContrastiveMetrics?
  /// The checkpoint that the run went on from, if it is of the version that had no digest.
  public private(set) var uncheckedCheckpoint: String?

  /// Goes on from the folder's latest checkpoint, if there is one.
  public init(
    _ configuration: TrainingConfiguration, source: any BatchSource, data: DataIdentity, folder: RunFolder,
    threads: Int, tensorBoard: String? = nil
  ) throws {
    self.configuration = configuration
    self.source = source
    self.folder = folder
    workers = Workers(count: threads)
    identity = RunIdentity(configuration, threads: threads, data: data)
    let checkpoint = try folder.latest()
    if let checkpoint {
      checkpointDigest = try folder.check(checkpoint) ?? ""
      if checkpointDigest.isEmpty { uncheckedCheckpoint = checkpoint }
      try identity.checkContinuation(of: Checkpoint.readFacts(from: checkpoint).identity, path: folder.path)
    }
    model = configuration.makeModel(workers)
    commonTask = source.heldOut == nil ? nil : CommonTask(model, workers)
    adam = Adam(model.parameters)
    heldOutWindows = source.heldOut?.windowCount ?? 0
    if let checkpoint {
      let facts = try Checkpoint.read(adam, from: checkpoint)
      state = facts.state
      identity.data = facts.identity.data
      isUnsaved = false
      guard state.fits(configuration) else {
        throw Failure(.corrupt, path: checkpoint, "the checkpoint's state is not one of a run with its flags")
      }
      partial =
        try Accumulation.read(
          into: adam.parameters, batches: configuration.accumulate, of: checkpointDigest, from: folder.accumulationPath)
        ?? partial
      try folder.cutLogs(after: state)
    } else {
      model.initialize(seed: configuration.seed)
    }
    if let tensorBoard { events = try EventFile(folder: tensorBoard, from: state.update) }
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
    spent = (spent.updates + clock.updates, spent.seconds + clock.seconds)
    return TrainingSummary(
      updates: state.update, endedEarly: ended, training: state.interval.metrics ?? last, heldOut: heldOut,
      checkpoint: folder.checkpointPath(update: state.update),
      secondsPerUpdate: spent.updates > 0 ? spent.seconds / Double(spent.updates) : 0,
      unusedBatches: source.isRepeatable ? 0 : partial.batches)
  }

  private func isDue(_ every: Int, _ update: Int) -> Bool { every > 0 && update > 0 && update % every == 0 }
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
    try folder.log(state.interval.line(update: state.update, learningRate: rate))
    last = state.interval.metrics
    state.interval = TrainingInterval()
    isUnsaved = true
    if let last { try events?.add(last.scalars("train") + [("train/learning_rate", rate)], step: state.update) }
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

// MARK: - Validation and checkpoints

extension Trainer {
  /// `betweenBatches` may throw, which leaves everything as it was.
  private func validateAndLog(_ betweenBatches: (Progress) throws -> Void) throws -> (Validation?, isBest: Bool) {
    let validation = try validate(betweenBatches)
    if let validation, !validation.isFinite {
      throw try diverged(at: state.update, "the loss on the held-out windows is not a number")
    }
    try source.heldOut?.checkIntact()
    if let validation { try folder.log(validation.line(update: state.update)) }
    state.validated = state.update
    isUnsaved = true
    guard let validation, let loss = validation.loss else { return (nil, false) }
    let isBest = loss < state.best?.loss ?? .infinity
    if isBest { state.best = TrainingState.Best(update: state.update, loss: loss) }
    let scalars = (validation.own?.scalars("held_out") ?? []) + (validation.common?.scalars("common") ?? [])
    try events?.add(scalars, step: state.update)
    return (validation, isBest)
  }

  private func save() throws {
    do {
      if isUnsaved {
        try folder.synchronizeLog()
        let facts = Checkpoint.Facts(identity: identity, state: state)
        checkpointDigest = try Checkpoint.write(
          adam, facts, source.transform, to: folder.checkpointPath(update: state.update))
      }
      // Also where there is nothing new: an earlier process may have ended before it had removed what is not wanted.
      try folder.publish(update: state.update, best: state.best?.update, keep: configuration.keep) {
        isDue(configuration.checkpointEvery, $0) || $0 == configuration.updates
      }
      isUnsaved = false
      if partial.batches == 0 { try Folder.remove(file: folder.accumulationPath) }
    } catch {
      canSave = false
      throw folder.explained(error, checkpointSize: Checkpoint.size(adam))
    }
  }

  /// Saves also what has been made of the next update, where the data can be had again to go on with it.
  private func saveAll() throws {
    try save()
    guard partial.batches > 0, source.isRepeatable else { return }
    do {
      try Accumulation.write(adam.parameters, partial, of: checkpointDigest, to: folder.accumulationPath)
    } catch { throw folder.explained(error, checkpointSize: Checkpoint.size(adam)) }
  }

  /// Saves what there is before a run ends with an error; returns the error, which then says so.
  private func saved(from error: any Error) -> any Error {
    guard canSave, state.update > 0 || partial.batches > 0 else { return error }
    let what: String
    do {
      try saveAll()
      what = "saved before: \(folder.checkpointPath(update: state.update))"
    } catch { what = "and no checkpoint could be saved: \(error)" }
    guard var failure = error as? Failure else { return Failure(.system, path: folder.path, "\(error)", hint: what) }
    failure.hint = [failure.hint, what].compactMap { $0 }.joined(separator: "; ")
    return failure
  }
}
