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
  private let isMapped: Bool

  /// Elements start at a multiple of 64 bytes; large buffers are advised to use huge pages, and take no memory where
  /// nothing has been written.
  public init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let bytes = Self.bytes(count)
    let huge = 2 << 20
    MemoryMeasure.current?.add(bytes)
    isMeasured = bytes >= huge && MemoryMeasure.current != nil
    guard !isMeasured else {
      pointer = UnsafeMutablePointer(bitPattern: 64)!
      isMapped = false
      return
    }
    isMapped = bytes >= huge
    guard let memory = isMapped ? Self.map(bytes, alignment: huge) : Self.allocate(bytes) else {
      OutOfMemory.fail(bytes)
    }
    pointer = memory.bindMemory(to: Element.self, capacity: max(1, count))
  }

  public convenience init(_ elements: [Element]) {
    self.init(count: elements.count)
    elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: count) }
    }
  }

  deinit {
    if isMapped {
      munmap(pointer, Self.bytes(count))
    } else if !isMeasured {
      free(pointer)
    }
  }

  private static func bytes(_ count: Int) -> Int { max(64, count * MemoryLayout<Element>.stride) }

  private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, bytes) == 0, let memory else { return nil }
    return memset(memory, 0, bytes)
  }

  /// Pages of the system's, which are zeroed when they are first touched.
  private static func map(_ bytes: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let end = (bytes + page - 1) / page * page
    // A multiple of the alignment is in there; what lies before and after it goes back.
    guard let room = mmap(nil, end + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      room != MAP_FAILED
    else { return nil }
    let start = room.alignedUp(toMultipleOf: alignment)
    let before = start - room
    if before > 0 { munmap(room, before) }
    // Never empty: the room begins at a page, and there is one alignment too much.
    munmap(start + end, alignment - before)
    madvise(start, bytes, MADV_HUGEPAGE)
    return start
  }

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
