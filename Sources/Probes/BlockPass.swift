import FileIO
package import Kernels
import Synchronization

/// Reads rows in blocks on several threads, so that what is summed over them is the same at any number of threads.
///
/// Rows are cut into blocks and blocks into groups, both by their number alone. A group is read front to back by one
/// thread; whoever sums keeps one sum a group and adds the groups up in their order.
package final class BlockPass {
  let frames: SelectedFrames
  let workers: Workers
  /// Ranges of blocks.
  let groups: [Range<Int>]
  let blockRows: Int
  private let memory: [Buffer<Float>]

  /// - Parameters:
  ///   - bytesOfGroup: What the caller keeps for each group; there are fewer groups where this is much.
  ///   - blockRows: Rows of a block, whose products and sums stay in a core's cache.
  package init(_ frames: SelectedFrames, bytesOfGroup: Int, blockRows: Int = 512, _ workers: Workers) {
    self.frames = frames
    self.workers = workers
    self.blockRows = blockRows
    let blocks = (frames.rows + blockRows - 1) / blockRows
    let count = min(max(1, blocks), max(8, min(64, (256 << 20) / max(1, bytesOfGroup))))
    groups = (0..<count).map { blocks * $0 / count..<blocks * ($0 + 1) / count }
    memory = (0..<workers.count).map { _ in Buffer(count: blockRows * frames.columns) }
  }

  /// Runs `body` for each block: which thread has it, its group, which rows these are, and the rows themselves, which
  /// it may change. With `isWanted`, for some blocks only.
  ///
  /// The first failure in the order of the rows is thrown.
  func run(
    wanted isWanted: (Int) -> Bool = { _ in true },
    _ body: (_ worker: Int, _ group: Int, _ rows: Range<Int>, _ x: Matrix<Float>) throws -> Void
  ) throws {
    let next = Atomic(0)
    let failures = Mutex<[Int: any Error]>([:])
    let columns = frames.columns
    workers.forEach(min(workers.count, groups.count)) { worker in
      while true {
        // Whichever thread is free takes the next group: cores are shared with others.
        let group = next.add(1, ordering: .relaxed).oldValue
        guard group < groups.count else { return }
        do {
          for block in groups[group] where isWanted(block) {
            let rows = block * blockRows..<min(frames.rows, (block + 1) * blockRows)
            let buffer = memory[worker].pointer
            try frames.read(rows, into: UnsafeMutableBufferPointer(start: buffer, count: rows.count * columns))
            try body(worker, group, rows, Matrix(buffer, stride: columns))
          }
        } catch {
          failures.withLock { $0[group] = error }
        }
      }
    }
    if let first = failures.withLock({ failures in failures.keys.min().map { failures[$0]! } }) { throw first }
  }

  /// A failure that names a row of the data.
  static func badNumber(row: Int, column: Int, _ value: Float) -> Failure {
    Failure(
      .badInput, at: "row \(row), feature \(column)", "the feature is \(value), which is no number",
      hint: "find out where it comes from: a probe cannot leave it out without a word")
  }
}
