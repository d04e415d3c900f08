// Element-wise loops over rows of frames: vector kernels for Float, plain loops for Double. Each is specialised, so
// generic callers reach fast code by one type check a call.

import CVectorKernels

/// y = max(0, y + bias) over `count` rows of `channels`.
public func addBiasAndRectify<T: KernelScalar>(_ rows: Matrix<T>, count: Int, channels: Int, bias: UnsafePointer<T>) {
  for i in 0..<count { T.rectify(rows.row(i), channels, adding: bias) }
}

/// The gradient before a rectifier: `gradient` = 0 where `output` is not positive. Adds its column sums, which are the
/// bias gradient, to `sums`. Both matrices are dense, `count` rows of `channels`.
public func rectifyGradient<T: KernelScalar>(
  _ gradient: UnsafeMutablePointer<T>, output: UnsafePointer<T>, count: Int, channels: Int,
  addingColumnSumsTo sums: UnsafeMutablePointer<T>
) {
  // Sums of a few rows at a time: adding tens of thousands of numbers one after another loses digits.
  let block = 64
  withUnsafeTemporaryAllocation(of: T.self, capacity: channels) { partial in
    let partial = partial.baseAddress!
    for first in stride(from: 0, to: count, by: block) {
      partial.initialize(repeating: 0, count: channels)
      for i in first..<min(count, first + block) {
        T.rectifyGradient(gradient + i * channels, channels, output: output + i * channels, addingTo: partial)
      }
      add(partial, to: sums, count: channels)
    }
  }
}

/// Adds the column sums of `count` rows to `sums`.
@specialized(where T == Float)
@specialized(where T == Double)
public func addColumnSums<T: KernelScalar>(
  of rows: Matrix<T>, count: Int, channels: Int, to sums: UnsafeMutablePointer<T>
) {
  if T.self == Float.self {
    cpc_add_column_sums(single(rows.pointer), rows.stride, count, channels, single(sums))
    return
  }
  for i in 0..<count {
    let row = rows.row(i)
    for j in 0..<channels { sums[j] += row[j] }
  }
}

/// y += x.
@specialized(where T == Float)
@specialized(where T == Double)
public func add<T: KernelScalar>(_ x: UnsafePointer<T>, to y: UnsafeMutablePointer<T>, count: Int) {
  if T.self == Float.self { return cpc_add(single(x), single(y), count) }
  for i in 0..<count { y[i] += x[i] }
}

/// x *= factor.
@specialized(where T == Float)
@specialized(where T == Double)
public func scale<T: KernelScalar>(_ x: UnsafeMutablePointer<T>, count: Int, by factor: T) {
  if T.self == Float.self { return cpc_scale(single(x), count, Float(factor)) }
  for i in 0..<count { x[i] *= factor }
}

/// Σ x², in double precision.
@specialized(where T == Float)
@specialized(where T == Double)
public func sumOfSquares<T: KernelScalar>(_ x: UnsafePointer<T>, count: Int) -> Double {
  if T.self == Float.self { return cpc_sum_of_squares(single(x), count) }
  var sum = 0.0
  for i in 0..<count { sum += Double(x[i]) * Double(x[i]) }
  return sum
}
