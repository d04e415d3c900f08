import Testing
import Transfer

/// The same shuffles as NumPy's `RandomState` and the same folds as scikit-learn's; numbers here are theirs.
@Suite struct FoldTests {
  @Test func numbersAreMT19937s() {
    // The reference implementation's first numbers of its own seed.
    var random = MersenneTwister(seed: 5489)
    #expect(
      (0..<5).map { _ in random.bits() } == [3_499_211_612, 581_869_302, 3_890_346_734, 3_586_334_585, 545_404_204])
    for _ in 5..<9999 { _ = random.bits() }
    // The ten thousandth, by the standard of C++.
    #expect(random.bits() == 4_123_659_995)
  }

  @Test func shufflesAreNumPys() {
    func shuffled(_ count: Int, _ seed: UInt32) -> [Int] {
      var numbers = Array(0..<count)
      var random = MersenneTwister(seed: seed)
      random.shuffle(&numbers)
      return numbers
    }
    #expect(shuffled(10, 1234) == [7, 2, 9, 1, 0, 8, 4, 5, 6, 3])
    #expect(Array(shuffled(1000, 1111).prefix(12)) == [293, 123, 939, 38, 831, 650, 916, 2, 239, 859, 177, 716])
    #expect(shuffled(0, 1).isEmpty && shuffled(1, 1) == [0])
  }

  private func set(_ labels: [Int32]) -> TransferSet {
    TransferSet(
      name: "made", classes: ["a", "b", "c"],
      sentences: labels.enumerated().map { LabelledSentence("w\($0)", label: $1) })
  }

  @Test func stratifiedFoldsAreScikitLearns() throws {
    // All sentences are one word long, so that they are sorted by label.
    let labels = (0..<47).map { Int32($0 % 7 == 0 ? 2 : $0 % 3 == 0 ? 1 : 0) }
    let plan = try TransferPlan(set(labels), .senteval)
    let order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    let places = plan.divisions.map { division in division.test.map { row in order.firstIndex { $0 == row }! } }
    #expect(
      places == [
        [5, 6, 22, 32, 42], [8, 9, 25, 35, 40], [4, 16, 17, 33, 44], [3, 10, 19, 31, 41], [2, 18, 23, 39, 46],
        [1, 12, 24, 37, 45], [0, 14, 21, 28, 43], [13, 20, 27, 38], [11, 26, 34, 36], [7, 15, 29, 30],
      ])
    for division in plan.divisions {
      #expect((division.training + division.test).sorted() == Array(0..<47))
    }
  }

  @Test func foldsOfNeighboursAreShuffledOnce() throws {
    let labels = (0..<23).map { Int32($0 % 2) }
    let plan = try TransferPlan(set(labels), .skipThoughts)
    var order = Array(0..<23)
    var random = MersenneTwister(seed: 1234)
    random.shuffle(&order)
    #expect(plan.divisions.map(\.test.count) == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2])
    #expect(plan.divisions.flatMap(\.test) == order)
    let inner = try plan.innerDivisions(of: plan.divisions[4], .skipThoughts)
    #expect(inner.flatMap(\.test) == order.filter { !plan.divisions[4].test.contains($0) })
  }

  @Test func tooFewSentencesAreRefused() {
    #expect(throws: (any Error).self) { try TransferPlan(set([0, 1, 0, 1]), .senteval) }
    #expect(throws: (any Error).self) { try TransferPlan(set([0, 1, 0, 1]), .skipThoughts) }
  }
}
