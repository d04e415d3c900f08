import COpenBLAS
import RealModule

/// Single precision, in which training runs, or double, in which its gradients are checked.
///
/// The requirements are whole rows or products, so that generic layers cost nothing without being specialised.
public protocol KernelScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// C[m, n] = alpha · op(A)[m, k] · op(B)[k, n] + beta · C, all row-major, on the calling thread.
  static func gemm(_ product: Product, alpha: Self, _ a: Matrix<Self>, _ b: Matrix<Self>, beta: Self, _ c: Matrix<Self>)

  /// x[i] = exp(x[i] − shift); returns the sum.
  static func exponentiate(_ x: UnsafeMutablePointer<Self>, _ count: Int, subtracting shift: Self) -> Self
  /// x[i] = 1 / (1 + exp(−x[i])).
  static func sigmoid(_ x: UnsafeMutablePointer<Self>, _ count: Int)
  static func tanh(_ x: UnsafeMutablePointer<Self>, _ count: Int)
  /// The largest element; −∞ if there is none.
  static func maximum(_ x: UnsafePointer<Self>, _ count: Int) -> Self
  /// How many elements are smaller than `limit`.
  static func countBelow(_ limit: Self, _ x: UnsafePointer<Self>, _ count: Int) -> Int
}

/// The shape of a matrix product, and which factor is stored transposed.
public struct Product: Sendable {
  public var m: Int
  public var n: Int
  public var k: Int
  public var transposeA: Bool
  public var transposeB: Bool

  public init(_ m: Int, _ n: Int, _ k: Int, transposeA: Bool = false, transposeB: Bool = false) {
    self.m = m
    self.n = n
    self.k = k
    self.transposeA = transposeA
    self.transposeB = transposeB
  }
}

/// Row-major elements somewhere in a buffer: where they begin, and how far one row is from the next.
public struct Matrix<Scalar: KernelScalar> {
  public var pointer: UnsafeMutablePointer<Scalar>
  public var stride: Int

  public init(_ pointer: UnsafeMutablePointer<Scalar>, stride: Int) {
    self.pointer = pointer
    self.stride = stride
  }

  public func row(_ i: Int) -> UnsafeMutablePointer<Scalar> { pointer + i * stride }
  /// The same matrix without its first rows and columns.
  public func from(row: Int, column: Int = 0) -> Matrix { Matrix(pointer + row * stride + column, stride: stride) }
}

extension Buffer where Element: KernelScalar {
  /// The buffer as rows of `stride` elements.
  public func matrix(_ stride: Int) -> Matrix<Element> { Matrix(pointer, stride: stride) }
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
}

extension Double: KernelScalar {
  public static func gemm(
    _ p: Product, alpha: Double, _ a: Matrix<Double>, _ b: Matrix<Double>, beta: Double, _ c: Matrix<Double>
  ) {
    cblas_dgemm(
      CblasRowMajor, p.transposeA ? CblasTrans : CblasNoTrans, p.transposeB ? CblasTrans : CblasNoTrans,
      blasint(p.m), blasint(p.n), blasint(p.k), alpha, a.pointer, blasint(a.stride), b.pointer, blasint(b.stride),
      beta, c.pointer, blasint(c.stride))
  }

  public static func exponentiate(
    _ x: UnsafeMutablePointer<Double>, _ count: Int, subtracting shift: Double
  ) -> Double {
    var sum = 0.0
    for i in 0..<count {
      x[i] = Double.exp(x[i] - shift)
      sum += x[i]
    }
    return sum
  }

  public static func sigmoid(_ x: UnsafeMutablePointer<Double>, _ count: Int) {
    for i in 0..<count { x[i] = 1 / (1 + Double.exp(-x[i])) }
  }

  public static func tanh(_ x: UnsafeMutablePointer<Double>, _ count: Int) {
    for i in 0..<count { x[i] = Double.tanh(x[i]) }
  }

  public static func maximum(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    var best = -Double.infinity
    for i in 0..<count where x[i] > best { best = x[i] }
    return best
  }

  public static func countBelow(_ limit: Double, _ x: UnsafePointer<Double>, _ count: Int) -> Int {
    var below = 0
    for i in 0..<count where x[i] < limit { below += 1 }
    return below
  }
}

extension Workers {
  /// ``KernelScalar/gemm(_:alpha:_:_:beta:_:)`` with the result cut into one block a worker, as square as can be.
  public func gemm<T: KernelScalar>(
    _ p: Product, alpha: T = 1, _ a: Matrix<T>, _ b: Matrix<T>, beta: T = 0, _ c: Matrix<T>
  ) {
    guard count > 1, p.m * p.n * p.k > 1 << 18 else { return T.gemm(p, alpha: alpha, a, b, beta: beta, c) }
    let grid = (1...count).filter { count % $0 == 0 }
      .min { p.m / $0 + p.n / (count / $0) < p.m / $1 + p.n / (count / $1) }!
    let rows = Workers.cut(p.m, grid, multipleOf: 16)
    let columns = Workers.cut(p.n, count / grid, multipleOf: 16)
    forEach(rows.count * columns.count) { i in
      let row = rows[i / columns.count]
      let column = columns[i % columns.count]
      let block = Product(row.count, column.count, p.k, transposeA: p.transposeA, transposeB: p.transposeB)
      T.gemm(
        block, alpha: alpha, p.transposeA ? a.from(row: 0, column: row.lowerBound) : a.from(row: row.lowerBound),
        p.transposeB ? b.from(row: column.lowerBound) : b.from(row: 0, column: column.lowerBound),
        beta: beta, c.from(row: row.lowerBound, column: column.lowerBound))
    }
  }

  private static func cut(_ n: Int, _ parts: Int, multipleOf unit: Int) -> [Range<Int>] {
    let units = (n + unit - 1) / unit
    return (0..<min(parts, units)).map { i in
      let parts = min(parts, units)
      return min(n, units * i / parts * unit)..<min(n, units * (i + 1) / parts * unit)
    }
  }
}
