/// Numbers that layers keep and multiply: single or double precision, or bfloat16, whose products are summed in single
/// precision. Parameters, gradients, biases, norms and the softmax are always ``Sum``.
///
/// What is finished of a product goes from sums to operands in one pass over a row, whatever stands between (bias,
/// rectifier, rounding). Where operands are sums themselves, both may be the same memory.
public protocol Operand: BitwiseCopyable, Sendable {
  associatedtype Sum: KernelScalar

  /// y = x rounded.
  static func round(_ x: UnsafePointer<Sum>, into y: UnsafeMutablePointer<Self>, _ count: Int)
  /// y = x.
  static func expand(_ x: UnsafePointer<Self>, into y: UnsafeMutablePointer<Sum>, _ count: Int)
  /// y = max(0, sums + bias) rounded; not-a-number stays itself.
  static func rectify(
    _ sums: UnsafeMutablePointer<Sum>, adding bias: UnsafePointer<Sum>, into y: UnsafeMutablePointer<Self>, _ count: Int
  )
  /// y = gradient rounded, but 0 where `output` is not positive; adds what is rounded to `sums`. Overwrites `gradient`.
  static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Sum>, output: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>,
    addingTo sums: UnsafeMutablePointer<Sum>, _ count: Int)

  /// Rows of a product that are made at a time when each is finished by a pass of its own; nil: all of them.
  static func rowsAtOnce(columns: Int) -> Int?
  /// C[rows, n] = A[rows, k] · B[k, n], or C += A · B, on the calling thread; `scratch` is its own.
  static func multiply(
    rows: Int, _ a: Matrix<Self>, _ b: RightFactor<Self>, accumulate: Bool, _ c: Matrix<Sum>, _ scratch: Scratch)
  /// C[m, n] += A[k, m]ᵀ · B[k, n] on the calling thread.
  static func addTransposedProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix<Self>, _ b: Matrix<Self>, _ c: Matrix<Sum>, _ scratch: Scratch)
  /// Makes ready what ``multiply(rows:_:_:accumulate:_:_:)`` takes of a factor whose numbers have been set.
  static func prepare(_ factor: RightFactor<Self>, _ scratch: Scratch)
}

extension KernelScalar {
  public static func round(_ x: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>, _ count: Int) {
    if x != UnsafePointer(y) { y.update(from: x, count: count) }
  }

  public static func expand(_ x: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>, _ count: Int) {
    round(x, into: y, count)
  }

  public static func rectify(
    _ sums: UnsafeMutablePointer<Self>, adding bias: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>,
    _ count: Int
  ) {
    rectify(sums, count, adding: bias)
    round(sums, into: y, count)
  }

  public static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Self>, output: UnsafePointer<Self>, into y: UnsafeMutablePointer<Self>,
    addingTo sums: UnsafeMutablePointer<Self>, _ count: Int
  ) {
    rectifyGradient(gradient, count, output: output, addingTo: sums)
    round(gradient, into: y, count)
  }

  /// Products go where their operands are kept, so there is nothing to be gained from making them a few rows at a time.
  public static func rowsAtOnce(columns: Int) -> Int? { nil }

  public static func multiply(
    rows: Int, _ a: Matrix<Self>, _ b: RightFactor<Self>, accumulate: Bool, _ c: Matrix<Self>, _ scratch: Scratch
  ) {
    gemm(
      Product(rows, b.columns, b.rows, transposeB: b.isTransposed), alpha: 1, a, b.numbers, beta: accumulate ? 1 : 0, c)
  }

  public static func addTransposedProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix<Self>, _ b: Matrix<Self>, _ c: Matrix<Self>, _ scratch: Scratch
  ) {
    gemm(Product(m, n, k, transposeA: true), alpha: 1, a, b, beta: 1, c)
  }

  public static func prepare(_ factor: RightFactor<Self>, _ scratch: Scratch) {}
}

/// Rows of sums as operands: a rounded copy, or the rows themselves where operands are sums.
public struct OperandRows<Element: Operand> {
  private let copy: Buffer<Element>?
  private let columns: Int

  public init(rows: Int, columns: Int) {
    self.columns = columns
    copy = Element.self == Element.Sum.self ? nil : Buffer(count: rows * columns)
  }

  /// The first `count` rows of `sums`, which are as wide as these.
  public func round(_ sums: Matrix<Element.Sum>, count: Int, _ workers: Workers) -> Matrix<Element> {
    guard let copy else { return sums.reinterpreted() }
    workers.split(count, multipleOf: 16) { range in
      for i in range { Element.round(sums.row(i), into: copy.pointer + i * columns, columns) }
    }
    return copy.matrix(columns)
  }

  /// The operands that ``round(_:count:_:)`` made of the same sums.
  public func kept(_ sums: Matrix<Element.Sum>) -> Matrix<Element> { copy?.matrix(columns) ?? sums.reinterpreted() }
}

extension Matrix {
  /// The same memory; only where both types are one.
  func reinterpreted<Other: Operand>() -> Matrix<Other> {
    precondition(Other.self == Scalar.self)
    return Matrix<Other>(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Other.self), stride: stride)
  }
}
