// Exponentials of rows of single-precision numbers, eight at a time: a training update needs some twelve million, which
// at the 10 to 20 ns of a library call would take a third of its time.

/// exp for −87.3 ≤ x ≤ 88, saturating beyond; relative error below 2e-7. Not-a-number stays itself.
///
/// Cephes' expf (Moshier): x = n ln 2 + r, a polynomial for exp(r), and n added to the exponent bits. Rounding to n is
/// by adding 1.5 · 2²³, after which the low bits of the sum hold n.
@inlinable @inline(__always)
func exponential(_ value: SIMD8<Float>) -> SIMD8<Float> {
  typealias Vector = SIMD8<Float>
  var x = value
  x.replace(with: -87.3, where: x .< -87.3)
  x.replace(with: 88, where: x .> 88)
  let shifted = x * Vector(repeating: 1.44269504) + Vector(repeating: 12_582_912)
  let n = shifted - Vector(repeating: 12_582_912)
  let r = x - n * Vector(repeating: 0.693359375) - n * Vector(repeating: -2.12194440e-4)
  var p = r * Vector(repeating: 1.9875691500e-4) + Vector(repeating: 1.3981999507e-3)
  p = p * r + Vector(repeating: 8.3334519073e-3)
  p = p * r + Vector(repeating: 4.1665795894e-2)
  p = p * r + Vector(repeating: 1.6666665459e-1)
  p = p * r + Vector(repeating: 5.0000001201e-1)
  p = p * (r * r) + r + Vector(repeating: 1)
  let bits = (unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23) &+ SIMD8<UInt32>(repeating: 0x3f80_0000)
  return p * unsafeBitCast(bits, to: Vector.self)
}

@inlinable @inline(__always)
func logistic(_ x: SIMD8<Float>) -> SIMD8<Float> {
  SIMD8(repeating: 1) / (SIMD8(repeating: 1) + exponential(SIMD8(repeating: 0) - x))
}

/// Relative error below 3e-7: a polynomial near zero, where 1 − 2 / (exp(2x) + 1) would cancel (Cephes' tanhf).
@inlinable @inline(__always)
func hyperbolicTangent(_ x: SIMD8<Float>) -> SIMD8<Float> {
  typealias Vector = SIMD8<Float>
  let square = x * x
  var p = square * Vector(repeating: -5.70498872745e-3) + Vector(repeating: 2.06390887954e-2)
  p = p * square + Vector(repeating: -5.37397155531e-2)
  p = p * square + Vector(repeating: 1.33314422036e-1)
  p = p * square + Vector(repeating: -3.33332819422e-1)
  let near = p * square * x + x
  let far = Vector(repeating: 1) - Vector(repeating: 2) / (exponential(x + x) + Vector(repeating: 1))
  return far.replacing(with: near, where: square .< 0.390625)
}
