public import FileIO
import Kernels
public import Networks
public import OrderedJSON
import Sampling

/// What a run came to.
public struct TrainingSummary: Sendable {
  public var updates: Int
  /// Why it ended before the wanted number of updates, if it did.
  public var endedEarly: EndReason?
  /// Means over the last interval of the log.
  public var training: ContrastiveMetrics?
  /// Of the final validation; nil where there was nothing to validate on.
  public var heldOut: ContrastiveMetrics?
  public var heldOutWindows: Int
  public var checkpoint: String
  public var secondsPerUpdate: Double

  public enum EndReason: Sendable { case dataEnded, stopped }
}

/// Trains the audio model: batches in, log and checkpoints out.
public final class Trainer {
  private let configuration: TrainingConfiguration
  private let source: any BatchSource
  private let datasetDigest: String
  private let folder: RunFolder
  private let workers: Workers
  private let model: AudioModel<Float>
  private let adam: Adam<Float>

  public init(
    _ configuration: TrainingConfiguration, source: any BatchSource, datasetDigest: String, folder: RunFolder,
    threads: Int
  ) {
    self.configuration = configuration
    self.source = source
    self.datasetDigest = datasetDigest
    self.folder = folder
    workers = Workers(count: threads)
    model = AudioModel(configuration.shape, windows: configuration.batch, workers: workers)
    model.initialize(seed: configuration.seed)
    adam = Adam(model.parameters)
  }

  /// What a log says of the machine.
  public static func environment(threads: Int) -> JSONObject {
    [
      "type": .string("environment"), "openblas_core": .string(BLAS.coreName), "threads": .int(threads),
      "openblas_pins": .array(BLAS.pins.map { .string($0) }),
    ]
  }

  /// Runs to the end, to the end of the data, or until `shouldStop`, which is asked after each update.
  public func run(
    progress: ProgressHandler = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> TrainingSummary {
    try folder.log(Self.environment(threads: workers.count))
    let batches = Prefetcher(source, windows: configuration.batch, window: configuration.shape.window)
    let clock = ContinuousClock()
    var interval = TrainingInterval()
    var last: ContrastiveMetrics?
    var spent = 0.0
    var known = 0
    var digest = ""
    var ended: TrainingSummary.EndReason?
    var update = 0
    while update < configuration.updates, ended == nil {
      let start = clock.now
      guard let batch = try batches.next() else {
        ended = .dataEnded
        break
      }
      let got = clock.now
      known = batch.heldOut
      digest = batch.trainingDigest
      let (metrics, norm) = try step(batch, update: update + 1)
      update += 1
      interval.add(metrics, gradientNorm: norm, speakers: batch.speakers)
      interval.waiting += seconds(got - start)
      interval.seconds += seconds(clock.now - start)
      spent += seconds(clock.now - start)
      progress(report(update, metrics, interval))
      if update < configuration.updates, shouldStop() { ended = .stopped }
      if due(configuration.logEvery, update) || update == configuration.updates {
        try folder.log(
          interval.line(update: update, learningRate: configuration.learningRate, batch: configuration.batch))
        last = interval.metrics
        interval = TrainingInterval()
      }
      guard update < configuration.updates, ended == nil else { break }
      if due(configuration.checkpointEvery, update) { _ = try checkpoint(update, digest) }
      if due(configuration.validEvery, update) { _ = try validate(update: update, windows: known) }
    }
    if interval.updates > 0 {
      try folder.log(
        interval.line(update: update, learningRate: configuration.learningRate, batch: configuration.batch))
      last = interval.metrics
    }
    let path = try checkpoint(update, digest)
    if ended == .dataEnded { known = source.heldOut?.windowCount ?? 0 }
    let heldOut = ended == .stopped ? nil : try validate(update: update, windows: known)
    return TrainingSummary(
      updates: update, endedEarly: ended, training: last, heldOut: heldOut,
      heldOutWindows: known / configuration.batch * configuration.batch, checkpoint: path,
      secondsPerUpdate: update > 0 ? spent / Double(update) : 0)
  }

  private func due(_ every: Int, _ update: Int) -> Bool { every > 0 && update % every == 0 }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private func report(_ update: Int, _ metrics: ContrastiveMetrics, _ interval: TrainingInterval) -> Progress {
    let rate = Double(interval.updates * configuration.batch) / interval.seconds
    return Progress(
      done: update, total: configuration.updates, unit: "updates",
      detail: "loss \(metrics.loss.rounded(to: 1000)), k=1 \((100 * metrics.accuracies[0]).rounded(to: 10)) %, "
        + "\(rate.rounded(to: 10)) windows/s")
  }

  /// One update of all parameters. A loss that is no number, or far worse than a blind guess, changes nothing and ends
  /// the run.
  private func step(_ batch: Batch, update: Int) throws -> (ContrastiveMetrics, gradientNorm: Double) {
    load(batch)
    model.forward()
    adam.clearGradients()
    let metrics = model.backward()
    let norm = adam.gradientNorm(workers)
    guard metrics.loss.isFinite, norm.isFinite, metrics.loss < 20 * metrics.logCandidates else {
      let records = batch.origins.map(\.description).joined(separator: ", ")
      throw Failure(
        .badInput, path: folder.path, at: "update \(update)",
        "training diverged: loss \(metrics.loss), gradient norm \(norm); the batch was \(records)",
        hint: "a smaller --learning-rate, or another --input; a checkpoint before it, if any, is named in latest")
    }
    adam.update(learningRate: configuration.learningRate, workers)
    return (metrics, norm)
  }

  private func load(_ batch: Batch) {
    for w in 0..<batch.windows {
      model.input(w).update(from: batch.samples.pointer + w * batch.window, count: batch.window)
    }
  }

  /// The loss on the first `windows` held-out windows, in batches that are the same each time.
  private func validate(update: Int, windows: Int) throws -> ContrastiveMetrics? {
    guard let heldOut = source.heldOut, windows >= configuration.batch else { return nil }
    let plan = BatchPlan(records: windows, batch: configuration.batch, seed: configuration.seed)
    let batch = Batch(windows: configuration.batch, window: configuration.shape.window)
    var sum: ContrastiveMetrics?
    for number in 0..<min(configuration.validBatches, windows / configuration.batch) {
      batch.fill(from: heldOut, plan, number: number, source.scaling)
      load(batch)
      model.forward()
      let metrics = model.evaluate()
      if sum == nil { sum = metrics } else { sum!.add(metrics) }
    }
    if let sum {
      var line: JSONObject = ["type": .string("validation"), "update": .int(update)]
      line.append(sum)
      try folder.log(line)
    }
    return sum
  }

  private func checkpoint(_ update: Int, _ trainingDigest: String) throws -> String {
    let name = RunFolder.checkpointName(update: update)
    let path = "\(folder.path)/checkpoints/\(name)"
    try Checkpoint.write(
      adam,
      .init(
        configuration: configuration, update: update, scaling: source.scaling, datasetDigest: datasetDigest,
        trainingDigest: trainingDigest), to: path)
    try folder.publishLatest(name)
    return path
  }
}
