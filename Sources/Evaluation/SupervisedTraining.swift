public import FileIO
import Kernels
public import Models
import Networks
public import Probes
import Sampling
public import Shards
import Training

/// Trains a model's encoder and context network end to end on the labels of a dataset of audio: the upper row of the paper's
/// table 1.
///
/// A batch is drawn from all records of the training utterances. After each of ``Settings/evaluations`` equal shares of the
/// updates the frames of the dev utterances, a part of the training ones, are told; the parameters that did it best tell the
/// test utterances'.
public struct SupervisedTraining {
  public struct Settings: Sendable {
    public var shape = AudioModelShape()
    public var batch = 8
    public var updates = 10_000
    public var learningRate = 2e-4
    public var evaluations = 10
    /// Share of the training utterances that is the dev part.
    public var devFraction = 0.1
    public var seed: UInt64 = 1
    public var threads = 1

    public init() {}
  }

  private let dataset: Dataset
  private let target: ProbeTarget
  private let parts: ProbeParts
  private let isDev: [Bool]
  private let settings: Settings
  private let training: [Int]
  private let dev: [Int]
  private let test: [Int]
  private let scaling: InputScaling
  private let model: SupervisedModel<Float>
  private let workers: Workers

  /// - Throws: a `Failure` if the records are not of audio, or a part is too small.
  public init(_ dataset: Dataset, _ target: ProbeTarget, _ parts: ProbeParts, _ settings: Settings) throws {
    guard dataset.schema == .audio else {
      throw Failure(
        .badInput, path: dataset.folder, "its records are of the kind \"\(dataset.schema.kind)\", not audio")
    }
    let ids = try dataset.utteranceIDs()
    let isDev = ids.map { HeldOut.rank($0, seed: settings.seed) < settings.devFraction }
    func records(_ isMeant: (Int) -> Bool) -> [Int] {
      (0..<dataset.utteranceCount).filter(isMeant).flatMap { dataset.records(ofUtterance: $0) }
    }
    training = records { parts.isTraining[$0] && !isDev[$0] }
    dev = records { parts.isTraining[$0] && isDev[$0] }
    test = records { parts.isTest[$0] }
    guard training.count >= settings.batch, !dev.isEmpty, !test.isEmpty else {
      throw Failure(
        .badInput, path: dataset.folder,
        "\(training.count) records to train on, \(dev.count) of the dev part and \(test.count) to test on are too few")
    }
    self.dataset = dataset
    self.target = target
    self.parts = parts
    self.isDev = isDev
    self.settings = settings
    var shape = settings.shape
    shape.window = dataset.schema.length
    workers = Workers(count: settings.threads)
    model = SupervisedModel(shape, classes: target.classes.count, windows: settings.batch, workers: workers)
    model.initialize(seed: settings.seed)
    scaling = try InputScaling(.gain, for: RecordWindows(dataset, training.filter { dataset.isFull($0) }))
  }

  public func run(facts: [ProbeResult.Fact], progress: ProgressHandler) throws -> ProbeResult {
    let adam = Adam(model.parameters)
    let plan = BatchPlan(records: training.count, batch: settings.batch, seed: settings.seed)
    var best = (update: 0, accuracy: -1.0, values: [[Float]]())
    var lastLoss = 0.0
    for update in 1...settings.updates {
      adam.clearGradients()
      let labels = try load(plan.batch(update - 1).map { training[$0] })
      (lastLoss, _) = model.backward(labels: labels)
      guard lastLoss.isFinite else {
        throw Failure(
          .badInput, path: dataset.folder, at: "update \(update)", "training diverged: loss \(lastLoss)",
          hint: "a smaller \(setting: "learning_rate")")
      }
      adam.update(learningRate: settings.learningRate, workers)
      progress(Progress(done: update, total: settings.updates, unit: "updates", detail: "supervised"))
      let share = update * settings.evaluations / settings.updates
      guard share > (update - 1) * settings.evaluations / settings.updates else { continue }
      let told = try tell(dev)
      let accuracy = accuracy(told.predictions, told.labels)
      if accuracy > best.accuracy { best = (update, accuracy, model.parameters.map { $0.elements(of: $0.value) }) }
    }
    for (parameter, values) in zip(model.parameters, best.values) { parameter.load(values, into: parameter.value) }
    return try result(best.update, best.accuracy, lastLoss, facts)
  }

  /// Tells the test part.
  private func result(
    _ update: Int, _ accuracy: Double, _ loss: Double, _ facts: [ProbeResult.Fact]
  ) throws -> ProbeResult {
    var told: (predictions: [Int32], labels: [Int32]) = ([], [])
    var utterances: [Int32] = []
    for utterance in 0..<dataset.utteranceCount {
      let frames = try target.cells(ofUtterance: utterance)
      utterances += repeatElement(Int32(utterance), count: frames.count)
      told.labels += frames
      guard parts.isTest[utterance] else {
        told.predictions += repeatElement(ProbeTarget.none, count: frames.count)
        continue
      }
      told.predictions += try tell(Array(dataset.records(ofUtterance: utterance))).predictions.prefix(frames.count)
    }
    let data = try ProbeData(
      frames: NoFrames(rows: utterances.count, columns: settings.shape.context), labels: told.labels,
      classes: target.classes, utterances: utterances, parts: parts.roles)
    var probe = ProbeSettings()
    (probe.seed, probe.devFraction, probe.standardized) = (settings.seed, settings.devFraction, false)
    probe.without = target.silence
    return try Probe(probe, workers).result(
      of: told.predictions, for: data, dev: isDev, target: target.name,
      chosen: (update, accuracy, update == settings.updates), loss: loss,
      facts: facts)
  }

  private func accuracy(_ predictions: [Int32], _ labels: [Int32]) -> Double {
    let known = labels.indices.filter { labels[$0] >= 0 }
    return known.isEmpty ? 0 : Double(known.count { predictions[$0] == labels[$0] }) / Double(known.count)
  }

  // MARK: Frames

  /// Puts records into the model's windows; returns the labels of their frames.
  private func load(_ records: [Int]) throws -> [Int32] {
    var all: [Int32] = []
    for (window, record) in records.enumerated() {
      let input = model.input(window)
      let valid = dataset.valid(record)
      dataset.withPayload(record, count: valid) { scaling.apply($0.bindMemory(to: Int16.self), to: input.baseAddress!) }
      for i in valid..<input.count { input[i] = 0 }
      all += try labels(record)
    }
    return all + repeatElement(ProbeTarget.none, count: (model.windows - records.count) * model.frames)
  }

  /// Labels of a record's frames, none where it is padded.
  private func labels(_ record: Int) throws -> [Int32] {
    let utterance = dataset.utterance(record)
    let cells = try target.cells(ofUtterance: utterance)
    let first = (record - dataset.records(ofUtterance: utterance).lowerBound) * model.frames
    return (first..<first + model.frames).map { cells.indices.contains($0) ? cells[$0] : ProbeTarget.none }
  }

  private func tell(_ records: [Int]) throws -> (predictions: [Int32], labels: [Int32]) {
    var all: (predictions: [Int32], labels: [Int32]) = ([], [])
    for first in stride(from: 0, to: records.count, by: model.windows) {
      let some = Array(records[first..<min(records.count, first + model.windows)])
      let labels = try load(some)
      let count = some.count * model.frames
      all.predictions += model.predict()[..<count]
      all.labels += labels[..<count]
    }
    return all
  }
}

/// Frames that nobody looks at: what they hold has been told already.
private struct NoFrames: FrameMatrix {
  let rows: Int
  let columns: Int

  func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
    destination.update(repeating: 0)
  }
}
