public import Kernels

/// A weight as the right factor of products, set anew when training has changed the parameter.
public final class WeightFactor<Element: Operand> {
  public let factor: RightFactor<Element>
  private let parameter: Parameter<Element.Sum>
  private let source: Matrix<Element.Sum>
  private var version: Int?

  /// - Parameters:
  ///   - first: where in the parameter's value the factor begins.
  ///   - isTransposed: the value is stored as [columns, rows].
  init(
    _ parameter: Parameter<Element.Sum>, first: Int = 0, rows: Int, columns: Int, isTransposed: Bool
  ) {
    self.parameter = parameter
    source = Matrix(parameter.value.pointer + first, stride: isTransposed ? rows : columns)
    factor = RightFactor(rows: rows, columns: columns, isTransposed: isTransposed)
  }

  /// Sets those that are not as their parameters are.
  static func refresh(_ factors: [WeightFactor], _ workers: Workers) {
    let stale = factors.filter { $0.version != $0.parameter.version }
    workers.set(stale.map { ($0.factor, $0.source) })
    for factor in stale { factor.version = factor.parameter.version }
  }
}
