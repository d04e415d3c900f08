import FileIO
import Glibc

/// Zeroed, aligned memory that is freed with this object: what layers keep activations, parameters and gradients in.
///
/// Access is by pointer, without exclusivity or bounds checks in inner loops; whoever uses a buffer from several threads
/// gives each its own part. A pointer does not keep its buffer: one that is not a stored property needs
/// `withExtendedLifetime`.
public final class Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<Element>
  public let count: Int
  private let isMeasured: Bool

  /// Elements start at a multiple of 64 bytes; large buffers are advised to use huge pages.
  public init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let bytes = max(64, count * MemoryLayout<Element>.stride)
    let huge = 2 << 20
    MemoryMeasure.current?.add(bytes)
    isMeasured = bytes >= huge && MemoryMeasure.current != nil
    guard !isMeasured else {
      pointer = UnsafeMutablePointer(bitPattern: 64)!
      return
    }
    let alignment = bytes >= huge ? huge : 64
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, alignment, bytes) == 0, let memory else {
      OutOfMemory.fail(bytes)
    }
    if bytes >= huge { madvise(memory, bytes, MADV_HUGEPAGE) }
    memset(memory, 0, bytes)
    pointer = memory.bindMemory(to: Element.self, capacity: max(1, count))
  }

  public convenience init(_ elements: [Element]) {
    self.init(count: elements.count)
    elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: count) }
    }
  }

  deinit { if !isMeasured { free(pointer) } }

  public subscript(i: Int) -> Element {
    get { pointer[i] }
    set { pointer[i] = newValue }
  }

  public var array: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  public var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<Element>.stride)
  }

  public func fillWithZeros() { memset(pointer, 0, count * MemoryLayout<Element>.stride) }
}
