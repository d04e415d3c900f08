/// Single precision, in which training runs, or double, in which its gradients are checked.
///
/// The requirements are whole rows or products, so that generic layers cost nothing without being specialised.
public protocol KernelScalar: Operand, BinaryFloatingPoint where Sum == Self {
  /// C[m, n] = alpha · op(A)[m, k] · op(B)[k, n] + beta · C, all row-major, on the calling thread.
  static func gemm(_ product: Product, alpha: Self, _ a: Matrix<Self>, _ b: Matrix<Self>, beta: Self, _ c: Matrix<Self>)

  /// x[i] = exp(x[i] − shift); returns the sum.
  static func exponentiate(_ x: UnsafeMutablePointer<Self>, _ count: Int, subtracting shift: Self) -> Self
  /// y[i] = max(0, y[i] + bias[i]); not-a-number stays itself.
  static func rectify(_ y: UnsafeMutablePointer<Self>, _ count: Int, adding bias: UnsafePointer<Self>)
  /// gradient[i] = 0 where output[i] is not positive; adds the result to `sums`.
  static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Self>, _ count: Int, output: UnsafePointer<Self>,
    addingTo sums: UnsafeMutablePointer<Self>)
  /// The largest element; −∞ if there is none. Not-a-number is passed over.
  static func maximum(_ x: UnsafePointer<Self>, _ count: Int) -> Self
  /// The largest element, and how many are smaller than `limit`.
  static func maximum(
    _ x: UnsafePointer<Self>, _ count: Int, countingBelow limit: Self
  ) -> (largest: Self, below: Int)
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
public struct Matrix<Scalar: Operand> {
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

extension Buffer where Element: Operand {
  /// The buffer as rows of `stride` elements.
  public func matrix(_ stride: Int) -> Matrix<Element> { Matrix(pointer, stride: stride) }
}
