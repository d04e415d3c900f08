import FileIO
import Models
public import Networks
import OrderedJSON
import Sampling

/// What the model does on held-out windows.
public struct Validation: Sendable, Equatable {
  /// On the run's own task; nil where the held-out windows do not make a batch of it.
  public var own: ContrastiveMetrics?
  /// On the task that all runs share: ``CommonTask``.
  public var common: ContrastiveMetrics?

  var isFinite: Bool { [own, common].allSatisfy { $0?.loss.isFinite ?? true } }

  /// By which the best checkpoint is chosen.
  var loss: Double? { own?.loss ?? common?.loss }

  func line(update: Int) -> JSONObject {
    var line: JSONObject = ["type": .string("validation"), "update": .int(update)]
    if let own { line.append(own) }
    if let common { line["common"] = .object(common.json) }
    return line
  }
}

extension Trainer {
  /// Loss and accuracies on the held-out windows known so far, in batches that are the same each time; nil where there
  /// are too few.
  ///
  /// - Parameter betweenBatches: takes how far the task has come.
  func validate(_ betweenBatches: (Progress) throws -> Void) rethrows -> Validation? {
    guard let heldOut = source.heldOut else { return nil }
    var result = Validation()
    result.own = try Self.own(heldOut, self, betweenBatches)
    result.common = try Self.common(heldOut, self, betweenBatches)
    return result.loss == nil ? nil : result
  }

  private static func common(
    _ heldOut: some WindowSource, _ trainer: Trainer, _ betweenBatches: (Progress) throws -> Void
  ) rethrows -> ContrastiveMetrics? {
    try trainer.commonTask?.evaluate(
      heldOut, known: trainer.heldOutWindows, batches: trainer.configuration.validBatches, trainer.source.transform,
      betweenBatches)
  }

  private static func own(
    _ heldOut: some WindowSource, _ trainer: Trainer, _ betweenBatches: (Progress) throws -> Void
  ) rethrows -> ContrastiveMetrics? {
    let (configuration, model) = (trainer.configuration, trainer.model)
    let plan = heldOut.plan(
      configuration.negatives, windows: trainer.heldOutWindows, batch: configuration.batch, seed: configuration.seed)
    // A last batch, filled up with windows that were there before, is left out; not that of a speaker, as few speakers
    // have more than one or two batches of held-out windows.
    let whole = configuration.negatives.batchesOneGroup ? plan.batchesPerEpoch : plan.records / plan.batch
    let batch = Batch(windows: configuration.batch, inputCount: configuration.specification.inputCount)
    var sum: ContrastiveMetrics?
    let count = min(configuration.validBatches, whole)
    for number in 0..<count {
      try betweenBatches(Progress(done: number, total: count, unit: "batches", detail: "validation"))
      batch.fill(
        from: heldOut, plan.batch(number), epoch: plan.epoch(of: number), trainer.source.transform, seed: nil)
      trainer.load(batch)
      model.forward()
      let metrics = model.evaluate(batch: number)
      if sum == nil { sum = metrics } else { sum!.add(metrics) }
    }
    return sum
  }
}
