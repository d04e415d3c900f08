/// The right factor of many products, B[rows, columns]: weights, which change once an update, or a batch's latents.
/// It is rounded and brought into the order that products like best once, when it is set.
public final class RightFactor<Element: Operand> {
  public let rows: Int
  public let columns: Int
  /// The numbers are stored as [columns, rows].
  public let isTransposed: Bool
  /// Numbers as products by sums take them: the ones that were set, or a rounded copy.
  public internal(set) var numbers: Matrix<Element.Sum>
  /// What ``numbers`` points to where it is a copy.
  var copy: Buffer<Element.Sum>?
  /// The same as oneDNN has it.
  var packed: PackedBFloat16?

  public init(rows: Int, columns: Int, isTransposed: Bool) {
    self.rows = rows
    self.columns = columns
    self.isTransposed = isTransposed
    numbers = Matrix(UnsafeMutablePointer(bitPattern: MemoryLayout<Element.Sum>.alignment)!, stride: 0)
  }

  /// Takes its numbers from `source`, which must stay as it is while products use them.
  func set(_ source: Matrix<Element.Sum>, _ scratch: Scratch) {
    numbers = source
    Element.prepare(self, scratch)
  }
}

extension Workers {
  /// Sets several factors at once.
  public func set<E: Operand>(_ factors: [(factor: RightFactor<E>, source: Matrix<E.Sum>)]) {
    let parts = min(count, factors.count)
    forEach(parts) { worker in
      for i in stride(from: worker, to: factors.count, by: parts) {
        factors[i].factor.set(factors[i].source, scratch[worker])
      }
    }
  }
}
