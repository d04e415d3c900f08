import CVectorKernels

/// x[i] = log x[i] for normal positive numbers, relative error below 1e-6; anything smaller gives about -87.
public func takeLogarithms(_ x: UnsafeMutablePointer<Float>, count: Int) { cpc_take_logarithms(x, count) }

/// The logarithm of each column's sum of exponentials: result[c · resultStride] = log Σ_r exp(values[r, c]).
///
/// Terms below e⁻²⁰ of the largest are left out. Minus infinity stands for an empty sum.
///
/// - Parameter values: `rows` rows of `columns` elements, `stride` apart.
public func logSumExp(
  _ values: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, into result: UnsafeMutablePointer<Float>,
  resultStride: Int
) {
  cpc_log_sum_exp(values, rows, columns, stride, result, resultStride)
}
