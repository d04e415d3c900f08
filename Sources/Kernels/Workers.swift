import Dispatch
public import FileIO

/// A fixed number of threads that share a loop. The matrix library itself stays on the calling thread: products are
/// split here, so that its threads and ours never compete for cores.
public struct Workers: Sendable {
  public let count: Int
  /// Each worker's own.
  let scratch: [Scratch]

  /// As many as the process may use cores, unless told otherwise.
  public init(count: Int = AvailableCores.current.count) {
    precondition(count > 0)
    self.count = count
    scratch = (0..<count).map { _ in Scratch() }
  }

  /// Runs `body` for each of 0..<n, on several threads at once; returns when all are done.
  public func forEach(_ n: Int, _ body: (Int) -> Void) {
    if n <= 1 || count == 1 {
      for i in 0..<n { body(i) }
      return
    }
    withoutActuallyEscaping(body) { body in
      // The one place where the compiler is told that bodies touch disjoint memory.
      nonisolated(unsafe) let body = body
      if n <= count {
        DispatchQueue.concurrentPerform(iterations: n) { body($0) }
      } else {
        let workers = count
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
          for i in stride(from: worker, to: n, by: workers) { body(i) }
        }
      }
    }
  }

  /// Cuts 0..<n into at most ``count`` parts of nearly equal size, each but the last a multiple of `unit`.
  public func parts(of n: Int, multipleOf unit: Int = 1) -> [Range<Int>] {
    let units = (n + unit - 1) / unit
    let parts = max(1, min(count, units))
    return (0..<parts).map { i in min(n, units * i / parts * unit)..<min(n, units * (i + 1) / parts * unit) }
  }

  /// Runs `body` on each of ``parts(of:multipleOf:)``.
  public func split(_ n: Int, multipleOf unit: Int = 1, _ body: (Range<Int>) -> Void) {
    let parts = parts(of: n, multipleOf: unit)
    forEach(parts.count) { body(parts[$0]) }
  }
}
