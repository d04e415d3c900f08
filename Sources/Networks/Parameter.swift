public import Kernels

/// A tensor that training changes: its value, and its gradient as the last update's backward passes added it up.
public final class Parameter<Scalar: KernelScalar> {
  /// The name and shape that PyTorch's module of the same kind gives it.
  public let name: String
  public let shape: [Int]
  public let value: Buffer<Scalar>
  public let gradient: Buffer<Scalar>
  /// Grows with every change of ``value``, so that what is made of it can be made anew.
  public private(set) var version = 0
  /// Of a table of which a batch needs few rows: those that backward passes have added to. All others of ``gradient`` are
  /// zero, and an update passes over them. Nil where an update changes everything.
  public let touched: TouchedRows?
  private let order: Order

  /// How elements lie in memory.
  public enum Order: Sendable {
    /// As in PyTorch: row-major over ``shape``.
    case rowMajor
    /// The weight of a convolution, [out, in, kernel] or [out, in, rows, columns] in PyTorch, as rows (tap, input channel)
    /// of output channels; taps lie row after row.
    case convolution
  }

  public var count: Int { value.count }

  /// - Parameter isSparse: whether updates are to go over ``touched`` rows alone; those are of the first dimension.
  public init(_ name: String, shape: [Int], order: Order = .rowMajor, isSparse: Bool = false) {
    precondition(!isSparse || order == .rowMajor)
    touched = isSparse ? TouchedRows(count: shape[0]) : nil
    self.name = name
    self.shape = shape
    self.order = order
    let count = shape.reduce(1, *)
    value = Buffer(count: count)
    gradient = Buffer(count: count)
  }

  /// Must follow every change of ``value`` but those by ``load(_:into:)`` and ``initialize(bound:from:)``.
  public func noteChange() { version += 1 }

  /// Draws the value uniformly from ±`bound`, element by element in PyTorch's order.
  @specialized(where Scalar == Float)
  public func initialize(bound: Double, from stream: RandomStream) {
    var elements = [Scalar](repeating: 0, count: count)
    for first in stride(from: 0, to: count, by: 4) {
      let numbers = stream.units(UInt64(first / 4))
      for i in first..<min(first + 4, count) { elements[i] = Scalar(bound) * Scalar(2 * numbers[i - first] - 1) }
    }
    load(elements, into: value)
  }

  /// `buffer`, which is laid out as ``value``, in PyTorch's order.
  @specialized(where Scalar == Float)
  public func elements(of buffer: Buffer<Scalar>) -> [Scalar] {
    guard order == .convolution else { return buffer.array }
    var result = [Scalar](repeating: 0, count: count)
    forEachPosition { mine, torch in result[torch] = buffer[mine] }
    return result
  }

  /// Sets `buffer`, which is laid out as ``value``, from elements in PyTorch's order.
  @specialized(where Scalar == Float)
  public func load(_ elements: UnsafeBufferPointer<Scalar>, into buffer: Buffer<Scalar>) {
    precondition(elements.count == count && buffer.count == count)
    switch order {
    case .rowMajor: if count > 0 { buffer.pointer.update(from: elements.baseAddress!, count: count) }
    case .convolution: forEachPosition { mine, torch in buffer[mine] = elements[torch] }
    }
    if buffer === value { noteChange() }
    if buffer === gradient { noteRows() }
  }

  public func load(_ elements: [Scalar], into buffer: Buffer<Scalar>) {
    elements.withUnsafeBufferPointer { load($0, into: buffer) }
  }

  /// Draws the value from a normal distribution around zero, element by element in PyTorch's order.
  @specialized(where Scalar == Float)
  public func initialize(deviation: Double, from stream: RandomStream) {
    load((0..<count).map { Scalar(deviation * stream.normal(UInt64($0))) }, into: value)
  }

  /// In an order that reads and writes neighbours together: in memory, what PyTorch has side by side lies far apart.
  private func forEachPosition(_ body: (_ mine: Int, _ torch: Int) -> Void) {
    let (outputs, inputs, taps) = (shape[0], shape[1], shape[2...].reduce(1, *))
    for first in stride(from: 0, to: outputs, by: 16) {
      for input in 0..<inputs {
        for tap in 0..<taps {
          for output in first..<min(first + 16, outputs) {
            body((tap * inputs + input) * outputs + output, (output * inputs + input) * taps + tap)
          }
        }
      }
    }
  }
}
