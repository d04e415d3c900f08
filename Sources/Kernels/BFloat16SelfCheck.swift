/// Compares a few of oneDNN's products with plain sums, before any is relied on: some builds of such libraries are wrong
/// on processors that came after them.
enum BFloat16SelfCheck {
  static func passes() -> Bool {
    [(m: 33, n: 80, k: 72, packed: true), (m: 48, n: 65, k: 37, packed: false)].allSatisfy {
      check(m: $0.m, n: $0.n, k: $0.k, packed: $0.packed)
    }
  }

  /// With `packed`, C = A · B with B packed; else C += Aᵀ · B.
  private static func check(m: Int, n: Int, k: Int, packed: Bool) -> Bool {
    // Small whole numbers: exact in any order of summing.
    let a = Buffer((0..<m * k).map { BFloat16(Float($0 * 7 % 13 - 6)) })
    let b = Buffer((0..<k * n).map { BFloat16(Float($0 * 5 % 11 - 5)) })
    let c = Buffer<Float>(count: m * n)
    let scratch = Scratch()
    let shape = BFloat16Shape(
      m: m, n: n, k: k, aStride: packed ? k : m, bStride: packed ? 0 : n, cStride: n, isTransposedA: !packed,
      accumulates: !packed)
    guard let product = BFloat16Product(shape) else { return false }
    if packed {
      let memory = Buffer<UInt8>(count: product.packedBytes)
      guard product.pack(b.pointer, stride: n, isTransposed: false, into: memory.pointer),
        product.run(a.pointer, memory.pointer, c.pointer, scratch)
      else { return false }
    } else {
      guard product.run(a.pointer, b.pointer, c.pointer, scratch) else { return false }
    }
    for i in 0..<m {
      for j in 0..<n {
        var sum: Float = 0
        for l in 0..<k { sum += a[packed ? i * k + l : l * m + i].float * b[l * n + j].float }
        guard c[i * n + j] == sum else { return false }
      }
    }
    return true
  }
}
