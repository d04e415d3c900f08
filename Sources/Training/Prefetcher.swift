import Dispatch

/// Makes the next batch on a thread of its own while the model works on the current one.
final class Prefetcher: @unchecked Sendable {
  private let source: any BatchSource
  private let queue = DispatchQueue(label: "prefetch")
  private let ready = DispatchSemaphore(value: 0)
  private var current: Batch
  private var upcoming: Batch
  private var number: Int
  private var result: Result<Bool, any Error> = .success(false)

  /// Begins with batch `number`.
  init(_ source: any BatchSource, from number: Int, windows: Int, inputCount: Int) {
    self.source = source
    self.number = number
    current = Batch(windows: windows, inputCount: inputCount)
    upcoming = Batch(windows: windows, inputCount: inputCount)
    start()
  }

  /// The next batch, good until the next call; nil if there is none.
  func next() throws -> Batch? {
    ready.wait()
    guard try result.get() else {
      ready.signal()
      return nil
    }
    swap(&current, &upcoming)
    number += 1
    start()
    return current
  }

  private func start() {
    queue.async { [self] in
      result = Result {
        guard try source.fill(upcoming, number: number) else { return false }
        try source.checkIntact(upcoming)
        if let problem = upcoming.problem { throw problem }
        return true
      }
      ready.signal()
    }
  }
}
