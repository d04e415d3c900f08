import Corpora
import Synchronization

/// Buffers that are used again for the next utterance: fresh memory would come from the system page by page, cleared.
final class SampleBufferPool: Sendable {
  private let idle = Mutex<[SampleBuffer]>([])

  /// A buffer on loan; it goes back when the last user drops the loan.
  final class Loan: Sendable {
    let buffer: SampleBuffer
    private let pool: SampleBufferPool

    fileprivate init(_ buffer: SampleBuffer, _ pool: SampleBufferPool) {
      self.buffer = buffer
      self.pool = pool
    }

    deinit { pool.idle.withLock { $0.append(buffer) } }
  }

  func lend() -> Loan { Loan(idle.withLock { $0.popLast() } ?? SampleBuffer(), self) }
}
