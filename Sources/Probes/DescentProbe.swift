import FileIO
import Kernels

/// A linear probe by stochastic gradient descent with momentum, as the paper fits that of images (van den Oord et al. 2018,
/// §3.2): 50,000, 25,000 and 10,000 updates of 2,048 pictures at three learning rates, which are 136 passes over
/// ImageNet's. Here as many passes go over what there is.
///
/// Numbers are the same at any number of threads, on one machine.
final class DescentProbe {
  private static let sliceRows = 256

  private let frames: SelectedFrames
  private let classes: [Int32]
  private let targets: [Int32]
  private let moments: Moments
  private let settings: DescentSettings
  private let standardized: Bool
  private let seed: UInt64
  private let workers: Workers

  init(
    _ frames: SelectedFrames, labels: [Int32], _ settings: DescentSettings, standardized: Bool, seed: UInt64,
    _ workers: Workers
  ) throws {
    let counts = ClassCount.sorted(labels)
    guard counts.count > 1 else { throw ClassCount.tooFew(counts.count) }
    (self.frames, self.settings, self.standardized, self.seed, self.workers) = (
      frames, settings, standardized, seed, workers
    )
    classes = counts.map(\.label)
    let places = ClassCount.places(classes)
    targets = labels.map { places[Int($0)] }
    moments = try Moments(BlockPass(frames, bytesOfGroup: frames.columns * 16, workers))
  }

  var constants: Int { moments.constants }

  /// Descends from weights of zero; nothing is chosen here. The loss is the last pass's mean, in nats.
  func train(l2: Double, progress: ProgressHandler) throws -> (model: SoftmaxModel, loss: Double) {
    let columns = frames.columns
    let inverse = standardized ? moments.inverse : moments.deviation.map { _ in 1 }
    let mean = standardized ? moments.mean : moments.mean.map { _ in 0 }
    let stride = SoftmaxModel.stride(classes: classes.count)
    let count = (columns + 1) * stride
    let (weights, velocity) = (Buffer<Float>(count: count), Buffer<Float>(count: count))
    let batches = ShuffledBatches(frames, targets: targets, batch: settings.batch, seed: seed, workers)
    let slices = (0..<(settings.batch + Self.sliceRows - 1) / Self.sliceRows).map { _ in Buffer<Float>(count: count) }
    let scores = Buffer<Float>(count: settings.batch * stride)
    let shift = mean.map { -$0 }
    let factors = inverse.map { Float($0) }
    var loss = 0.0
    let epochs = settings.passes.reduce(0, +)
    for epoch in 0..<epochs {
      loss = 0
      try batches.forEach(epoch: epoch) { x, targets, rows in
        let parts = (rows + Self.sliceRows - 1) / Self.sliceRows
        let losses = Buffer<Double>(count: parts)
        workers.forEach(parts) { part in
          let range = part * Self.sliceRows..<min(rows, (part + 1) * Self.sliceRows)
          let (x, s) = (x.from(row: range.lowerBound), scores.matrix(stride).from(row: range.lowerBound))
          for i in 0..<range.count {
            add(shift, to: x.row(i), count: columns)
            multiplyElements(x.row(i), by: factors, into: x.row(i), count: columns)
          }
          let gradient = slices[part]
          let intercepts = gradient.pointer + columns * stride
          Float.gemm(
            Product(range.count, stride, columns), alpha: 1, x, weights.matrix(stride), beta: 0, s)
          intercepts.update(repeating: 0, count: stride)
          for i in 0..<range.count {
            let row = s.row(i)
            add(weights.pointer + columns * stride, to: row, count: stride)
            losses[part] += differentiateSoftmax(row, classes.count, target: Int(targets[range.lowerBound + i]))
            (row + classes.count).update(repeating: 0, count: stride - classes.count)
            add(row, to: intercepts, count: stride)
          }
          Float.gemm(
            Product(columns, stride, range.count, transposeA: true), alpha: 1, x, s, beta: 0, gradient.matrix(stride))
        }
        loss += losses.array.reduce(0, +)
        descend(weights, velocity, slices[..<parts], rows: rows, l2: l2, rate: settings.rate(epoch: epoch), stride)
      }
      guard loss.isFinite else {
        throw Failure(
          .badInput, "the loss of a probe is \(loss) in epoch \(epoch + 1)",
          hint: "standardise the features, or choose a smaller \(setting: "learning_rate")")
      }
      loss /= Double(frames.rows)
      progress(
        Progress(done: epoch + 1, total: epochs, unit: "epochs", detail: "l2 \(l2), loss \(Float(loss))"))
    }
    let parameters = (0..<(columns + 1) * classes.count).map {
      Double(weights[$0 / classes.count * stride + $0 % classes.count])
    }
    return (SoftmaxModel(classes: classes, mean: mean, inverse: inverse, parameters: parameters), loss)
  }

  /// v ← 0.9 v + gradient, weights ← weights − rate · v, as `torch.optim.SGD`.
  private func descend(
    _ weights: Buffer<Float>, _ velocity: Buffer<Float>, _ slices: ArraySlice<Buffer<Float>>, rows: Int, l2: Double,
    rate: Double, _ stride: Int
  ) {
    let penalized = weights.count - stride
    workers.split(weights.count, multipleOf: 1024) { range in
      for i in range {
        var gradient: Float = 0
        for slice in slices { gradient += slice[i] }
        gradient /= Float(rows)
        if i < penalized { gradient += Float(l2) * weights[i] }
        velocity[i] = 0.9 * velocity[i] + gradient
        weights[i] -= Float(rate) * velocity[i]
      }
    }
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
