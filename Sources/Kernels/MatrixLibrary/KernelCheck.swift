package import COpenBLAS

/// Compares a library's products with plain loops in double precision: some libraries have kernels that are wrong on
/// processors which came after them. A few small and odd shapes, in which all loops of a kernel and its edges have
/// work; takes some milliseconds.
package struct KernelCheck {
  /// cblas_sgemm and cblas_dgemm.
  package typealias Function<T> = (
    CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint, T, UnsafePointer<T>?, blasint,
    UnsafePointer<T>?, blasint, T, UnsafeMutablePointer<T>?, blasint
  ) -> Void

  private let single: Function<Float>
  private let double: Function<Double>

  package init(single: @escaping Function<Float>, double: @escaping Function<Double>) {
    (self.single, self.double) = (single, double)
  }

  package var passes: Bool {
    // The last is above the size to which libraries use kernels for small matrices.
    let shapes: [(m: Int, n: Int, k: Int)] = [(1, 33, 7), (19, 1, 21), (5, 7, 3), (18, 37, 29), (67, 131, 121)]
    for (i, shape) in shapes.enumerated() {
      // Three rows of the largest are looked at; all of the others.
      let step = i < shapes.count - 1 ? 1 : 33
      for transposed in 0..<4 {
        let product = Product(
          shape.m, shape.n, shape.k, transposeA: transposed & 1 != 0, transposeB: transposed & 2 != 0)
        guard isRight(Float.self, product, step, single), isRight(Double.self, product, step, double)
        else { return false }
      }
    }
    return true
  }

  @specialized(where T == Float)
  @specialized(where T == Double)
  private func isRight<T: KernelScalar>(
    _ type: T.Type, _ p: Product, _ step: Int, _ multiply: Function<T>
  ) -> Bool {
    // Rows lie further apart than they are long; what lies between must stay.
    let gap = 3
    let a = Self.numbers(p.transposeA ? (p.k, p.m) : (p.m, p.k), gap, 1, as: T.self)
    let b = Self.numbers(p.transposeB ? (p.n, p.k) : (p.k, p.n), gap, 2, as: T.self)
    let before = Self.numbers((p.m, p.n), gap, 3, as: T.self)
    var c = before
    let (strideA, strideB, strideC) = ((p.transposeA ? p.m : p.k) + gap, (p.transposeB ? p.k : p.n) + gap, p.n + gap)
    let (alpha, beta): (T, T) = (0.5, -2)
    multiply(
      CblasRowMajor, p.transposeA ? CblasTrans : CblasNoTrans, p.transposeB ? CblasTrans : CblasNoTrans,
      blasint(p.m), blasint(p.n), blasint(p.k), alpha, a, blasint(strideA), b, blasint(strideB), beta, &c,
      blasint(strideC))
    // Elements are at most 1 in size, so that an error of 2 k units in the last place is more than rounding can make.
    let tolerance = 2 * Double(p.k) * Double(T.ulpOfOne)
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for i in stride(from: 0, to: p.m, by: step) {
          for j in 0..<strideC {
            let (old, new) = (before[i * strideC + j], c[i * strideC + j])
            guard j < p.n else {
              if new != old { return false }
              continue
            }
            var sum = 0.0
            for l in 0..<p.k {
              sum +=
                Double(p.transposeA ? a[l * strideA + i] : a[i * strideA + l])
                * Double(p.transposeB ? b[j * strideB + l] : b[l * strideB + j])
            }
            // Written so that not-a-number is wrong, too.
            guard abs(Double(alpha) * sum + Double(beta) * Double(old) - Double(new)) <= tolerance else { return false }
          }
        }
        return true
      }
    }
  }

  /// Numbers in [−1, 1) without a pattern that wrong indices could keep.
  @specialized(where T == Float)
  @specialized(where T == Double)
  private static func numbers<T: KernelScalar>(
    _ shape: (rows: Int, columns: Int), _ gap: Int, _ seed: UInt32, as: T.Type
  ) -> [T] {
    var state = seed &* 0x9E37_79B9
    return (0..<shape.rows * (shape.columns + gap)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return T(Int32(bitPattern: state) >> 8) * T(0x1p-23)
    }
  }
}
