public import FileIO
import Kernels
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

  public enum EndReason: Sendable { case dataEnded, stopped }
}

/// What whoever watches a trainer wants of it; asked after each update and between the batches of a validation.
public enum TrainingRequest: Sendable {
  case goOn
  /// Write a checkpoint now.
  case checkpoint
  /// Write a checkpoint and end.
  case stop
}

/// Ends a validation that is not finished.
private struct StopRequest: Error {}

/// Trains the audio model: batches in, log and checkpoints out.
///
/// After each update it owes, in this order, a line of the log, a validation and a checkpoint, each if it is due; so
/// what a checkpoint's state covers is in the log, and a run that goes on from it ends with the same bytes.
public final class Trainer {
  let configuration: TrainingConfiguration
  let source: any BatchSource
  let folder: RunFolder
  let model: AudioModel<Float>
  let workers: Workers
  let commonTask: CommonTask?
  private var events: EventFile?
  private let clock = PhaseClock()
  private let adam: Adam<Float>
  var identity: RunIdentity
  var state = TrainingState()
  /// Held-out windows known so far.
  var heldOutWindows = 0
  /// Whether there is something that the latest checkpoint does not hold.
  private var isUnsaved = true
  private var last: ContrastiveMetrics?

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
      try identity.checkContinuation(of: Checkpoint.readFacts(from: checkpoint).identity, path: folder.path)
    }
    model = AudioModel(
      configuration.shape, windows: configuration.batch, pool: configuration.negatives.pool,
      negatives: configuration.negativeCount, seed: configuration.seed, workers: workers)
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
    try folder.logTiming(environment)
    let batches = Prefetcher(
      source, from: state.update * configuration.accumulate, windows: configuration.batch,
      window: configuration.shape.window)
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
        try save()
        ended = .stopped
        break
      }
      if isLast || isBest || asked == .checkpoint || isDue(configuration.checkpointEvery) { try save() }
      if isLast { break }
      clock.restart()
      let isMade = try makeUpdate(batches)
      if isMade {
        clock.endUpdate()
        progress(report())
        asked = .goOn
        ask()
      } else {
        ended = .dataEnded
      }
      if !isMade || state.update == configuration.updates || isDue(configuration.logEvery) {
        spent = (spent.updates + clock.updates, spent.seconds + clock.seconds)
        try log()
      }
    }
    if heldOut == nil, ended != .stopped { heldOut = validate(progress) }
    spent = (spent.updates + clock.updates, spent.seconds + clock.seconds)
    return TrainingSummary(
      updates: state.update, endedEarly: ended, training: state.interval.metrics ?? last, heldOut: heldOut,
      checkpoint: folder.checkpointPath(update: state.update),
      secondsPerUpdate: spent.updates > 0 ? spent.seconds / Double(spent.updates) : 0)
  }

  private func isDue(_ every: Int, _ update: Int) -> Bool { every > 0 && update > 0 && update % every == 0 }
  private func isDue(_ every: Int) -> Bool { isDue(every, state.update) }

  private var environment: JSONObject {
    [
      "type": .string("environment"), "update": .int(state.update), "openblas_core": .string(BLAS.coreName),
      "openblas_pins": .array(BLAS.pins.map { .string($0) }), "threads": .int(workers.count),
    ]
  }

  private func log() throws {
    guard state.interval.updates > 0 else { return }
    let rate = configuration.learningRate(update: state.update)
    try folder.log(state.interval.line(update: state.update, learningRate: rate))
    if let metrics = state.interval.metrics {
      try events?.add(metrics.scalars("train") + [("train/learning_rate", rate)], step: state.update)
    }
    last = state.interval.metrics
    state.interval = TrainingInterval()
    guard clock.updates > 0 else { return }
    let windows = configuration.batch * configuration.accumulate
    try folder.logTiming(clock.line(update: state.update, windowsPerUpdate: windows))
    let speed = Double(clock.updates * windows) / clock.seconds
    try events?.add(
      [("speed/windows_per_second", speed), ("speed/data_wait", clock.seconds(.data))], step: state.update)
    clock.reset()
  }

  private func report() -> Progress {
    let rate = Double(clock.updates * configuration.batch * configuration.accumulate) / clock.seconds
    let metrics = state.interval.metrics
    let loss = (metrics?.loss ?? .nan).rounded(to: 1000)
    return Progress(
      done: state.update, total: configuration.updates, unit: "updates",
      detail: "loss \(loss), k=1 \((100 * (metrics?.accuracies[0] ?? .nan)).rounded(to: 10)) %, "
        + "\(rate.rounded(to: 10)) windows/s")
  }
}

// MARK: - One update

extension Trainer {
  /// Changes all parameters once; false if there are no more data.
  private func makeUpdate(_ batches: Prefetcher) throws -> Bool {
    adam.clearGradients()
    var sum: ContrastiveMetrics?
    var speakers = 0
    var origins: [WindowOrigin] = []
    let first = state.update * configuration.accumulate
    for number in first..<first + configuration.accumulate {
      guard let batch = try batches.next() else { return false }
      clock.end(.data)
      heldOutWindows = batch.heldOut
      identity.data.training = batch.trainingDigest
      speakers += batch.speakers
      origins += batch.origins
      load(batch)
      model.forward(clock)
      let metrics = model.backward(batch: number, clock)
      if sum == nil { sum = metrics } else { sum!.add(metrics) }
    }
    let metrics = sum!
    var scale = 1 / Double(configuration.accumulate)
    let norm = scale * adam.gradientNorm(workers)
    try checkProgress(metrics, norm, origins)
    // As torch.nn.utils.clip_grad_norm_.
    if configuration.clip > 0 { scale *= min(1, configuration.clip / (norm + 1e-6)) }
    state.update += 1
    adam.update(learningRate: configuration.learningRate(update: state.update), gradientScale: scale, workers)
    clock.end(.optimizer)
    state.interval.add(metrics, batches: configuration.accumulate, gradientNorm: norm, speakers: speakers)
    isUnsaved = true
    return true
  }

  /// A loss that is no number, or far worse than a blind guess, changes nothing and ends the run.
  private func checkProgress(_ metrics: ContrastiveMetrics, _ norm: Double, _ origins: [WindowOrigin]) throws {
    guard !metrics.loss.isFinite || !norm.isFinite || metrics.loss >= 20 * metrics.logCandidates else { return }
    let records = origins.map(\.description).joined(separator: ", ")
    throw try diverged(
      at: state.update + 1, "loss \(metrics.loss), gradient norm \(norm); the batch was \(records)")
  }

  /// The parameters made by the last update have failed, so a good checkpoint is older than that.
  private func diverged(at update: Int, _ how: String) throws -> Failure {
    let good = try folder.checkpoint(before: state.update)
    return Failure(
      .badInput, path: folder.path, at: "update \(update)", "training diverged: \(how)",
      hint: "a smaller --learning-rate, --clip, or another --input; the last good checkpoint is "
        + (good ?? "none: there is none"))
  }

  func load(_ batch: Batch) {
    for w in 0..<batch.windows {
      model.input(w).update(from: batch.samples.pointer + w * batch.window, count: batch.window)
    }
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
    state.validated = state.update
    isUnsaved = true
    guard let validation, let loss = validation.loss else { return (nil, false) }
    try folder.log(validation.line(update: state.update))
    let scalars = (validation.own?.scalars("held_out") ?? []) + (validation.common?.scalars("common") ?? [])
    try events?.add(scalars, step: state.update)
    guard loss < state.best?.loss ?? .infinity else { return (validation, false) }
    state.best = TrainingState.Best(update: state.update, loss: loss)
    return (validation, true)
  }

  private func save() throws {
    if isUnsaved {
      try folder.synchronizeLog()
      let facts = Checkpoint.Facts(identity: identity, state: state, scaling: source.scaling)
      try Checkpoint.write(adam, facts, to: folder.checkpointPath(update: state.update))
    }
    // Also where there is nothing new: an earlier process may have ended before it had removed what is not wanted.
    try folder.publish(update: state.update, best: state.best?.update, keep: configuration.keep) {
      isDue(configuration.checkpointEvery, $0) || $0 == configuration.updates
    }
    isUnsaved = false
  }
}
