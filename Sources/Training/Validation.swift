public import Networks
import OrderedJSON
import Sampling

/// What the model does on held-out windows.
public struct Validation: Sendable, Equatable {
  /// On the run's own task; nil where the held-out windows do not make a batch of it.
  public var own: ContrastiveMetrics?
  /// On the task that all runs share: ``CommonTask``.
  public var common: ContrastiveMetrics?

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
  func validate() -> Validation? {
    guard let heldOut = source.heldOut else { return nil }
    var result = Validation()
    result.own = Self.own(heldOut, self)
    result.common = Self.common(heldOut, self)
    return result.loss == nil ? nil : result
  }

  private static func common(_ heldOut: some WindowSource, _ trainer: Trainer) -> ContrastiveMetrics? {
    trainer.commonTask?.evaluate(
      heldOut, known: trainer.heldOutWindows, limit: trainer.windowsToValidate, trainer.source.scaling)
  }

  private var windowsToValidate: Int { configuration.validBatches * configuration.batch }

  private static func own(_ heldOut: some WindowSource, _ trainer: Trainer) -> ContrastiveMetrics? {
    let (configuration, model) = (trainer.configuration, trainer.model)
    let plan = heldOut.plan(
      configuration.negatives, windows: trainer.heldOutWindows, batch: configuration.batch, seed: configuration.seed)
    // A batch that is filled up with windows that were there before says nothing new.
    let whole = configuration.negatives.batchesOneSpeaker ? plan.batchesPerEpoch : plan.records / plan.batch
    let batch = Batch(windows: configuration.batch, window: configuration.shape.window)
    var sum: ContrastiveMetrics?
    for number in 0..<min(configuration.validBatches, whole) {
      batch.fill(from: heldOut, plan, number: number, trainer.source.scaling)
      trainer.load(batch)
      model.forward()
      let metrics = model.evaluate(batch: number)
      if sum == nil { sum = metrics } else { sum!.add(metrics) }
    }
    return sum
  }
}
