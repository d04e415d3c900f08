import COpenBLAS
import CVectorKernels

@inline(__always)
private func load(_ x: UnsafePointer<Float>, _ i: Int) -> SIMD8<Float> {
  UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store(_ value: SIMD8<Float>, _ x: UnsafeMutablePointer<Float>, _ i: Int) {
  UnsafeMutableRawPointer(x + i).storeBytes(of: value, as: SIMD8<Float>.self)
}

/// Applies `function` to whole vectors, and to the rest padded with zeros.
@inline(__always)
private func mapRow(
  _ x: UnsafeMutablePointer<Float>, _ count: Int, _ function: (SIMD8<Float>) -> SIMD8<Float>
) {
  let whole = count & ~7
  for i in stride(from: 0, to: whole, by: 8) { store(function(load(x, i)), x, i) }
  guard whole < count else { return }
  var rest = SIMD8<Float>()
  for j in whole..<count { rest[j - whole] = x[j] }
  rest = function(rest)
  for j in whole..<count { x[j] = rest[j - whole] }
}

extension Float: KernelScalar {
  public static func gemm(
    _ p: Product, alpha: Float, _ a: Matrix<Float>, _ b: Matrix<Float>, beta: Float, _ c: Matrix<Float>
  ) {
    cblas_sgemm(
      CblasRowMajor, p.transposeA ? CblasTrans : CblasNoTrans, p.transposeB ? CblasTrans : CblasNoTrans,
      blasint(p.m), blasint(p.n), blasint(p.k), alpha, a.pointer, blasint(a.stride), b.pointer, blasint(b.stride),
      beta, c.pointer, blasint(c.stride))
  }

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

  public static func rectify(_ y: UnsafeMutablePointer<Float>, _ count: Int, adding bias: UnsafePointer<Float>) {
    cpc_bias_relu(y, bias, count)
  }

  public static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Float>, _ count: Int, output: UnsafePointer<Float>,
    addingTo sums: UnsafeMutablePointer<Float>
  ) {
    cpc_relu_gradient(gradient, output, sums, count)
  }

  public static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let whole = count & ~7
    var best = SIMD8<Float>(repeating: -.infinity)
    for i in stride(from: 0, to: whole, by: 8) {
      let vector = load(x, i)
      best.replace(with: vector, where: vector .> best)
    }
    var result = best.max()
    for j in whole..<count where x[j] > result { result = x[j] }
    return result
  }

  public static func countBelow(_ limit: Float, _ x: UnsafePointer<Float>, _ count: Int) -> Int {
    let limits = SIMD8<Float>(repeating: limit)
    let whole = count & ~7
    var counts = SIMD8<Int32>()
    for i in stride(from: 0, to: whole, by: 8) { counts.replace(with: counts &+ 1, where: load(x, i) .< limits) }
    var below = Int(counts.wrappedSum())
    for j in whole..<count where x[j] < limit { below += 1 }
    return below
  }
}
