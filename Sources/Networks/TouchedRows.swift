import Kernels

/// Some rows of a table, of which a batch needs few.
public final class TouchedRows {
  /// Of the table.
  public let count: Int
  /// In the order in which they came.
  public private(set) var rows: [Int] = []
  private var isTouched: [Bool]

  init(count: Int) {
    self.count = count
    isTouched = Array(repeating: false, count: count)
  }

  public func insert(_ row: Int) {
    guard !isTouched[row] else { return }
    isTouched[row] = true
    rows.append(row)
  }

  func removeAll() {
    for row in rows { isTouched[row] = false }
    rows.removeAll(keepingCapacity: true)
  }
}

extension Parameter {
  /// Elements of a row of a table.
  var rowSize: Int { count / shape[0] }

  /// The rows that an update goes over, ascending: those whose gradient is not all zero, so that it makes no difference
  /// whether the gradient has just been made or was read from a file. Nil for all of a parameter that is not sparse.
  var gradientRows: [Int]? { touched?.rows.filter { !isZero(gradient.pointer + $0 * rowSize, rowSize) }.sorted() }

  public func clearGradient() {
    guard let touched else { return gradient.fillWithZeros() }
    for row in touched.rows { (gradient.pointer + row * rowSize).update(repeating: 0, count: rowSize) }
    touched.removeAll()
  }

  /// Finds the touched rows of a gradient that has been set.
  func noteRows() {
    guard let touched else { return }
    touched.removeAll()
    for row in 0..<touched.count where !isZero(gradient.pointer + row * rowSize, rowSize) { touched.insert(row) }
  }
}

@specialized(where T == Float)
private func isZero<T: KernelScalar>(_ x: UnsafePointer<T>, _ count: Int) -> Bool {
  for i in 0..<count where x[i] != 0 { return false }
  return true
}
