import FileIO
import Kernels

/// A network of one hidden layer of rectified units, trained by Adam on minibatches of frames, as the paper's second
/// probe: its width is not stated there.
struct HiddenLayerProbe {
  struct Epoch {
    /// Mean over frames, in nats, as the parameters changed.
    var loss: Double
    /// On the dev part, where there is one.
    var accuracy: Double?
  }

  let training: TrainingFrames
  let settings: HiddenLayerSettings
  let standardized: Bool
  let seed: UInt64
  let workers: Workers

  /// Trains for `epochs`, or where `accuracy` tells the accuracy on a dev part after each, until that has not risen for
  /// some; nothing is chosen here, the model is the last one's.
  func train(
    l2: Double, epochs: Int, progress: ProgressHandler, accuracy: ((HiddenLayerModel) throws -> Double)? = nil
  ) throws -> (model: HiddenLayerModel, epochs: [Epoch]) {
    let frames = training.frames
    let model = HiddenLayerModel(
      classes: training.classes, width: settings.width, training.moments, standardized: standardized)
    model.initialize(seed: seed)
    let update = HiddenLayerUpdate(model, features: frames.columns, batch: settings.batch, workers)
    let batches = ShuffledBatches(frames, targets: training.targets, batch: settings.batch, seed: seed, workers)
    var history: [Epoch] = []
    var (best, since) = (-1.0, 0)
    for epoch in 0..<epochs {
      var loss = 0.0
      try batches.forEach(epoch: epoch) { x, targets, count in
        workers.split(count, multipleOf: 16) { model.prepare(x.from(row: $0.lowerBound), count: $0.count) }
        loss += update(x, targets: targets, count: count, learningRate: settings.learningRate, l2: l2)
      }
      guard loss.isFinite else {
        throw Failure(
          .badInput, "the loss of a probe is \(loss) in epoch \(epoch + 1)",
          hint: "standardise the features, or choose a smaller \(setting: "learning_rate")")
      }
      history.append(Epoch(loss: loss / Double(frames.rows), accuracy: try accuracy?(model)))
      let detail = "l2 \(l2), loss \(Float(loss / Double(frames.rows)))"
      progress(Progress(done: epoch + 1, total: epochs, unit: "epochs", detail: detail))
      if let now = history.last?.accuracy {
        (best, since) = now > best ? (now, 0) : (best, since + 1)
        if since >= settings.patience { break }
      }
    }
    return (model, history)
  }
}
