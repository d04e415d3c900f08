import Glibc

/// Memory that a thread uses for a moment, kept from one time to the next and as large as was ever asked for.
public final class Scratch: @unchecked Sendable {
  /// Different uses of one thread at the same time.
  public enum Use: Int, CaseIterable { case sums, left, right, library, taps, tapGradients, weights }

  private var blocks: [Buffer<UInt8>?] = Use.allCases.map { _ in nil }

  public init() {}

  /// Room for `count` elements, in any state, aligned to 64 bytes.
  public func memory<T: BitwiseCopyable>(_ use: Use, _ type: T.Type = T.self, count: Int) -> UnsafeMutablePointer<T> {
    let bytes = count * MemoryLayout<T>.stride
    if blocks[use.rawValue].map({ $0.count < bytes }) ?? true { blocks[use.rawValue] = Buffer(count: bytes) }
    return UnsafeMutableRawPointer(blocks[use.rawValue]!.pointer).bindMemory(to: T.self, capacity: count)
  }
}
