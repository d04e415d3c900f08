/// A number of 16 bits with single precision's range and 8 significant bits: the upper half of a `Float`.
///
/// Rounded to the nearest, halves to even. Products of two are exact in single precision, where they are summed.
public struct BFloat16: BitwiseCopyable, Sendable, Equatable {
  public var bits: UInt16

  public init(bits: UInt16) { self.bits = bits }

  public init(_ value: Float) {
    let pattern = value.bitPattern
    // A not-a-number could round to infinity.
    bits =
      value.isNaN
      ? UInt16(pattern >> 16) | 0x40 : UInt16(truncatingIfNeeded: (pattern &+ 0x7fff &+ (pattern >> 16 & 1)) >> 16)
  }

  public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}

extension BFloat16: Operand {
  public typealias Sum = Float

  /// As many rows as leave room for their operands in a cache of some hundred KiB; where products are made of expanded
  /// operands, as many as make it worth the while to bring the right factor into the library's order.
  public static func rowsAtOnce(columns: Int) -> Int? {
    BFloat16Products.isNative ? max(1, min(256, (1 << 17) / columns)) : max(1, min(1024, (1 << 20) / columns))
  }

  public static func prepare(_ factor: RightFactor<BFloat16>, _ scratch: Scratch) {
    let source = factor.numbers
    let (rows, columns) = factor.isTransposed ? (factor.columns, factor.rows) : (factor.rows, factor.columns)
    if BFloat16Products.takes(depth: factor.rows) {
      let rounded = scratch.memory(.right, BFloat16.self, count: rows * columns)
      for i in 0..<rows { round(source.row(i), into: rounded + i * columns, columns) }
      if factor.packed == nil { factor.packed = PackedBFloat16(rows: factor.rows, columns: factor.columns) }
      if factor.packed!.pack(rounded, stride: columns, isTransposed: factor.isTransposed) { return }
    }
    factor.packed = nil
    let copy = factor.copy ?? Buffer<Float>(count: rows * columns)
    factor.copy = copy
    for i in 0..<rows {
      let row = copy.pointer + i * columns
      let rounded = scratch.memory(.right, BFloat16.self, count: columns)
      round(source.row(i), into: rounded, columns)
      expand(rounded, into: row, columns)
    }
    factor.numbers = copy.matrix(columns)
  }

  public static func multiply(
    rows: Int, _ a: Matrix<BFloat16>, _ b: RightFactor<BFloat16>, accumulate: Bool, _ c: Matrix<Float>,
    _ scratch: Scratch
  ) {
    let atOnce = rowsAtOnce(columns: b.columns)!
    for first in stride(from: 0, to: rows, by: atOnce) {
      let count = min(atOnce, rows - first)
      let (a, c) = (a.from(row: first), c.from(row: first))
      if let packed = b.packed, packed.multiply(rows: count, a, accumulate: accumulate, c, scratch) { continue }
      let left = expanded(a, rows: count, columns: b.rows, scratch, .left)
      Float.gemm(
        Product(count, b.columns, b.rows, transposeB: b.isTransposed), alpha: 1, left, b.numbers,
        beta: accumulate ? 1 : 0, c)
    }
  }

  public static func addTransposedProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, _ c: Matrix<Float>, _ scratch: Scratch
  ) {
    let isNative = BFloat16Products.takes(depth: k) && m >= 32
    // As many rows of both as a cache holds, or as make it worth the while to add to C.
    let atOnce = isNative ? 1024 : 512
    for first in stride(from: 0, to: k, by: atOnce) {
      let count = min(atOnce, k - first)
      let (a, b) = (a.from(row: first), b.from(row: first))
      if isNative {
        // oneDNN's kernels for these instructions take dense rows alone.
        let denseA = dense(a, rows: count, columns: m, scratch, .left)
        let denseB = dense(b, rows: count, columns: n, scratch, .right)
        if BFloat16Products.addTransposed(m, n, count, denseA, denseB, c, scratch) { continue }
      }
      let left = expanded(a, rows: count, columns: m, scratch, .left)
      let right = expanded(b, rows: count, columns: n, scratch, .right)
      Float.gemm(Product(m, n, count, transposeA: true), alpha: 1, left, right, beta: 1, c)
    }
  }

  private static func dense(
    _ x: Matrix<BFloat16>, rows: Int, columns: Int, _ scratch: Scratch, _ use: Scratch.Use
  ) -> Matrix<BFloat16> {
    guard x.stride != columns else { return x }
    let y = Matrix(scratch.memory(use, BFloat16.self, count: rows * columns), stride: columns)
    for i in 0..<rows { y.row(i).update(from: x.row(i), count: columns) }
    return y
  }

  private static func expanded(
    _ x: Matrix<BFloat16>, rows: Int, columns: Int, _ scratch: Scratch, _ use: Scratch.Use
  ) -> Matrix<Float> {
    let y = Matrix(scratch.memory(use, Float.self, count: rows * columns), stride: columns)
    for i in 0..<rows { expand(x.row(i), into: y.row(i), columns) }
    return y
  }
}
