// Rows scaled to unit length, and rows brought to zero mean and unit variance: vector kernels for Float, plain loops for
// Double. Sums are in the rows' own precision.

import CVectorKernels

@inline(__always)
private func sum<T: KernelScalar>(_ count: Int, _ term: (Int) -> T) -> T {
  var sum = T.zero
  for i in 0..<count { sum += term(i) }
  return sum
}

/// x *= r with r = 1 / √(Σ x² + ε); returns r. ε = 10⁻⁸ keeps a row of zeros what it is.
@specialized(where T == Float)
@specialized(where T == Double)
public func scaleToUnitLength<T: KernelScalar>(_ x: UnsafeMutablePointer<T>, count: Int) -> T {
  if T.self == Float.self { return T(cpc_scale_to_unit_length(single(x), count)) }
  let inverse = 1 / (sum(count) { x[$0] * x[$0] } + 1e-8).squareRoot()
  for i in 0..<count { x[i] *= inverse }
  return inverse
}

/// Turns the gradient of the output of ``scaleToUnitLength(_:count:)`` into that of its input.
@specialized(where T == Float)
@specialized(where T == Double)
public func scaleToUnitLengthBack<T: KernelScalar>(
  _ gradient: UnsafeMutablePointer<T>, output: UnsafePointer<T>, inverse: T, count: Int
) {
  if T.self == Float.self {
    return cpc_scale_to_unit_length_back(single(gradient), single(output), Float(inverse), count)
  }
  let along = sum(count) { gradient[$0] * output[$0] }
  for i in 0..<count { gradient[i] = inverse * (gradient[i] - output[i] * along) }
}

/// x = (x − mean) · r with r = 1 / √(variance + ε), ε = 10⁻⁵ and the variance over count − 1; returns r.
@specialized(where T == Float)
@specialized(where T == Double)
public func standardize<T: KernelScalar>(_ x: UnsafeMutablePointer<T>, count: Int) -> T {
  if T.self == Float.self { return T(cpc_standardize(single(x), count)) }
  let mean = sum(count) { x[$0] } / T(count)
  let squares = sum(count) { (x[$0] - mean) * (x[$0] - mean) }
  let inverse = 1 / (squares / T(count - 1) + 1e-5).squareRoot()
  for i in 0..<count { x[i] = (x[i] - mean) * inverse }
  return inverse
}

/// Turns the gradient of the output of ``standardize(_:count:)`` into that of its input.
@specialized(where T == Float)
@specialized(where T == Double)
public func standardizeBack<T: KernelScalar>(
  _ gradient: UnsafeMutablePointer<T>, output: UnsafePointer<T>, inverse: T, count: Int
) {
  if T.self == Float.self {
    return cpc_standardize_back(single(gradient), single(output), Float(inverse), count)
  }
  let mean = sum(count) { gradient[$0] } / T(count)
  let along = sum(count) { gradient[$0] * output[$0] } / T(count - 1)
  for i in 0..<count { gradient[i] = inverse * (gradient[i] - mean - output[i] * along) }
}

/// y = x · factors, element by element.
@specialized(where T == Float)
@specialized(where T == Double)
public func multiplyElements<T: KernelScalar>(
  _ x: UnsafePointer<T>, by factors: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, count: Int
) {
  if T.self == Float.self { return cpc_multiply(single(x), single(factors), single(y), count) }
  for i in 0..<count { y[i] = x[i] * factors[i] }
}

/// sums += x · y, element by element.
@specialized(where T == Float)
@specialized(where T == Double)
public func addProducts<T: KernelScalar>(
  _ x: UnsafePointer<T>, _ y: UnsafePointer<T>, to sums: UnsafeMutablePointer<T>, count: Int
) {
  if T.self == Float.self { return cpc_add_products(single(x), single(y), single(sums), count) }
  for i in 0..<count { sums[i] += x[i] * y[i] }
}
