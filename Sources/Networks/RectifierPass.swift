import Kernels

/// The way of a gradient back through the rectifier of a layer, and its normalisation if there is one, some rows at a
/// time, from whoever has just made them. Gradients of bias and normalisation are added up for each worker by itself.
struct RectifierPass<Element: Operand> {
  typealias Scalar = Element.Sum

  private let layer: Conv1d<Element>
  private let output: FrameBuffer<Element>
  /// Laid out as the output: its gradient before the rectifier, zero between windows.
  let gradient: FrameBuffer<Element>
  /// Of each worker [3, outputs]: bias, and the normalisation's weight and bias.
  private let sums: Buffer<Scalar>

  init(_ layer: Conv1d<Element>, _ output: FrameBuffer<Element>, _ gradient: FrameBuffer<Element>, _ workers: Workers) {
    self.layer = layer
    self.output = output
    self.gradient = gradient
    sums = Buffer(count: workers.count * 3 * layer.outputs)
  }

  /// `gradients`: dense rows, those of `range` in the buffers; they are overwritten, and what stands between windows is
  /// not looked at.
  func apply(_ range: Range<Int>, _ gradients: UnsafeMutablePointer<Scalar>, worker: Int) {
    let width = layer.outputs
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 3 * width) { partial in
      let partial = partial.baseAddress!
      gradient.forEachRun(range) { run, areFrames in
        guard areFrames else { return gradient.clear(row: run.lowerBound, count: run.count) }
        // Sums of a few rows at a time: adding tens of thousands of numbers one after another loses digits.
        for first in stride(from: run.lowerBound, to: run.upperBound, by: 64) {
          partial.initialize(repeating: 0, count: 3 * width)
          for row in first..<min(first + 64, run.upperBound) {
            apply(row, gradients + (row - range.lowerBound) * width, partial)
          }
          add(partial, to: sums.pointer + worker * 3 * width, count: 3 * width)
        }
      }
    }
  }

  private func apply(
    _ row: Int, _ values: UnsafeMutablePointer<Scalar>, _ partial: UnsafeMutablePointer<Scalar>
  ) {
    let width = layer.outputs
    Self.apply(
      values, output: output.pointer + row * width, into: gradient.pointer + row * width, width, layer.norm, row: row,
      addingTo: partial)
  }

  /// One row, of `width` numbers: `values` is overwritten. `partial` [3, width] receives the gradients of the bias and of
  /// the normalisation's weight and bias.
  static func apply(
    _ values: UnsafeMutablePointer<Scalar>, output kept: UnsafePointer<Element>,
    into result: UnsafeMutablePointer<Element>, _ width: Int, _ norm: ChannelNorm<Scalar>?, row: Int,
    addingTo partial: UnsafeMutablePointer<Scalar>
  ) {
    guard let norm else {
      return Element.rectifyGradient(values, output: kept, into: result, addingTo: partial, width)
    }
    Element.rectifyGradient(values, output: kept, into: result, addingTo: partial + 2 * width, width)
    Element.expand(result, into: values, width)
    norm.rows.backward(values, row: row, addingTo: partial + width)
    add(values, to: partial, count: width)
    Element.round(values, into: result, width)
  }

  /// Adds what the workers have to the gradients of the parameters.
  func finish() { Self.addSums(sums, layer.outputs, to: [layer.bias] + (layer.norm?.parameters ?? [])) }

  /// Adds sums of each worker [3, width] to the gradients of the first, the second and the third parameter.
  static func addSums(_ sums: Buffer<Scalar>, _ width: Int, to parameters: [Parameter<Scalar>]) {
    for (place, parameter) in parameters.enumerated() {
      let columns = sums.matrix(3 * width).from(row: 0, column: place * width)
      addColumnSums(of: columns, count: sums.count / (3 * width), channels: width, to: parameter.gradient.pointer)
    }
  }
}
