/// log for normal positive x, relative error below 1e-6; denormal numbers and zero give about -87.
///
/// Cephes' logf (Moshier): x = m 2ᵉ with m in [√½, √2), and a polynomial for log(m).
@inlinable @inline(__always)
func logarithm(_ value: SIMD8<Float>) -> SIMD8<Float> {
  typealias Vector = SIMD8<Float>
  var x = value
  x.replace(with: Float.leastNormalMagnitude, where: x .< Float.leastNormalMagnitude)
  let bits = unsafeBitCast(x, to: SIMD8<UInt32>.self)
  // The exponent of x / √½, so that the mantissa comes out in [√½, √2).
  let shifted = bits &- SIMD8<UInt32>(repeating: 0x3f35_04f3)
  let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &>> 23
  let mantissa = (shifted & SIMD8<UInt32>(repeating: 0x007f_ffff)) &+ SIMD8<UInt32>(repeating: 0x3f35_04f3)
  let e = Vector(exponent)
  let m = unsafeBitCast(mantissa, to: Vector.self) - Vector(repeating: 1)
  let square = m * m
  var p = m * Vector(repeating: 7.0376836292e-2) + Vector(repeating: -1.1514610310e-1)
  p = p * m + Vector(repeating: 1.1676998740e-1)
  p = p * m + Vector(repeating: -1.2420140846e-1)
  p = p * m + Vector(repeating: 1.4249322787e-1)
  p = p * m + Vector(repeating: -1.6668057665e-1)
  p = p * m + Vector(repeating: 2.0000714765e-1)
  p = p * m + Vector(repeating: -2.4999993993e-1)
  p = p * m + Vector(repeating: 3.3333331174e-1)
  let tail = p * m * square + e * Vector(repeating: -2.12194440e-4) - Vector(repeating: 0.5) * square
  return m + tail + e * Vector(repeating: 0.693359375)
}

@inlinable @inline(__always)
func loadVector(_ x: UnsafePointer<Float>) -> SIMD8<Float> {
  UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Float>.self)
}

/// x[i] = log x[i] for normal positive numbers, relative error below 1e-6; anything smaller gives about -87.
///
/// - Parameter count: a multiple of 8.
public func takeLogarithms(_ x: UnsafeMutablePointer<Float>, count: Int) {
  precondition(count % 8 == 0)
  for i in stride(from: 0, to: count, by: 8) {
    UnsafeMutableRawPointer(x + i).storeBytes(of: logarithm(loadVector(x + i)), as: SIMD8<Float>.self)
  }
}

/// The logarithm of each column's sum of exponentials: result[c · resultStride] = log Σ_r exp(values[r, c]).
///
/// Terms below e⁻²⁰ of the largest may be left out. Minus infinity stands for an empty sum.
///
/// - Parameters:
///   - values: `rows` rows of `columns` elements, `stride` apart.
///   - columns: a multiple of 8.
public func logSumExp(
  _ values: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int, into result: UnsafeMutablePointer<Float>,
  resultStride: Int
) {
  precondition(columns % 8 == 0)
  let least = SIMD8<Float>(repeating: -20)
  for c in Swift.stride(from: 0, to: columns, by: 8) {
    var largest = SIMD8<Float>(repeating: -.greatestFiniteMagnitude)
    for r in 0..<rows {
      let value = loadVector(values + r * stride + c)
      largest.replace(with: value, where: value .> largest)
    }
    var sum = SIMD8<Float>()
    for r in 0..<rows {
      let difference = loadVector(values + r * stride + c) - largest
      if any(difference .> least) { sum += exponential(difference) }
    }
    let logs = rows == 0 ? SIMD8<Float>(repeating: -.infinity) : largest + logarithm(sum)
    for i in 0..<8 { result[(c + i) * resultStride] = logs[i] }
  }
}
