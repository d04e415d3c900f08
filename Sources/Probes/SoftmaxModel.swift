import Kernels

/// Scores of classes for frames: what a probe has learnt.
protocol FrameClassifier {
  /// Classes that scores are of, by their number in the data.
  var classes: [Int32] { get }
  /// Elements between the scores of one frame and those of the next.
  var scoreStride: Int { get }
  /// Memory for one thread.
  func makeScratch(rows: Int) -> Buffer<Float>
  /// scores[count, classes] of frames x[count, features], which it may change; on the calling thread.
  func score(_ x: Matrix<Float>, count: Int, into scores: Matrix<Float>, _ scratch: Buffer<Float>)
}

/// A linear classifier: class k scores Σ_j weight[j, k] · (x_j − mean_j) + intercept_k.
public struct SoftmaxModel: FrameClassifier, Sendable {
  /// Classes that were seen, by their number in the data, from the most frequent to the rarest.
  public let classes: [Int32]
  /// Subtracted from frames.
  public let mean: [Float]
  /// [features + 1, classes] for features brought to zero mean and unit deviation, the intercepts last.
  package let parameters: [Double]
  /// 1 / deviation of the features.
  let inverse: [Double]
  /// [features, scoreStride] for centred features.
  private let weights: Buffer<Float>
  private let intercepts: Buffer<Float>
  private let negatives: [Float]
  let scoreStride: Int

  init(classes: [Int32], mean: [Float], inverse: [Double], parameters: [Double]) {
    self.classes = classes
    self.mean = mean
    self.parameters = parameters
    self.inverse = inverse
    negatives = mean.map { -$0 }
    (weights, intercepts, scoreStride) = Self.factors(parameters, inverse, classes: classes.count)
  }

  /// Rows of weights are padded to whole vectors, which products like best.
  static func stride(classes: Int) -> Int { (classes + 7) / 8 * 8 }

  static func factors(
    _ parameters: [Double], _ inverse: [Double], classes: Int
  ) -> (weights: Buffer<Float>, intercepts: Buffer<Float>, stride: Int) {
    let stride = stride(classes: classes)
    let weights = Buffer<Float>(count: inverse.count * stride)
    let intercepts = Buffer<Float>(count: stride)
    for k in 0..<classes {
      for j in inverse.indices { weights[j * stride + k] = Float(parameters[j * classes + k] * inverse[j]) }
      intercepts[k] = Float(parameters[inverse.count * classes + k])
    }
    return (weights, intercepts, stride)
  }

  /// The weight of a feature for the class at place `k` of ``classes``, for features as they come.
  public func weight(_ feature: Int, _ k: Int) -> Double { parameters[feature * classes.count + k] * inverse[feature] }

  /// The intercept of the class at place `k` of ``classes``, for features as they come.
  public func intercept(_ k: Int) -> Double {
    mean.indices.reduce(parameters[mean.count * classes.count + k]) { $0 - weight($1, k) * Double(mean[$1]) }
  }

  func makeScratch(rows: Int) -> Buffer<Float> { Buffer(count: 0) }

  func score(_ x: Matrix<Float>, count: Int, into scores: Matrix<Float>, _ scratch: Buffer<Float>) {
    for i in 0..<count { negatives.withUnsafeBufferPointer { add($0.baseAddress!, to: x.row(i), count: mean.count) } }
    Float.gemm(
      Product(count, scoreStride, mean.count), alpha: 1, x, weights.matrix(scoreStride), beta: 0, scores)
    for i in 0..<count { add(intercepts.pointer, to: scores.row(i), count: scoreStride) }
  }
}
