import CVectorKernels
import Testing

/// The row kernels of one level of the processor.
struct VectorKernels: CustomTestStringConvertible, Sendable {
  let level: Int32
  var testDescription: String { "level \(level)" }
  var c: cpc_vector_kernels { cpc_vector_kernels_at(level)!.pointee }

  /// Every level that this processor has; what is missing shows in the tests' names.
  static let all = [1, 3, 4].filter { cpc_vector_kernels_at($0) != nil }.map { VectorKernels(level: $0) }
}

/// Lengths of rows around the width of a vector, and of several.
let rowLengths = Array(0...70) + [127, 512, 1031]

/// A row that begins 4 · `offset` bytes after a multiple of 64, with a number on each side that must stay.
final class GuardedRow<Element: BitwiseCopyable & Equatable> {
  private let memory: UnsafeMutablePointer<Element>
  private let count: Int
  private let first: Int
  private let mark: Element
  var pointer: UnsafeMutablePointer<Element> { memory + first }

  init(_ elements: [Element], offset: Int, mark: Element) {
    count = elements.count
    first = 1 + offset
    self.mark = mark
    let room = UnsafeMutableRawPointer.allocate(
      byteCount: (first + count + 1) * MemoryLayout<Element>.stride, alignment: 64)
    memory = room.bindMemory(to: Element.self, capacity: first + count + 1)
    memory.initialize(repeating: mark, count: first + count + 1)
    for (i, element) in elements.enumerated() { memory[first + i] = element }
  }

  deinit { memory.deallocate() }

  var elements: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  var isIntact: Bool { memory[first - 1] == mark && memory[first + count] == mark }
}

extension GuardedRow<Float> {
  convenience init(_ elements: [Float], offset: Int = 0) { self.init(elements, offset: offset, mark: 12345) }
}

extension GuardedRow<UInt16> {
  convenience init(_ elements: [UInt16], offset: Int = 0) { self.init(elements, offset: offset, mark: 54321) }
}
