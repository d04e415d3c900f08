import Sampling
import Testing

@Suite struct BijectionTests {
  @Test func isAPermutationForEverySmallCount() {
    for count in 1...300 {
      for (seed, index) in [(UInt64(0), 0), (1, 0), (1, 1), (.max, 77)] {
        let bijection = KeyedBijection(count: count, seed: seed, index: index)
        #expect(
          Set((0..<count).map { bijection($0) }) == Set(0..<count), "count \(count), seed \(seed), index \(index)")
      }
    }
  }

  @Test(arguments: [65_536, 99_991, 200_003])
  func isAPermutationForLargeCounts(count: Int) {
    let bijection = KeyedBijection(count: count, seed: 5, index: 2)
    var seen = [Bool](repeating: false, count: count)
    for i in 0..<count { seen[bijection(i)] = true }
    #expect(seen.allSatisfy { $0 })
    let elements = [count - 1, 0, 7, 7, count / 2]
    #expect(bijection(elements) == elements.map { bijection($0) })
  }

  @Test func isAPureFunctionOfSeedAndIndex() {
    let order = { (seed: UInt64, index: Int) in
      (0..<50).map { KeyedBijection(count: 50, seed: seed, index: index)($0) }
    }
    #expect(order(3, 4) == order(3, 4))
    #expect(order(3, 4) != order(3, 5))
    #expect(order(3, 4) != order(4, 4))
    #expect(order(3, 4) != Array(0..<50))
  }

  /// Each element comes to each place equally often over seeds: chi-square over all (element, place) pairs.
  @Test(arguments: [2, 3, 5, 8, 17, 40])
  func placesAreUniform(count: Int) {
    let draws = 400 * count
    var counts = [Int](repeating: 0, count: count * count)
    for seed in 0..<draws {
      let bijection = KeyedBijection(count: count, seed: UInt64(seed), index: 1)
      for i in 0..<count { counts[i * count + bijection(i)] += 1 }
    }
    let expected = Double(draws) / Double(count)
    let chiSquare = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    let freedom = Double((count - 1) * (count - 1))
    // Four standard deviations and a little for few degrees of freedom.
    #expect(chiSquare < freedom + 4 * (2 * freedom).squareRoot() + 8, "\(chiSquare) with \(freedom) degrees of freedom")
  }

  /// Not only places: all orders of four elements occur equally often.
  @Test func ordersAreUniform() {
    var counts: [[Int]: Int] = [:]
    let draws = 24_000
    for seed in 0..<draws {
      let bijection = KeyedBijection(count: 4, seed: UInt64(seed), index: 0)
      counts[(0..<4).map { bijection($0) }, default: 0] += 1
    }
    #expect(counts.count == 24)
    let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - 1000) * (Double($1) - 1000) / 1000 }
    #expect(chiSquare < 60, "23 degrees of freedom: \(chiSquare)")
  }

  /// Neighbours do not stay neighbours.
  @Test func neighboursScatter() {
    let count = 10_000
    let bijection = KeyedBijection(count: count, seed: 9, index: 0)
    let near = (0..<count - 1).count { abs(bijection($0) - bijection($0 + 1)) <= 10 }
    #expect(near < 45, "\(near) of \(count) pairs, 20 expected")
  }
}
