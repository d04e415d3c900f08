import Sampling
import Testing

/// Who stands beside the positive, for every anchor and step of random batch shapes.
@Suite struct CandidateTests {
  @Test(arguments: NegativeStrategy.allCases, 0..<20)
  func poolIsTheTables(strategy: NegativeStrategy, seed: Int) {
    var dice = Dice(seed)
    let (windows, frames) = (dice.roll(2...6), dice.roll(3...12))
    let steps = dice.roll(1...frames - 1)
    let table = Table(strategy: strategy, windows: windows, frames: frames)
    let pool = strategy.pool
    let all = NegativeSampler(
      pool: pool, windows: windows, frames: frames, count: pool.count(windows: windows, frames: frames) - 1, seed: 0)
    for window in 0..<windows {
      let (first, second) = pool.columns(window: window, windows: windows, frames: frames)
      for t in 0..<frames - steps {
        for step in 1...steps {
          let positive = window * frames + t + step
          let expected = table.negatives(window: window, t: t, step: step)
          #expect(pool.count(windows: windows, frames: frames) == expected.count + 1, "N counts the positive")
          // All candidates, as the loss reads them.
          let columns = (Array(first) + Array(second)).filter { $0 != positive }
          #expect(columns.map { Int32($0) } == expected)
          // As many sampled negatives as there are: all of them.
          #expect(all.draw(window: window, frame: t, step: step) == expected)
        }
      }
    }
  }

  /// Others have left out the context's frame t instead of t + k, their own offset in every window, or other
  /// offsets than t + k.
  @Test func onlyThePositiveIsLeftOut() {
    let pool = CandidatePool.batch
    let all = NegativeSampler(pool: pool, windows: 3, frames: 8, count: 23, seed: 0)
    let drawn = all.draw(window: 1, frame: 2, step: 3)
    #expect(!drawn.contains(8 + 5), "the positive")
    for latent: Int32 in [8 + 2, 5, 16 + 5, 2, 16 + 2] { #expect(drawn.contains(latent)) }
  }

  @Test func namesAreTheTables() {
    #expect(
      NegativeStrategy.allCases.map(\.rawValue) == [
        "mixed-speaker", "same-speaker", "mixed-speaker-excl", "same-speaker-excl", "current-sequence",
      ])
    #expect(NegativeStrategy.allCases.filter(\.batchesOneSpeaker) == [.sameSpeaker, .sameSpeakerExcl])
    #expect(
      NegativeStrategy.allCases.map { $0.pool.count(windows: 8, frames: 128) } == [1024, 1024, 897, 897, 128])
  }
}
