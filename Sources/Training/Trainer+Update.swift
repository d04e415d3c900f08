import FileIO
import Kernels
import Models
import Networks

extension Trainer {
  enum UpdateOutcome { case made, dataEnded, stopped }

  /// Changes all parameters once, unless the data end or `stops`, asked between batches, is true: then what has been
  /// made of the update is in ``partial`` and in the gradients.
  func makeUpdate(_ batches: Prefetcher, stops: () -> Bool) throws -> UpdateOutcome {
    if partial.batches == 0 {
      adam.clearGradients()
      origins = []
    }
    let first = state.update * configuration.accumulate
    for number in first + partial.batches..<first + configuration.accumulate {
      guard let batch = try batches.next() else { return .dataEnded }
      clock.end(.data)
      heldOutWindows = batch.heldOut
      identity.data.training = batch.trainingDigest
      origins += batch.origins
      load(batch)
      model.forward(clock.end)
      let metrics = model.backward(batch: number, clock.end)
      partial.add(metrics, batches: 1, gradientNorm: 0, speakers: batch.speakers)
      if partial.batches < configuration.accumulate, stops() { return .stopped }
    }
    let metrics = partial.metrics!
    var scale = 1 / Double(configuration.accumulate)
    let norm = scale * adam.gradientNorm(workers)
    try checkProgress(metrics, norm, origins)
    // As torch.nn.utils.clip_grad_norm_.
    if configuration.clip > 0 { scale *= min(1, configuration.clip / (norm + 1e-6)) }
    state.update += 1
    adam.update(learningRate: configuration.learningRate(update: state.update), gradientScale: scale, workers)
    clock.end(.optimizer)
    state.interval.add(metrics, batches: configuration.accumulate, gradientNorm: norm, speakers: partial.speakers)
    partial = TrainingInterval()
    isUnsaved = true
    return .made
  }

  /// A loss that is no number, or far worse than a blind guess, changes nothing and ends the run.
  private func checkProgress(_ metrics: ContrastiveMetrics, _ norm: Double, _ origins: [WindowOrigin]) throws {
    guard !metrics.loss.isFinite || !norm.isFinite || metrics.loss >= 20 * metrics.logCandidates else { return }
    let records = origins.map(\.description).joined(separator: ", ")
    throw try diverged(
      at: state.update + 1, "loss \(metrics.loss), gradient norm \(norm); the batch was \(records)")
  }

  /// The parameters made by the last update have failed, so a good checkpoint is older than that.
  func diverged(at update: Int, _ how: String) throws -> Failure {
    canSave = false
    let good = try folder.checkpoint(before: state.update)
    return Failure(
      .badInput, path: folder.path, at: "update \(update)", "training diverged: \(how)",
      hint: "a smaller \(setting: "learning_rate"), \(setting: "clip"), or another \(setting: "input"); "
        + "the last good checkpoint is " + (good ?? "none: there is none"))
  }

  func load(_ batch: Batch) {
    for w in 0..<batch.windows { _ = model.input(w).update(fromContentsOf: batch.input(w)) }
  }
}
