import Synchronization

/// What happens when memory is not to be had. Whoever needs it in the middle of some computation has no other way on, and
/// a library may not end its process: so a tool says how.
public enum OutOfMemory {
  private static let handler = Mutex<(@Sendable (_ bytes: Int) -> Never)?>(nil)

  /// Sets what ends the process when `bytes` more cannot be had. To be called by a tool.
  public static func handle(_ end: @escaping @Sendable (_ bytes: Int) -> Never) { handler.withLock { $0 = end } }

  /// `bytes` were asked for in vain.
  public static func fail(_ bytes: Int) -> Never {
    if let end = handler.withLock({ $0 }) { end(bytes) }
    fatalError("out of memory: \(bytes) bytes")
  }
}
