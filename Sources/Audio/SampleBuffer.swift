import FileIO
import Glibc

/// Decoded samples, in storage that is kept and reused from one utterance to the next. For one user at a time.
public final class SampleBuffer: @unchecked Sendable {
  private var storage: UnsafeMutablePointer<Int16>?
  private var capacity = 0
  public private(set) var count = 0

  /// Samples that even the shortest utterance takes memory for.
  public static let leastCapacity = 1 << 14

  public init() {}

  deinit { free(storage) }

  /// The samples; valid until the buffer is next written to or freed.
  public var samples: UnsafeBufferPointer<Int16> { UnsafeBufferPointer(start: storage, count: count) }

  public func removeAll() { count = 0 }

  /// Makes room for `additional` samples at the end and returns where they go; nil if there is no memory.
  func grow(by additional: Int) -> UnsafeMutablePointer<Int16>? {
    if count + additional > capacity {
      let wanted = max(count + additional, capacity * 2, Self.leastCapacity)
      guard let moved = realloc(storage, wanted * MemoryLayout<Int16>.stride) else { return nil }
      storage = moved.assumingMemoryBound(to: Int16.self)
      capacity = wanted
    }
    defer { count += additional }
    return storage! + count
  }
}
