import Synchronization

/// Adds up what buffers would take, without taking it.
public final class MemoryMeasure: Sendable {
  @TaskLocal static var current: MemoryMeasure?

  private let total = Mutex(0)

  private init() {}

  /// The bytes of all buffers that `body` makes. It must not touch large ones: they have no memory.
  public static func bytes(_ body: () -> Void) -> Int {
    let measure = MemoryMeasure()
    $current.withValue(measure) { body() }
    return measure.total.withLock { $0 }
  }

  func add(_ bytes: Int) { total.withLock { $0 += bytes } }
}
