public import Kernels

/// max(0, norm(x)), what stands before a convolution of a residual network: dense rows of channels, kept for the way back.
/// Without a normalisation it goes over many rows as if they were one.
public final class RectifiedRows<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let channels: Int
  public let norm: ChannelNorm<Scalar>?
  /// What was made of each row.
  let kept: Buffer<Element>
  /// Rows that are one to the kernels, and zeros as wide.
  let together: Int
  private let zeros: Buffer<Scalar>

  /// `norm`: its name; nil has none.
  public init(channels: Int, rows: Int, norm: String?) {
    self.channels = channels
    self.norm = norm.map { ChannelNorm($0, channels: channels, rows: rows) }
    kept = Buffer(count: rows * channels)
    together = norm == nil ? Conv2d<Element>.together(channels) : 1
    zeros = Buffer(count: together * channels)
  }

  public var parameters: [Parameter<Scalar>] { norm?.parameters ?? [] }

  /// Takes `x`, dense rows those of `range`, and overwrites them. `shift`, ``Conv2d/shift``, is added
  /// first.
  @specialized(where Element == Float)
  @specialized(where Element == BFloat16)
  func take(_ x: UnsafeMutablePointer<Scalar>, _ range: Range<Int>, shift: UnsafePointer<Scalar>? = nil) {
    let step = step(shift)
    for row in stride(from: range.lowerBound, to: range.upperBound, by: together) {
      step.take(x + (row - range.lowerBound) * channels, row..<min(row + together, range.upperBound))
    }
  }

  /// The same of a residual stream, which stays as it is.
  @specialized(where Element == Float)
  @specialized(where Element == BFloat16)
  func take(copying x: UnsafePointer<Scalar>, _ range: Range<Int>) {
    let step = step(nil)
    withUnsafeTemporaryAllocation(of: Scalar.self, capacity: together * channels) { copy in
      let copy = copy.baseAddress!
      for row in stride(from: range.lowerBound, to: range.upperBound, by: together) {
        let rows = row..<min(row + together, range.upperBound)
        copy.update(from: x + (row - range.lowerBound) * channels, count: rows.count * channels)
        step.take(copy, rows)
      }
    }
  }

  private func step(_ shift: UnsafePointer<Scalar>?) -> Step {
    Step(norm: norm?.rows, kept: kept.pointer, channels: channels, shift: shift ?? UnsafePointer(zeros.pointer))
  }

  /// What is done with rows that are one to the kernels.
  private struct Step {
    let norm: ChannelNorm<Scalar>.Rows?
    let kept: UnsafeMutablePointer<Element>
    let channels: Int
    let shift: UnsafePointer<Scalar>

    func take(_ source: UnsafeMutablePointer<Scalar>, _ rows: Range<Int>) {
      let target = kept + rows.lowerBound * channels
      if let norm {
        norm.forwardAndRectify(source, into: target, row: rows.lowerBound, shift: shift)
      } else {
        Element.rectify(source, adding: shift, into: target, rows.count * channels)
      }
    }
  }
}

/// The gradient's way back through ``RectifiedRows``, some rows at a time, from whoever has just made them.
struct RectifiedRowsBack<Element: Operand> {
  typealias Scalar = Element.Sum

  private let rows: RectifiedRows<Element>
  /// Of each worker [3, rows together, channels]: the shift's gradient, and those of the normalisation's weight and bias.
  private let sums: Buffer<Scalar>
  private let workers: Int

  init(_ rows: RectifiedRows<Element>, _ workers: Workers) {
    self.rows = rows
    self.workers = workers.count
    sums = Buffer(count: workers.count * 3 * rows.together * rows.channels)
  }

  private var width: Int { rows.together * rows.channels }

  /// `values`: the gradients of what was made of the rows `range`, dense; they become those of what was taken, and so does
  /// `result` as operands.
  @specialized(where Element == Float)
  @specialized(where Element == BFloat16)
  func apply(
    _ range: Range<Int>, _ values: UnsafeMutablePointer<Scalar>, into result: UnsafeMutablePointer<Element>, worker: Int
  ) {
    let (channels, together, width, norm) = (rows.channels, rows.together, width, rows.norm?.rows)
    let (sums, allKept) = (sums.pointer + worker * 3 * width, rows.kept.pointer)
    for row in stride(from: range.lowerBound, to: range.upperBound, by: together) {
      let count = min(together, range.upperBound - row) * channels
      let place = (row - range.lowerBound) * channels
      let (values, result) = (values + place, result + place)
      let kept = allKept + row * channels
      guard let norm else {
        Element.rectifyGradient(values, output: kept, into: result, addingTo: sums, count)
        Element.expand(result, into: values, count)
        continue
      }
      Element.rectifyGradient(values, output: kept, into: result, addingTo: sums + 2 * width, count)
      Element.expand(result, into: values, count)
      norm.backward(values, row: row, addingTo: sums + width)
      add(values, to: sums, count: count)
      Element.round(values, into: result, count)
    }
  }

  /// Adds what the workers have to the gradients of the normalisation, and to that of the shift if it is a parameter.
  func finish(shift: Parameter<Scalar>?) {
    let targets = [shift] + (rows.norm?.parameters ?? []).map { $0 }
    withExtendedLifetime(sums) {
      for (place, parameter) in targets.enumerated() {
        guard let parameter else { continue }
        for worker in 0..<workers {
          let own = sums.pointer + (3 * worker + place) * width
          addColumnSums(
            of: Matrix(own, stride: rows.channels), count: rows.together, channels: rows.channels,
            to: parameter.gradient.pointer)
        }
      }
    }
  }
}

extension Workers {
  /// Adds the column sums of `count` dense rows to `sums`; each worker adds up some rows.
  func addColumnSums<T: KernelScalar>(
    of rows: UnsafeMutablePointer<T>, count: Int, channels: Int, to sums: UnsafeMutablePointer<T>
  ) {
    let parts = parts(of: count, multipleOf: 16)
    let partial = Buffer<T>(count: parts.count * channels)
    defer { withExtendedLifetime(partial) {} }
    forEach(parts.count) { i in
      withUnsafeTemporaryAllocation(of: T.self, capacity: channels) { few in
        let few = few.baseAddress!
        // Sums of a few rows at a time: adding tens of thousands of numbers one after another loses digits.
        for first in stride(from: parts[i].lowerBound, to: parts[i].upperBound, by: 64) {
          few.initialize(repeating: 0, count: channels)
          Kernels.addColumnSums(
            of: Matrix(rows + first * channels, stride: channels), count: min(64, parts[i].upperBound - first),
            channels: channels, to: few)
          add(few, to: partial.pointer + i * channels, count: channels)
        }
      }
    }
    for i in parts.indices { add(partial.pointer + i * channels, to: sums, count: channels) }
  }
}
