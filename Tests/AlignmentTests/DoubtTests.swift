import Alignment
import Testing

@Suite struct DoubtTests {
  /// Of utterances with a word each, some have a phone or two that are short; that must not outweigh everything else.
  @Test func fewShortPhonesOfFewAreChance() {
    let totals = [Int](repeating: 4, count: 100)
    var counts = [Int](repeating: 0, count: 100)
    for i in 0..<20 { counts[i] = 1 }
    counts[99] = 4
    let deviations = ShortPhones.deviations(of: counts, among: totals)
    #expect(deviations[0] > 0 && deviations[0] < 3 && deviations[50] < 0)
    #expect(deviations[99] > 6 && deviations[99] < 10)
  }

  /// Against the binomial distribution: 10 of 100 where a tenth is expected, and 30 of them.
  @Test func longUtterancesAreJudgedMoreStrictly() {
    let deviations = ShortPhones.deviations(of: [10, 30, 0, 0], among: [100, 100, 100, 100])
    #expect(deviations[0] == 0 && abs(deviations[1] - 20 / 3) < 1e-12)
    #expect(ShortPhones.deviations(of: [0, 0], among: [5, 0]) == [-0.1 / (0.02 * 0.98 * 5).squareRoot(), 0])
    #expect(ShortPhones.deviations(of: [], among: []).isEmpty)
  }
}
