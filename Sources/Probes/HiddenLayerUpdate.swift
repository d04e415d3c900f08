package import Kernels
import RealModule

/// Updates of a hidden layer by Adam. A batch is cut into slices and parameters into tiles of fixed sizes, so that
/// numbers are the same at any number of threads.
package final class HiddenLayerUpdate {
  private static let sliceRows = 128
  private static let tile = 128

  private let model: HiddenLayerModel
  private let features: Int
  private let workers: Workers
  private let hidden: Buffer<Float>
  private let hiddenGradient: Buffer<Float>
  private let scores: Buffer<Float>
  /// One a slice: gradients of both biases.
  private let biases: [Buffer<Float>]
  private let gradient: Buffer<Float>
  private let means: Buffer<Float>
  private let squares: Buffer<Float>
  private var step = 0

  package init(_ model: HiddenLayerModel, features: Int, batch: Int, _ workers: Workers) {
    self.model = model
    self.features = features
    self.workers = workers
    hidden = Buffer(count: batch * model.width)
    hiddenGradient = Buffer(count: batch * model.width)
    scores = Buffer(count: batch * model.scoreStride)
    biases = (0..<(batch + Self.sliceRows - 1) / Self.sliceRows).map { _ in
      Buffer(count: model.width + model.scoreStride)
    }
    gradient = Buffer(count: model.parameters.count)
    means = Buffer(count: model.parameters.count)
    squares = Buffer(count: model.parameters.count)
  }

  /// One update by `count` prepared frames x and their classes by place; returns the sum of their losses.
  func callAsFunction(
    _ x: Matrix<Float>, targets: [Int32], count: Int, learningRate: Double, l2: Double
  ) -> Double {
    let loss = gradients(x, targets: targets, count: count, l2: l2)
    step += 1
    let rate = Float(learningRate / (1 - Double.pow(0.9, step)))
    let correction = Float(1 / (1 - Double.pow(0.999, step)).squareRoot())
    workers.split(gradient.count, multipleOf: 1024) { range in
      let first = range.lowerBound
      adamUpdate(
        count: range.count, value: model.parameters.pointer + first, gradient: gradient.pointer + first,
        mean: means.pointer + first, square: squares.pointer + first, gradientScale: 1, new1: Float(1 - 0.9),
        beta2: 0.999, new2: Float(1 - 0.999), rate: rate, inverseSquareCorrection: correction, epsilon: 1e-8)
    }
    return loss
  }

  /// The gradient of the mean loss and of l2 / 2 times the squares of both weights, laid out as parameters are.
  package func gradients(_ x: Matrix<Float>, targets: [Int32], count: Int, l2: Double) -> Double {
    let (width, stride) = (model.width, model.scoreStride)
    let slices = (count + Self.sliceRows - 1) / Self.sliceRows
    let losses = Buffer<Double>(count: slices)
    workers.forEach(slices) { slice in
      let rows = slice * Self.sliceRows..<min(count, (slice + 1) * Self.sliceRows)
      losses[slice] = backward(x.from(row: rows.lowerBound), targets[rows], slice, scale: 1 / Float(count))
    }
    let (h, dh, s) = (hidden.matrix(width), hiddenGradient.matrix(width), scores.matrix(stride))
    let first = gradient.matrix(width)
    let second = Matrix(first.row(features + 1), stride: stride)
    workers.forEach((width + Self.tile - 1) / Self.tile) { tile in
      let units = tile * Self.tile..<min(width, (tile + 1) * Self.tile)
      let column = units.lowerBound
      Float.gemm(
        Product(features, units.count, count, transposeA: true), alpha: 1, x, dh.from(row: 0, column: column), beta: 0,
        first.from(row: 0, column: column))
      Float.gemm(
        Product(units.count, stride, count, transposeA: true), alpha: 1, h.from(row: 0, column: column), s, beta: 0,
        second.from(row: column))
    }
    for i in 0..<width { first.row(features)[i] = 0 }
    for k in 0..<stride { second.row(width)[k] = 0 }
    for slice in 0..<slices {
      add(biases[slice].pointer, to: first.row(features), count: width)
      add(biases[slice].pointer + width, to: second.row(width), count: stride)
    }
    if l2 > 0 {
      let factor = Float(l2)
      for i in 0..<features * width { first.pointer[i] += factor * model.parameters.pointer[i] }
      for i in 0..<width * stride { second.pointer[i] += factor * model.second.pointer[i] }
    }
    return losses.array.reduce(0, +)
  }

  /// What ``gradients(_:targets:count:l2:)`` computed.
  package var gradientNumbers: [Float] { gradient.array }

  /// Forward and back to the hidden layer, for one slice.
  private func backward(_ x: Matrix<Float>, _ targets: ArraySlice<Int32>, _ slice: Int, scale factor: Float) -> Double {
    let (width, stride, count) = (model.width, model.scoreStride, targets.count)
    let start = slice * Self.sliceRows
    let h = hidden.matrix(width).from(row: start)
    let dh = hiddenGradient.matrix(width).from(row: start)
    let s = scores.matrix(stride).from(row: start)
    model.forward(x, count: count, hidden: h, scores: s)
    var loss = 0.0
    for (i, target) in targets.enumerated() {
      loss += differentiateSoftmax(s.row(i), model.classes.count, target: Int(target))
      scale(s.row(i), count: model.classes.count, by: factor)
      (s.row(i) + model.classes.count).update(repeating: 0, count: stride - model.classes.count)
    }
    Float.gemm(Product(count, width, stride, transposeB: true), alpha: 1, s, model.second, beta: 0, dh)
    let bias = biases[slice]
    bias.fillWithZeros()
    rectifyGradient(dh.pointer, output: h.pointer, count: count, channels: width, addingColumnSumsTo: bias.pointer)
    addColumnSums(of: s, count: count, channels: stride, to: bias.pointer + width)
    return loss
  }
}
