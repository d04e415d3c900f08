import FileIO
import Kernels

/// A linear probe by stochastic gradient descent with momentum, as the paper fits that of images (van den Oord et al. 2018,
/// §3.2): 50,000, 25,000 and 10,000 updates of 2,048 pictures at three learning rates, which are 136 passes over
/// ImageNet's. Here as many passes go over what there is.
///
/// Numbers are the same at any number of threads, on one machine.
struct DescentProbe {
  let training: TrainingFrames
  let settings: DescentSettings
  let standardized: Bool
  let seed: UInt64
  let workers: Workers

  /// Descends from weights of zero; nothing is chosen here. The loss is the last pass's mean, in nats.
  func train(l2: Double, progress: ProgressHandler) throws -> (model: SoftmaxModel, loss: Double) {
    let (moments, classes, columns) = (training.moments, training.classes, training.frames.columns)
    let inverse = standardized ? moments.inverse : moments.deviation.map { _ in 1 }
    let mean = standardized ? moments.mean : moments.mean.map { _ in 0 }
    let descent = Descent(
      classes: classes.count, shift: mean.map { -$0 }, factors: inverse.map { Float($0) }, batch: settings.batch)
    let batches = ShuffledBatches(
      training.frames, targets: training.targets, batch: settings.batch, seed: seed, workers)
    var loss = 0.0
    let epochs = settings.passes.reduce(0, +)
    for epoch in 0..<epochs {
      loss = 0
      try batches.forEach(epoch: epoch) { x, targets, rows in
        loss += descent.update(x, targets, rows, l2: Float(l2), rate: Float(settings.rate(epoch: epoch)), workers)
      }
      guard loss.isFinite else {
        throw Failure(
          .badInput, "the loss of a probe is \(loss) in epoch \(epoch + 1)",
          hint: "standardise the features, or choose a smaller \(setting: "learning_rate")")
      }
      loss /= Double(training.frames.rows)
      progress(
        Progress(done: epoch + 1, total: epochs, unit: "epochs", detail: "l2 \(l2), loss \(Float(loss))"))
    }
    let parameters = (0..<(columns + 1) * classes.count).map {
      Double(descent.weights[$0 / classes.count * descent.stride + $0 % classes.count])
    }
    return (SoftmaxModel(classes: classes, mean: mean, inverse: inverse, parameters: parameters), loss)
  }
}

/// Weights [features + 1, stride], the intercepts last, and how they move. A batch is cut into slices of a fixed size, so
/// that numbers are the same at any number of threads.
private struct Descent {
  private static let sliceRows = 256

  let weights: Buffer<Float>
  let stride: Int
  private let velocity: Buffer<Float>
  private let scores: Buffer<Float>
  /// Of each slice.
  private let gradients: [Buffer<Float>]
  private let classes: Int
  private let shift: [Float]
  private let factors: [Float]
  private var columns: Int { shift.count }

  init(classes: Int, shift: [Float], factors: [Float], batch: Int) {
    (self.classes, self.shift, self.factors) = (classes, shift, factors)
    stride = SoftmaxModel.stride(classes: classes)
    let count = (shift.count + 1) * stride
    weights = Buffer(count: count)
    velocity = Buffer(count: count)
    scores = Buffer(count: batch * stride)
    gradients = (0..<(batch + Self.sliceRows - 1) / Self.sliceRows).map { _ in Buffer(count: count) }
  }

  /// v ← 0.9 v + gradient, weights ← weights − rate · v, as `torch.optim.SGD`; returns the sum of the frames' losses.
  func update(
    _ x: Matrix<Float>, _ targets: [Int32], _ rows: Int, l2: Float, rate: Float, _ workers: Workers
  ) -> Double {
    let slices = (rows + Self.sliceRows - 1) / Self.sliceRows
    let losses = Buffer<Double>(count: slices)
    workers.forEach(slices) { slice in
      let range = slice * Self.sliceRows..<min(rows, (slice + 1) * Self.sliceRows)
      losses[slice] = differentiate(x.from(row: range.lowerBound), targets[range], slice)
    }
    let intercepts = columns * stride
    workers.split(weights.count, multipleOf: 1024) { range in
      for i in range {
        var gradient: Float = 0
        for slice in gradients[..<slices] { gradient += slice[i] }
        gradient /= Float(rows)
        if i < intercepts { gradient += l2 * weights[i] }
        velocity[i] = 0.9 * velocity[i] + gradient
        weights[i] -= rate * velocity[i]
      }
    }
    return losses.array.reduce(0, +)
  }

  /// The gradient of a slice's losses, which are returned as their sum.
  private func differentiate(_ x: Matrix<Float>, _ targets: ArraySlice<Int32>, _ slice: Int) -> Double {
    let s = scores.matrix(stride).from(row: slice * Self.sliceRows)
    let gradient = gradients[slice]
    let intercepts = gradient.pointer + columns * stride
    for i in 0..<targets.count {
      add(shift, to: x.row(i), count: columns)
      multiplyElements(x.row(i), by: factors, into: x.row(i), count: columns)
    }
    Float.gemm(Product(targets.count, stride, columns), alpha: 1, x, weights.matrix(stride), beta: 0, s)
    intercepts.update(repeating: 0, count: stride)
    var loss = 0.0
    for (i, target) in targets.enumerated() {
      let row = s.row(i)
      add(weights.pointer + columns * stride, to: row, count: stride)
      loss += differentiateSoftmax(row, classes, target: Int(target))
      (row + classes).update(repeating: 0, count: stride - classes)
      add(row, to: intercepts, count: stride)
    }
    Float.gemm(
      Product(columns, stride, targets.count, transposeA: true), alpha: 1, x, s, beta: 0, gradient.matrix(stride))
    return loss
  }
}

/// Stochastic gradient descent of a linear probe.
public struct DescentSettings: Sendable, Equatable {
  /// Frames of an update.
  public var batch = 2048
  /// Of the first passes; those after them have a tenth, the last a hundredth.
  public var learningRate = 0.1
  /// Passes over the frames at each of the three learning rates: 50,000, 25,000 and 10,000 updates of 2,048 over the
  /// 1,281,167 pictures of ImageNet.
  public var passes = [80, 40, 16]

  public init() {}

  func rate(epoch: Int) -> Double {
    var (rate, rest) = (learningRate, epoch)
    for count in passes {
      if rest < count { break }
      (rate, rest) = (rate / 10, rest - count)
    }
    return rate
  }
}
