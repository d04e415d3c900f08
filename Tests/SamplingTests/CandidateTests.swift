import Sampling
import Testing

/// Who stands beside the positive, for every anchor and step of random batch shapes.
@Suite struct CandidateTests {
  @Test(arguments: NegativeStrategy.allCases, 0..<20)
  func poolIsTheTables(strategy: NegativeStrategy, seed: Int) {
    var dice = Dice(seed)
    let windows = dice.roll(2...6)
    let rows = dice.roll(3...12)
    // Those of images and texts among them.
    let lattice = [
      Lattice(rows: rows), Lattice(rows: rows, columns: 5), Lattice(rows: 7, columns: 7), Lattice(rows: 6),
    ][
      seed % 4]
    let steps = dice.roll(1...lattice.rows - 1)
    let table = Table(strategy: strategy, windows: windows, rows: lattice.rows, columns: lattice.columns)
    let pool = strategy.pool
    let all = NegativeSampler(
      pool: pool, windows: windows, lattice: lattice, count: pool.count(windows: windows, latents: lattice.count) - 1,
      seed: 0)
    for window in 0..<windows {
      let (first, second) = pool.columns(window: window, windows: windows, latents: lattice.count)
      for position in 0..<lattice.anchors(steps: steps) {
        let (row, column) = position.quotientAndRemainder(dividingBy: lattice.columns)
        for step in 1...steps {
          let positive = (window * lattice.rows + row + step) * lattice.columns + column
          let expected = table.negatives(window: window, row: row, column: column, step: step)
          #expect(
            pool.count(windows: windows, latents: lattice.count) == expected.count + 1, "N counts the positive")
          // All candidates, as the loss reads them.
          let columns = (Array(first) + Array(second)).filter { $0 != positive }
          #expect(columns.map { Int32($0) } == expected)
          // As many sampled negatives as there are: all of them.
          #expect(all.draw(window: window, position: position, step: step) == expected)
        }
      }
      #expect(lattice.anchors(steps: steps) == (lattice.rows - steps) * lattice.columns)
    }
  }

  /// Others have left out the context's frame t instead of t + k, their own offset in every window, or other
  /// offsets than t + k.
  @Test func onlyThePositiveIsLeftOut() {
    let pool = CandidatePool.batch
    let all = NegativeSampler(pool: pool, windows: 3, lattice: Lattice(rows: 8), count: 23, seed: 0)
    let drawn = all.draw(window: 1, position: 2, step: 3)
    #expect(!drawn.contains(8 + 5), "the positive")
    for latent: Int32 in [8 + 2, 5, 16 + 5, 2, 16 + 2] { #expect(drawn.contains(latent)) }
  }

  @Test func namesAreTheTables() {
    #expect(
      NegativeStrategy.allCases.map(\.rawValue) == [
        "mixed-speaker", "same-speaker", "mixed-speaker-excl", "same-speaker-excl", "current-sequence",
      ])
    for strategy in NegativeStrategy.allCases {
      #expect(NegativeStrategy(name: strategy.rawValue) == strategy)
      #expect(NegativeStrategy(name: strategy.rawValue.replacing("speaker", with: "group")) == strategy)
    }
    #expect(NegativeStrategy(name: "group") == nil && NegativeStrategy(name: "mixed-groups") == nil)
    #expect(NegativeStrategy.allCases.filter(\.batchesOneGroup) == [.sameSpeaker, .sameSpeakerExcl])
    #expect(
      NegativeStrategy.allCases.map { $0.pool.count(windows: 8, latents: 128) } == [1024, 1024, 897, 897, 128])
  }
}
