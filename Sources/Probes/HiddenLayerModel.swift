package import Kernels

/// A classifier of one hidden layer: scores = max(0, x · W₁ + b₁) · W₂ + b₂ for features x brought to zero mean and unit
/// deviation.
package struct HiddenLayerModel: FrameClassifier {
  let classes: [Int32]
  let width: Int
  let scoreStride: Int
  private let features: Int
  private let negatives: [Float]
  private let inverse: [Float]
  /// W₁ [features, width], b₁ [width], W₂ [width, scoreStride], b₂ [scoreStride], one after another.
  package let parameters: Buffer<Float>

  package init(classes: [Int32], width: Int, _ moments: Moments, standardized: Bool) {
    self.classes = classes
    self.width = width
    features = moments.mean.count
    scoreStride = SoftmaxModel.stride(classes: classes.count)
    negatives = standardized ? moments.negatives : moments.mean.map { _ in 0 }
    inverse = standardized ? moments.inverse.map { Float($0) } : moments.mean.map { _ in 1 }
    parameters = Buffer(count: (features + 1) * width + (width + 1) * scoreStride)
  }

  var first: Matrix<Float> { Matrix(parameters.pointer, stride: width) }
  var firstBias: UnsafeMutablePointer<Float> { first.row(features) }
  var second: Matrix<Float> { Matrix(first.row(features + 1), stride: scoreStride) }
  var secondBias: UnsafeMutablePointer<Float> { second.row(width) }

  /// PyTorch's default for linear layers: uniform within ±1/√inputs, weights and biases alike. Scores beyond those of
  /// classes keep weights of zero.
  package func initialize(seed: UInt64) {
    func fill(_ matrix: Matrix<Float>, rows: Int, columns: Int, inputs: Int, stream index: Int) {
      let random = RandomStream(seed: seed, purpose: .initialization, index: index)
      let bound = 1 / Float(inputs).squareRoot()
      for i in 0..<rows {
        for j in 0..<columns {
          let number = i * columns + j
          matrix.row(i)[j] = (2 * random.units(UInt64(number / 4))[number % 4] - 1) * bound
        }
      }
    }
    fill(first, rows: features + 1, columns: width, inputs: features, stream: 0)
    fill(second, rows: width + 1, columns: classes.count, inputs: width, stream: 1)
  }

  func makeScratch(rows: Int) -> Buffer<Float> { Buffer(count: rows * width) }

  /// x = standardised x.
  package func prepare(_ x: Matrix<Float>, count: Int) {
    for i in 0..<count {
      negatives.withUnsafeBufferPointer { add($0.baseAddress!, to: x.row(i), count: features) }
      inverse.withUnsafeBufferPointer {
        multiplyElements(x.row(i), by: $0.baseAddress!, into: x.row(i), count: features)
      }
    }
  }

  func score(_ x: Matrix<Float>, count: Int, into scores: Matrix<Float>, _ scratch: Buffer<Float>) {
    prepare(x, count: count)
    forward(x, count: count, hidden: scratch.matrix(width), scores: scores)
  }

  /// Of prepared frames.
  func forward(_ x: Matrix<Float>, count: Int, hidden: Matrix<Float>, scores: Matrix<Float>) {
    Float.gemm(Product(count, width, features), alpha: 1, x, first, beta: 0, hidden)
    addBiasAndRectify(hidden, count: count, channels: width, bias: firstBias)
    Float.gemm(Product(count, scoreStride, width), alpha: 1, hidden, second, beta: 0, scores)
    for i in 0..<count { add(secondBias, to: scores.row(i), count: scoreStride) }
  }
}
