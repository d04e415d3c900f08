import FileIO
import Kernels

/// y = mean(y) + (x − mean(x)) W: what takes vectors x of one space nearest to their partners y in another, by least
/// squares with an intercept, in double precision.
///
/// A small ridge, relative to the mean square of x, keeps directions that x has next to nothing of from being blown up.
public struct LinearMap: Sendable {
  public let inputs: Int
  public let outputs: Int
  /// [inputs, outputs]
  public let weight: [Double]
  public let inputMeans: [Double]
  public let outputMeans: [Double]
  /// Share of the variance of y that it explains, of the pairs that it was fitted to.
  public let explained: Double

  public static let defaultRidge = 1e-6

  /// - Parameters:
  ///   - pairs: how many there are.
  ///   - pair: writes a pair's x and y.
  /// - Throws: a `Failure` of kind `badInput` where there are not more pairs than inputs.
  public init(
    inputs: Int, outputs: Int, pairs: Int, ridge: Double = defaultRidge,
    pair: (Int, _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>) -> Void
  ) throws {
    (self.inputs, self.outputs) = (inputs, outputs)
    guard pairs > inputs else {
      throw Failure(
        .badInput, "\(pairs) words have a vector on both sides: a map of \(inputs) numbers takes more than \(inputs)")
    }
    let (x, y) = (Buffer<Double>(count: inputs), Buffer<Double>(count: outputs))
    var means = ([Double](repeating: 0, count: inputs), [Double](repeating: 0, count: outputs))
    for i in 0..<pairs {
      pair(i, x.pointer, y.pointer)
      for j in 0..<inputs { means.0[j] += x[j] }
      for j in 0..<outputs { means.1[j] += y[j] }
    }
    for j in 0..<inputs { means.0[j] /= Double(pairs) }
    for j in 0..<outputs { means.1[j] /= Double(pairs) }
    (inputMeans, outputMeans) = means
    // XᵀX and XᵀY of centred pairs, some hundreds at a time.
    let (square, product) = (Buffer<Double>(count: inputs * inputs), Buffer<Double>(count: inputs * outputs))
    let block = 512
    let (xs, ys) = (Buffer<Double>(count: block * inputs), Buffer<Double>(count: block * outputs))
    var variance = 0.0
    for first in stride(from: 0, to: pairs, by: block) {
      let rows = min(block, pairs - first)
      for i in 0..<rows {
        pair(first + i, xs.pointer + i * inputs, ys.pointer + i * outputs)
        for j in 0..<inputs { xs[i * inputs + j] -= means.0[j] }
        for j in 0..<outputs {
          ys[i * outputs + j] -= means.1[j]
          variance += ys[i * outputs + j] * ys[i * outputs + j]
        }
      }
      let (a, b) = (xs.matrix(inputs), ys.matrix(outputs))
      Double.gemm(
        Product(inputs, inputs, rows, transposeA: true), alpha: 1, a, a, beta: 1, square.matrix(inputs))
      Double.gemm(
        Product(inputs, outputs, rows, transposeA: true), alpha: 1, a, b, beta: 1, product.matrix(outputs))
    }
    let trace = (0..<inputs).reduce(0) { $0 + square[$1 * inputs + $1] }
    let penalty = ridge * trace / Double(inputs)
    for j in 0..<inputs { square[j * inputs + j] += penalty }
    guard let inverted = inverse(square, inputs) else {
      throw Failure(.badInput, "the vectors of the words on both sides lie in fewer than \(inputs) directions")
    }
    let weight = Buffer<Double>(count: inputs * outputs)
    Double.gemm(
      Product(inputs, outputs, inputs), alpha: 1, inverted.matrix(inputs), product.matrix(outputs), beta: 0,
      weight.matrix(outputs))
    self.weight = weight.array
    // ‖Y − XW‖² = ‖Y‖² − 2⟨XᵀY, W⟩ + ⟨W, XᵀXW⟩, and (XᵀX + penalty) W = XᵀY.
    let along = (0..<weight.count).reduce(0) { $0 + product[$1] * weight[$1] }
    let size = weight.array.reduce(0) { $0 + $1 * $1 }
    explained = variance > 0 ? (along + penalty * size) / variance : 0
  }

  /// Writes y of an x.
  public func apply(_ x: some Collection<Float>, to y: UnsafeMutablePointer<Float>) {
    precondition(x.count == inputs)
    var sums = outputMeans
    for (i, value) in x.enumerated() {
      let centred = Double(value) - inputMeans[i]
      for j in 0..<outputs { sums[j] += centred * weight[i * outputs + j] }
    }
    for j in 0..<outputs { y[j] = Float(sums[j]) }
  }
}
