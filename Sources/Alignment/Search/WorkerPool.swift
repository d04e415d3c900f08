import Kernels
import Synchronization

/// Workers that are made when needed and used again, one user at a time.
final class WorkerPool: Sendable {
  private struct Idle: @unchecked Sendable { var workers: [UtteranceAligner] = [] }
  private let idle = Mutex(Idle())
  private nonisolated(unsafe) let make: () -> UtteranceAligner

  init(_ make: @escaping () -> UtteranceAligner) { self.make = make }

  func lend<Result>(_ body: (UtteranceAligner) -> Result) -> Result {
    let worker = idle.withLock { Loan(worker: $0.workers.popLast()) }.worker ?? make()
    defer {
      let loan = Loan(worker: worker)
      idle.withLock { $0.workers.append(loan.worker!) }
    }
    return body(worker)
  }

  /// Carries a worker into and out of the lock; it has one user at a time.
  private struct Loan: @unchecked Sendable { var worker: UtteranceAligner? }
}

extension Workers {
  /// The results of `body` for each of 0..<n, in order.
  func map<Value>(_ n: Int, _ body: (Int) -> Value) -> [Value] {
    var results = [Value?](repeating: nil, count: n)
    results.withUnsafeMutableBufferPointer { results in
      guard let base = results.baseAddress else { return }
      forEach(n) { base[$0] = body($0) }
    }
    return results.map { $0! }
  }
}
