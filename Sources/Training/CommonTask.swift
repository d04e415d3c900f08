import FileIO
import Kernels
import Models
import Networks
import Sampling

/// The one task by which runs are compared, whatever negatives they train with: held-out windows in batches of 8 over
/// all speakers, and 128 negatives for each anchor and step from the other 7 windows, so N = 129. Batches and draws are
/// the same for all runs with the same held-out windows, whatever their own batches hold.
final class CommonTask {
  static let windows = 8
  static let negatives = 128

  private let model: any TrainableModel<Float>
  private let loss: any ContrastiveLoss<Float>
  private let latents: Buffer<Float>
  private let contexts: Buffer<Float>
  private let workers: Workers

  /// Nil where windows are too short for so many negatives.
  init?(_ model: any TrainableModel<Float>, _ workers: Workers) {
    let lattice = model.lattice
    let pool = CandidatePool.otherWindows
    guard pool.count(windows: Self.windows, latents: lattice.count) > Self.negatives else { return nil }
    self.model = model
    self.workers = workers
    loss = model.makeLoss(
      windows: Self.windows,
      sampler: NegativeSampler(
        pool: pool, windows: Self.windows, lattice: lattice, count: Self.negatives, seed: 0))
    latents = Buffer(count: Self.windows * lattice.count * model.channels)
    contexts = Buffer(count: Self.windows * lattice.count * model.units)
  }

  /// On at most `batches` batches of the first `known` windows; nil if they do not make one.
  func evaluate(
    _ source: some WindowSource, known: Int, batches: Int, _ transform: any InputTransform,
    _ betweenBatches: (Progress) throws -> Void
  ) rethrows -> ContrastiveMetrics? {
    guard known >= Self.windows else { return nil }
    let plan = BatchPlan(records: known, batch: Self.windows, seed: 0)
    let order = (0..<min(known / Self.windows, batches)).flatMap { plan.batch($0) }
    var sum: ContrastiveMetrics?
    for first in stride(from: 0, to: order.count, by: model.windows) {
      try betweenBatches(
        Progress(done: first, total: order.count, unit: "windows", detail: "validation on the common task"))
      let part = order[first..<min(order.count, first + model.windows)]
      for (w, window) in part.enumerated() {
        source.withPayload(window, epoch: 0) { transform.apply($0, nil, to: model.input(w)) }
      }
      model.forward()
      for w in 0..<part.count {
        let (batch, slot) = (first + w).quotientAndRemainder(dividingBy: Self.windows)
        keep(w, in: slot)
        guard slot == Self.windows - 1 else { continue }
        let metrics = evaluate(batch: batch)
        if sum == nil { sum = metrics } else { sum!.add(metrics) }
      }
    }
    return sum
  }

  private func keep(_ window: Int, in slot: Int) {
    let (count, channels, units) = (model.lattice.count, model.channels, model.units)
    (latents.pointer + slot * count * channels).update(from: model.latents(window), count: count * channels)
    (contexts.pointer + slot * count * units).update(from: model.contexts(window), count: count * units)
  }

  private func evaluate(batch: Int) -> ContrastiveMetrics {
    let width = model.lattice.count * model.units
    return loss.evaluate(
      latents: latents.matrix(model.channels), contexts: { UnsafePointer(contexts.pointer + $0 * width) },
      batch: batch, gradients: false, workers)
  }
}
