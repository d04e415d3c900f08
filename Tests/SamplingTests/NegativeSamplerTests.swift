import Sampling
import Testing

@Suite struct NegativeSamplerTests {
  private static let pools: [CandidatePool] = [.batch, .otherWindows, .ownWindow]

  private func negatives(_ pool: CandidatePool, windows: Int, frames: Int, window: Int, positive: Int) -> [Int32] {
    let strategy = NegativeStrategy.allCases.first { $0.pool == pool }!
    let table = Table(strategy: strategy, windows: windows, rows: frames)
    return table.negatives(window: window, row: positive % frames - 1, step: 1)
  }

  /// Over a million draws for one anchor and step: each negative comes equally often, also where `count` is near the
  /// whole pool. Drawn without replacement, the statistic shrinks by the share that is not drawn.
  @Test(arguments: pools, [1, 17, 40])
  func negativesAreUniform(pool: CandidatePool, count: Int) {
    let (windows, frames, window, t, step) = (4, 48, 2, 20, 5)
    let sampler = NegativeSampler(pool: pool, windows: windows, lattice: Lattice(rows: frames), count: count, seed: 3)
    let expected = negatives(pool, windows: windows, frames: frames, window: window, positive: window * frames + 25)
    var counts = [Int](repeating: 0, count: windows * frames)
    for batch in 0..<1_100_000 / count {
      let drawn = sampler.draw(batch: batch, window: window, position: t, step: step)
      for (i, latent) in drawn.enumerated() {
        if i > 0, drawn[i - 1] >= latent { Issue.record("not distinct and ascending: \(drawn)") }
        counts[Int(latent)] += 1
      }
    }
    #expect(counts.reduce(0, +) >= 1_000_000)
    #expect(counts[window * frames + t + step] == 0, "the positive is never drawn")
    #expect(counts.indices.filter { counts[$0] > 0 } == expected.map { Int($0) }, "all others are")
    let size = Double(expected.count)
    let statistic = chiSquare(expected.map { counts[Int($0)] }) * (size - 1) / (size - Double(count))
    let deviation = (statistic - (size - 1)) / (2 * (size - 1)).squareRoot()
    #expect(abs(deviation) < 4.5, "\(deviation) standard deviations from \(size - 1) degrees of freedom")
  }

  /// Not only each negative: all sets of three of seven come equally often.
  @Test func setsAreUniform() {
    let sampler = NegativeSampler(pool: .batch, windows: 2, lattice: Lattice(rows: 4), count: 3, seed: 1)
    var counts: [[Int32]: Int] = [:]
    for batch in 0..<350_000 { counts[sampler.draw(batch: batch, window: 0, position: 1, step: 1), default: 0] += 1 }
    #expect(counts.count == 35)
    let statistic = chiSquare(Array(counts.values))
    #expect((10...75).contains(statistic), "34 degrees of freedom: \(statistic)")
  }

  /// Others share one draw between steps or between anchors, or shift it. Any two draws here have as
  /// many negatives in common as chance has it.
  @Test func drawsAreIndependent() {
    let (windows, frames, count) = (4, 32, 24)
    let sampler = NegativeSampler(
      pool: .otherWindows, windows: windows, lattice: Lattice(rows: frames), count: count, seed: 7)
    func draws(frame: Int, step: Int, batchesOn: Int = 0, shift: Int32 = 0) -> (Int) -> [Int32] {
      { sampler.draw(batch: $0 + batchesOn, window: 1, position: frame, step: step).map { $0 + shift } }
    }
    let one = draws(frame: 9, step: 1)
    let trials = 4000
    for (name, other, pool) in [
      ("steps", draws(frame: 9, step: 2), 96), ("anchors", draws(frame: 10, step: 1), 96),
      ("anchors of one positive", draws(frame: 8, step: 2), 96),
      ("batches", draws(frame: 9, step: 1, batchesOn: 1), 96),
      // Shifted by one, 94 latents of the pool lie in it again.
      ("steps, shifted", draws(frame: 9, step: 2, shift: 1), 94),
    ] {
      let common = (0..<trials).reduce(0) { $0 + Set(one($1)).intersection(other($1)).count }
      // 24 of 96 twice: 6 in common, variance 24 · ¼ · ¾ · 72 / 95.
      let expected = Double(trials * pool) / 16
      let deviation = (Double(common) - expected) / (3.41 * Double(trials)).squareRoot()
      #expect(abs(deviation) < 4.5, "\(name): \(deviation) standard deviations")
    }
  }

  /// Others take the same places for all windows of a batch.
  @Test(arguments: [(CandidatePool.batch, 126, 0), (.otherWindows, 64, 0), (.ownWindow, 31, 32)])
  func windowsDrawApart(pool: CandidatePool, common: Int, shift: Int32) {
    let (frames, count, trials) = (32, 12, 4000)
    let sampler = NegativeSampler(pool: pool, windows: 4, lattice: Lattice(rows: frames), count: count, seed: 7)
    func draw(_ batch: Int, window: Int) -> [Int32] { sampler.draw(batch: batch, window: window, position: 9, step: 1) }
    let met = (0..<trials).reduce(0) { met, batch in
      met + Set(draw(batch, window: 1).map { $0 + shift }).intersection(draw(batch, window: 2)).count
    }
    // Of the latents that are in both pools, each is in both draws with the square of a draw's share of its pool.
    let share = Double(count) / Double(pool.count(windows: 4, latents: frames) - 1)
    let expected = Double(trials * common) * share * share
    #expect(abs(Double(met) - expected) < 4.5 * expected.squareRoot(), "\(met), expected \(expected)")
  }

  @Test func drawsArePureFunctionsOfTheSeed() {
    let draw = { (seed: UInt64) in
      NegativeSampler(pool: .batch, windows: 8, lattice: Lattice(rows: 128), count: 128, seed: seed)
        .draw(batch: 1_000_000_000, window: 7, position: 115, step: 12)
    }
    #expect(draw(1) == draw(1))
    #expect(draw(1) != draw(2))
  }

  /// A pool that needs more scratch memory than a stack may give.
  @Test func largeBatchesWork() {
    let sampler = NegativeSampler(pool: .otherWindows, windows: 512, lattice: Lattice(rows: 128), count: 1000, seed: 2)
    let drawn = sampler.draw(window: 100, position: 3, step: 2)
    #expect(Set(drawn).count == 1000 && drawn.allSatisfy { $0 >= 0 && $0 < 512 * 128 && $0 / 128 != 100 })
    #expect(drawn.count { $0 > 101 * 128 } > 700)
  }

  /// All draws of one update of the paper's size: 928 anchors, 12 steps, 128 negatives each.
  @Test func anUpdateIsDrawnInMilliseconds() {
    let sampler = NegativeSampler(pool: .batch, windows: 8, lattice: Lattice(rows: 128), count: 128, seed: 2)
    let clock = ContinuousClock()
    var best = Duration.seconds(100)
    let buffer = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 128)
    defer { buffer.deallocate() }
    for update in 0..<7 {
      let time = clock.measure {
        for window in 0..<8 {
          for frame in 0..<116 {
            for step in 1...12 {
              sampler.draw(batch: update, window: window, position: frame, step: step, into: buffer)
            }
          }
        }
      }
      best = min(best, time)
    }
    #expect(best < .milliseconds(50))
  }
}
