import Pipelines
import Synchronization
import Testing

struct OrderedPipelineTests {
  private struct Stop: Error, Equatable { var at: Int }

  /// Reads 0..<count, squares, and gives what was committed.
  private func run(
    _ count: Int, threads: Int, batch: Int = 3, maximumCost: Int = 1000, failingRead: Int? = nil,
    failingCommit: Int? = nil
  ) -> (committed: [Int], error: Stop?) {
    var next = 0
    var committed: [Int] = []
    do {
      try runOrderedPipeline(
        threads: threads, batch: batch, maximumCost: maximumCost, cost: { _ in 10 },
        read: {
          if next == failingRead { throw Stop(at: next) }
          guard next < count else { return nil }
          defer { next += 1 }
          return next
        },
        makeWorker: { { items in items.map { $0 * $0 } } },
        commit: { (item: Int, square: Int) in
          if item == failingCommit { throw Stop(at: item) }
          #expect(square == item * item)
          committed.append(item)
        })
      return (committed, nil)
    } catch { return (committed, error as? Stop) }
  }

  @Test(arguments: [1, 2, 5]) func commitsInTheOrderOfReading(threads: Int) {
    for (count, batch) in [(0, 1), (1, 4), (500, 1), (500, 7)] {
      let result = run(count, threads: threads, batch: batch)
      #expect(result.committed == Array(0..<count) && result.error == nil)
    }
    #expect(run(20, threads: threads, maximumCost: 1).committed == Array(0..<20), "one item always passes")
  }

  @Test(arguments: [1, 4]) func commitsAllThatWasReadBeforeAReadFails(threads: Int) {
    let result = run(100, threads: threads, failingRead: 40)
    #expect(result.committed == Array(0..<40) && result.error == Stop(at: 40))
  }

  @Test(arguments: [1, 4]) func commitsNothingAfterACommitFails(threads: Int) {
    let result = run(100, threads: threads, failingCommit: 40)
    #expect(result.committed == Array(0..<40) && result.error == Stop(at: 40))
  }

  @Test func endsWhenNoWorkerCanBeMade() {
    #expect(throws: Stop(at: -1)) {
      try runOrderedPipeline(
        threads: 2, batch: 1, maximumCost: 10, cost: { _ in 1 }, read: { 1 },
        makeWorker: { () -> ([Int]) -> [Int] in throw Stop(at: -1) }, commit: { _, _ in })
    }
  }

  @Test func holdsNoMoreThanTheMaximumCost() throws {
    let read = Atomic(0)
    var committed = 0
    try runOrderedPipeline(
      threads: 4, batch: 2, maximumCost: 50, cost: { _ in 10 },
      read: {
        let number = read.load(ordering: .relaxed)
        guard number < 200 else { return nil }
        read.store(number + 1, ordering: .relaxed)
        return number
      },
      makeWorker: { { $0 } },
      commit: { (_: Int, _: Int) in
        // Itself counts, and what may be read while it is committed.
        #expect(read.load(ordering: .relaxed) - committed <= 5)
        committed += 1
      })
    #expect(committed == 200)
  }
}
