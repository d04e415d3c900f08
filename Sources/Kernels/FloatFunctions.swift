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

/// Applies `function` to whole vectors, and to the rest padded with zeros.
@inline(__always)
private func mapRow(
  _ x: UnsafeMutablePointer<Float>, _ count: Int, _ function: (SIMD8<Float>) -> SIMD8<Float>
) {
  let raw = UnsafeMutableRawPointer(x)
  let whole = count & ~7
  var i = 0
  while i < whole {
    let vector = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
    raw.storeBytes(of: function(vector), toByteOffset: 4 * i, as: SIMD8<Float>.self)
    i += 8
  }
  guard whole < count else { return }
  var rest = SIMD8<Float>()
  for j in whole..<count { rest[j - whole] = x[j] }
  rest = function(rest)
  for j in whole..<count { x[j] = rest[j - whole] }
}

extension Float {
  public static func exponentiate(_ x: UnsafeMutablePointer<Float>, _ count: Int, subtracting shift: Float) -> Float {
    let shifts = SIMD8<Float>(repeating: shift)
    let whole = count & ~7
    var sums = SIMD8<Float>()
    mapRow(x, whole) { vector in
      let result = exponential(vector - shifts)
      sums += result
      return result
    }
    var sum = sums.sum()
    for i in whole..<count {
      x[i] = exponential(SIMD8(repeating: x[i] - shift))[0]
      sum += x[i]
    }
    return sum
  }

  public static func sigmoid(_ x: UnsafeMutablePointer<Float>, _ count: Int) { mapRow(x, count) { logistic($0) } }

  public static func tanh(_ x: UnsafeMutablePointer<Float>, _ count: Int) { mapRow(x, count) { hyperbolicTangent($0) } }

  public static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let raw = UnsafeRawPointer(x)
    let whole = count & ~7
    var best = SIMD8<Float>(repeating: -.infinity)
    var i = 0
    while i < whole {
      let vector = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
      best.replace(with: vector, where: vector .> best)
      i += 8
    }
    var result = best.max()
    for j in whole..<count where x[j] > result { result = x[j] }
    return result
  }

  public static func countBelow(_ limit: Float, _ x: UnsafePointer<Float>, _ count: Int) -> Int {
    let raw = UnsafeRawPointer(x)
    let limits = SIMD8<Float>(repeating: limit)
    let whole = count & ~7
    var counts = SIMD8<Int32>()
    var i = 0
    while i < whole {
      let vector = raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self)
      counts.replace(with: counts &+ 1, where: vector .< limits)
      i += 8
    }
    var below = Int(counts.wrappedSum())
    for j in whole..<count where x[j] < limit { below += 1 }
    return below
  }
}
