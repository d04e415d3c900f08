package import Kernels

/// Frames in random order with bounded memory: chunks of neighbouring frames are permuted, some hundred of them are held
/// at a time, and their frames are permuted again. An epoch has every frame once and is a pure function of seed and
/// epoch.
package struct ShuffledBatches {
  private static let chunkRows = 64
  /// Bytes of frames that are held.
  private static let poolBytes = 64 << 20

  let frames: SelectedFrames
  let targets: [Int32]
  let batch: Int
  let seed: UInt64
  let workers: Workers
  private let poolChunks: Int
  private let pool: Buffer<Float>
  private let rows: Buffer<Float>

  package init(_ frames: SelectedFrames, targets: [Int32], batch: Int, seed: UInt64, _ workers: Workers) {
    self.frames = frames
    self.targets = targets
    self.batch = batch
    self.seed = seed
    self.workers = workers
    let chunkBytes = Self.chunkRows * frames.columns * MemoryLayout<Float>.stride
    // Whole batches but for the last of an epoch.
    let unit = max(1, batch / Self.chunkRows)
    poolChunks = max(1, Self.poolBytes / chunkBytes / unit) * unit
    pool = Buffer(count: min(poolChunks * Self.chunkRows, frames.rows + Self.chunkRows) * frames.columns)
    rows = Buffer(count: batch * frames.columns)
  }

  /// Runs `body` for each batch of an epoch, whose frames it may change.
  package func forEach(
    epoch: Int, _ body: (_ x: Matrix<Float>, _ targets: [Int32], _ count: Int) throws -> Void
  ) throws {
    let random = RandomStream(seed: seed, purpose: .probes, index: epoch)
    var drawn: UInt64 = 0
    func shuffle(_ numbers: inout [Int]) {
      for i in stride(from: numbers.count - 1, to: 0, by: -1) {
        numbers.swapAt(i, random.integer(drawn, below: i + 1))
        drawn += 1
      }
    }
    var chunks = Array(0..<(frames.rows + Self.chunkRows - 1) / Self.chunkRows)
    shuffle(&chunks)
    for first in stride(from: 0, to: chunks.count, by: poolChunks) {
      let ranges = chunks[first..<min(chunks.count, first + poolChunks)].map {
        $0 * Self.chunkRows..<min(frames.rows, ($0 + 1) * Self.chunkRows)
      }
      try read(ranges)
      let labels = ranges.flatMap { targets[$0] }
      var order = Array(labels.indices)
      shuffle(&order)
      for start in stride(from: 0, to: order.count, by: batch) {
        let chosen = order[start..<min(order.count, start + batch)]
        for (i, row) in chosen.enumerated() {
          (rows.pointer + i * frames.columns).update(from: pool.pointer + row * frames.columns, count: frames.columns)
        }
        try body(rows.matrix(frames.columns), chosen.map { labels[$0] }, chosen.count)
      }
    }
  }

  private func read(_ ranges: [Range<Int>]) throws {
    let starts = ranges.reduce(into: [0]) { $0.append($0.last! + $1.count) }
    let columns = frames.columns
    let failures = Buffer<Bool>(count: ranges.count)
    workers.forEach(ranges.count) { i in
      let place = UnsafeMutableBufferPointer(
        start: pool.pointer + starts[i] * columns, count: ranges[i].count * columns)
      failures[i] = (try? frames.read(ranges[i], into: place)) == nil
    }
    // Read again, for the failure.
    if let bad = ranges.indices.first(where: { failures[$0] }) {
      let place = UnsafeMutableBufferPointer(
        start: pool.pointer + starts[bad] * columns, count: ranges[bad].count * columns)
      try frames.read(ranges[bad], into: place)
    }
  }
}
