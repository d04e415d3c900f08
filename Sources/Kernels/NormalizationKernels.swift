// Rows scaled to unit length, and rows brought to zero mean and unit variance. Sums are in the rows' own precision, in
// eight lanes, so that the compiler vectorises them and long rows lose few digits.

@inline(__always)
private func laneSum<T: KernelScalar>(_ count: Int, _ term: (Int) -> T) -> T {
  var (a, b, c, d, e, f, g, h) = (T.zero, T.zero, T.zero, T.zero, T.zero, T.zero, T.zero, T.zero)
  let whole = count & ~7
  for i in stride(from: 0, to: whole, by: 8) {
    a += term(i)
    b += term(i + 1)
    c += term(i + 2)
    d += term(i + 3)
    e += term(i + 4)
    f += term(i + 5)
    g += term(i + 6)
    h += term(i + 7)
  }
  var sum = ((a + b) + (c + d)) + ((e + f) + (g + h))
  for i in whole..<count { sum += term(i) }
  return sum
}

/// x *= r with r = 1 / √(Σ x² + ε); returns r. ε = 10⁻⁸ keeps a row of zeros what it is.
@specialized(where T == Float)
@specialized(where T == Double)
public func scaleToUnitLength<T: KernelScalar>(_ x: UnsafeMutablePointer<T>, count: Int) -> T {
  let inverse = 1 / (laneSum(count) { x[$0] * x[$0] } + 1e-8).squareRoot()
  for i in 0..<count { x[i] *= inverse }
  return inverse
}

/// Turns the gradient of the output of ``scaleToUnitLength(_:count:)`` into that of its input.
@specialized(where T == Float)
@specialized(where T == Double)
public func scaleToUnitLengthBack<T: KernelScalar>(
  _ gradient: UnsafeMutablePointer<T>, output: UnsafePointer<T>, inverse: T, count: Int
) {
  let along = laneSum(count) { gradient[$0] * output[$0] }
  for i in 0..<count { gradient[i] = inverse * (gradient[i] - output[i] * along) }
}

/// x = (x − mean) · r with r = 1 / √(variance + ε), ε = 10⁻⁵ and the variance over count − 1; returns r.
@specialized(where T == Float)
@specialized(where T == Double)
public func standardize<T: KernelScalar>(_ x: UnsafeMutablePointer<T>, count: Int) -> T {
  let mean = laneSum(count) { x[$0] } / T(count)
  let squares = laneSum(count) { (x[$0] - mean) * (x[$0] - mean) }
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
  let mean = laneSum(count) { gradient[$0] } / T(count)
  let along = laneSum(count) { gradient[$0] * output[$0] } / T(count - 1)
  for i in 0..<count { gradient[i] = inverse * (gradient[i] - mean - output[i] * along) }
}

/// y = x · factors, element by element.
@specialized(where T == Float)
@specialized(where T == Double)
public func multiplyElements<T: KernelScalar>(
  _ x: UnsafePointer<T>, by factors: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, count: Int
) {
  for i in 0..<count { y[i] = x[i] * factors[i] }
}

/// sums += x · y, element by element.
@specialized(where T == Float)
@specialized(where T == Double)
public func addProducts<T: KernelScalar>(
  _ x: UnsafePointer<T>, _ y: UnsafePointer<T>, to sums: UnsafeMutablePointer<T>, count: Int
) {
  for i in 0..<count { sums[i] += x[i] * y[i] }
}
