package import Kernels

/// The mean cross-entropy of a softmax regression and its gradient, in one pass over the frames: products in single
/// precision, sums over blocks and groups of blocks in double.
package final class SoftmaxObjective {
  private let pass: BlockPass
  private let moments: Moments
  /// Of each frame, its class by place.
  private let targets: [Int32]
  private let classes: Int
  private let stride: Int
  private let negatives: [Float]
  private let inverse: [Double]
  /// One a thread: scores, then the gradient of a block and of its intercepts.
  private let scores: [Buffer<Float>]
  private let products: [Buffer<Float>]
  /// One a group: the gradient, [features + 1, stride], then the loss and the uncertainty.
  private let sums: [Buffer<Double>]

  /// The mean over frames of 1 − Σ p², where parameters were last evaluated: 0 where every frame is certain.
  private(set) var uncertainty = 0.0

  static func bytesOfGroup(features: Int, classes: Int) -> Int {
    ((features + 1) * SoftmaxModel.stride(classes: classes) + 2) * MemoryLayout<Double>.stride
  }

  package init(_ pass: BlockPass, _ moments: Moments, targets: [Int32], classes: Int) {
    self.pass = pass
    self.moments = moments
    self.targets = targets
    self.classes = classes
    stride = SoftmaxModel.stride(classes: classes)
    negatives = moments.negatives
    inverse = moments.inverse
    let (stride, size) = (stride, (pass.frames.columns + 1) * stride)
    scores = (0..<pass.workers.count).map { _ in Buffer(count: pass.blockRows * stride) }
    products = (0..<pass.workers.count).map { _ in Buffer(count: size) }
    sums = pass.groups.map { _ in Buffer(count: size + 2) }
  }

  /// The mean over frames of −log p, and its gradient in `gradient`; both buffers are [features + 1, classes] for
  /// standardised features, the intercepts last.
  package func evaluate(_ parameters: Buffer<Double>, _ gradient: Buffer<Double>) throws -> Double {
    let features = pass.frames.columns
    let (weights, intercepts, _) = SoftmaxModel.factors(parameters.array, inverse, classes: classes)
    for sum in sums { sum.fillWithZeros() }
    try pass.run { worker, group, rows, x in
      moments.center(x, count: rows.count, negatives)
      let s = scores[worker].matrix(stride)
      Float.gemm(
        Product(rows.count, stride, features), alpha: 1, x, weights.matrix(stride), beta: 0, s)
      var (loss, uncertainty) = (0.0, 0.0)
      for i in 0..<rows.count {
        add(intercepts.pointer, to: s.row(i), count: stride)
        let row = s.row(i)
        let target = Int(targets[rows.lowerBound + i])
        loss += differentiateSoftmax(row, classes, target: target)
        (row + classes).update(repeating: 0, count: stride - classes)
        // The row is p, but p − 1 for the class itself.
        uncertainty += -2 * Double(row[target]) - sumOfSquares(row, count: classes)
      }
      let product = products[worker]
      Float.gemm(
        Product(features, stride, rows.count, transposeA: true), alpha: 1, x, s, beta: 0, product.matrix(stride))
      let column = product.pointer + features * stride
      column.update(repeating: 0, count: stride)
      addColumnSums(of: s, count: rows.count, channels: stride, to: column)
      let (sum, size) = (sums[group].pointer, product.count)
      for i in 0..<size { sum[i] += Double(product.pointer[i]) }
      sum[size] += loss
      sum[size + 1] += uncertainty
    }
    let scale = 1 / Double(pass.frames.rows)
    gradient.fillWithZeros()
    pass.workers.split(features + 1) { range in
      for j in range {
        for sum in sums {
          for k in 0..<classes { gradient.pointer[j * classes + k] += sum.pointer[j * stride + k] }
        }
        let factor = j < features ? inverse[j] * scale : scale
        for k in 0..<classes { gradient.pointer[j * classes + k] *= factor }
      }
    }
    uncertainty = sums.reduce(0) { $0 + $1.pointer[$1.count - 1] } * scale
    return sums.reduce(0) { $0 + $1.pointer[$1.count - 2] } * scale
  }
}
