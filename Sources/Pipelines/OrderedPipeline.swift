import Glibc

/// Reads items, works on them and commits the results, with several identical threads.
///
/// Reading and committing happen one item at a time and in order, so that what comes out never depends on the number of
/// threads; only the work between runs in parallel. A thread does whatever is next: no thread waits for another kind of
/// work, and one thread alone does it all.
///
/// - Parameters:
///   - maximumCost: upper bound of the summed cost of items read and not yet committed (one item always passes).
///   - cost: an item's cost, for example the memory that its result takes.
///   - read: the next item, nil at the end.
///   - batch: a thread takes up to this many items at once, which pays where they can be worked on side by side.
///   - makeWorker: called once by each thread; gives a result for each item.
///   - commit: takes items in the order in which they were read.
/// - Throws: the first error of `commit`, after which nothing is committed, or of `read`, before which everything is.
public func runOrderedPipeline<Item: Sendable, Output: Sendable>(
  threads: Int, batch: Int, maximumCost: Int, cost: @escaping @Sendable (Item) -> Int,
  read: @escaping () throws -> Item?,
  makeWorker: @escaping @Sendable () throws -> ([Item]) -> [Output],
  commit: @escaping (Item, Output) throws -> Void
) throws {
  let pipeline = OrderedPipeline(
    threads: threads, batch: batch, maximumCost: maximumCost, cost: cost, read: read, commit: commit)
  let bodies = Threads(count: threads) {
    do { pipeline.run(try makeWorker()) } catch { pipeline.fail(error) }
  }
  bodies.join()
  if let error = pipeline.error { throw error }
}

private final class OrderedPipeline<Item: Sendable, Output: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private let threads: Int
  private let batch: Int
  private let maximumCost: Int
  private let cost: @Sendable (Item) -> Int
  private let read: () throws -> Item?
  private let commit: (Item, Output) throws -> Void

  // All below is guarded by the monitor.
  private var waiting: [(ticket: Int, item: Item)] = []
  private var finished: [Int: (item: Item, output: Output)] = [:]
  private var nextTicket = 0
  private var nextCommit = 0
  private var costInFlight = 0
  private var isReading = false
  private var isCommitting = false
  private var atEnd = false
  /// Of `read`: its turn comes after all that was read before.
  private var readError: (any Error)?
  private(set) var error: (any Error)?

  init(
    threads: Int, batch: Int, maximumCost: Int, cost: @escaping @Sendable (Item) -> Int,
    read: @escaping () throws -> Item?, commit: @escaping (Item, Output) throws -> Void
  ) {
    self.threads = threads
    self.batch = batch
    self.maximumCost = maximumCost
    self.cost = cost
    self.read = read
    self.commit = commit
  }

  func fail(_ error: any Error) {
    monitor.lock()
    if self.error == nil { self.error = error }
    monitor.broadcast()
    monitor.unlock()
  }

  /// The loop of one thread. The lock is held except around the three kinds of work.
  func run(_ work: ([Item]) -> [Output]) {
    monitor.lock()
    defer { monitor.unlock() }
    while error == nil {
      if !isCommitting, let (item, output) = finished.removeValue(forKey: nextCommit) {
        isCommitting = true
        outside { try commit(item, output) }
        isCommitting = false
        nextCommit += 1
        costInFlight -= cost(item)
        monitor.broadcast()
      } else if mayRead {
        isReading = true
        var item: Item?
        outside { do { item = try read() } catch { readError = error } }
        isReading = false
        if let item {
          waiting.append((nextTicket, item))
          nextTicket += 1
          costInFlight += cost(item)
        } else {
          atEnd = true
        }
        monitor.broadcast()
      } else if !waiting.isEmpty {
        let taken = Array(waiting.prefix(share))
        waiting.removeFirst(taken.count)
        var outputs: [Output] = []
        outside { outputs = work(taken.map(\.item)) }
        for ((ticket, item), output) in zip(taken, outputs) { finished[ticket] = (item, output) }
        monitor.broadcast()
      } else if atEnd, nextCommit == nextTicket {
        error = readError
        return
      } else {
        monitor.wait()
      }
    }
  }

  /// Reading is kept just ahead of the work, so that its results are still in the cache.
  private var mayRead: Bool {
    !isReading && !atEnd && waiting.count < 2 * threads * batch
      && (costInFlight < maximumCost || nextTicket == nextCommit)
  }

  /// How many items a thread takes: near the end, no more than leave the other threads as many.
  private var share: Int { atEnd ? min(batch, (waiting.count + threads - 1) / threads) : batch }

  private func outside(_ body: () throws -> Void) {
    monitor.unlock()
    do {
      try body()
      monitor.lock()
    } catch {
      monitor.lock()
      if self.error == nil { self.error = error }
    }
  }
}

/// A mutex with a condition.
private final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func lock() { pthread_mutex_lock(mutex) }
  func unlock() { pthread_mutex_unlock(mutex) }
  func wait() { pthread_cond_wait(condition, mutex) }
  func broadcast() { pthread_cond_broadcast(condition) }
}

/// Threads that all run one body.
private struct Threads {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private var handles: [pthread_t] = []

  init(count: Int, _ body: @escaping @Sendable () -> Void) {
    for _ in 0..<count {
      var handle = pthread_t()
      let argument = Unmanaged.passRetained(Body(body))
      let status = pthread_create(
        &handle, nil,
        { raw in
          Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue().run()
          return nil
        }, argument.toOpaque())
      if status == 0 { handles.append(handle) } else { argument.release() }
    }
    // With no thread at all the caller's does the work.
    if handles.isEmpty { body() }
  }

  func join() { for handle in handles { pthread_join(handle, nil) } }
}
