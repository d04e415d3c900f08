import Alignment
import TestSupport
import Testing

/// Trees of contexts, grown from frames whose dependence is known.
@Suite struct ContextTreeTests {
  private static let phones = 8

  private func frames(_ count: Int, around mean: Float, using generator: inout SeededGenerator) -> GaussianSums {
    var sums = GaussianSums()
    for _ in 0..<count {
      var row = [Float](repeating: 0, count: FeatureRows.stride)
      for d in 0..<FeatureRows.dimension {
        row[d] = mean + Float.random(in: -2...2, using: &generator)
        row[FeatureRows.dimension + d] = row[d] * row[d]
      }
      sums.add(row)
    }
    return sums
  }

  private func likeness(using generator: inout SeededGenerator) -> [GaussianSums] {
    // 2 and 3 are alike, and 4 to 7 are.
    (0..<Self.phones).map { frames(50, around: $0 == 2 || $0 == 3 ? 9 : $0 < 2 ? -40 : -9, using: &generator) }
  }

  private func items(
    using generator: inout SeededGenerator, mean: (_ left: Int, _ right: Int) -> Float
  ) -> [ContextItem] {
    (0..<Self.phones).flatMap { left in
      (0..<Self.phones).map { right in
        ContextItem(left: left, right: right, frames: frames(40, around: mean(left, right), using: &generator))
      }
    }
  }

  @Test func findsWhatMatters() {
    var generator = SeededGenerator(21)
    let builder = ContextTreeBuilder(likeness: likeness(using: &generator))
    // State 0 depends on whether 2 or 3 come before, state 1 on that after, state 2 on nothing; state 3 is never met.
    let states = [
      items(using: &generator) { left, _ in left == 2 || left == 3 ? 6 : -6 },
      items(using: &generator) { _, right in right == 2 || right == 3 ? 6 : -6 },
      items(using: &generator) { _, _ in 1 }, [],
    ]
    let (tree, frames) = builder.build(states, most: 100)
    #expect(frames.count == 6)
    for left in 0..<Self.phones {
      for right in 0..<Self.phones {
        let isLeft = left == 2 || left == 3
        let isRight = right == 2 || right == 3
        #expect((tree.state(0, left: left, right: right) == tree.state(0, left: 2, right: 0)) == isLeft)
        #expect((tree.state(1, left: left, right: right) == tree.state(1, left: 0, right: 2)) == isRight)
        #expect(tree.state(2, left: left, right: right) == 2)
        #expect(tree.state(3, left: left, right: right) == 3)
      }
    }
    let origins = tree.origins(states: frames.count)
    #expect(origins[0..<4] == [0, 1, 2, 3] && Set(origins[4...]) == [0, 1])
    for (state, items) in states.enumerated() {
      let total = origins.indices.filter { origins[$0] == state }.reduce(0) { $0 + frames[$1].count }
      #expect(total == items.reduce(0) { $0 + $1.frames.count })
      for item in items { #expect(origins[tree.state(state, left: item.left, right: item.right)] == state) }
    }
  }

  @Test func growsToNoMoreThanAllowed() {
    var generator = SeededGenerator(22)
    let builder = ContextTreeBuilder(likeness: likeness(using: &generator))
    let states = (0..<3).map { _ in items(using: &generator) { Float($0 * 3 - $1 * 5) } }
    for most in [1, 3, 4, 7, 11] {
      let (tree, frames) = builder.build(states, most: most)
      #expect(frames.count == max(3, most))
      #expect(Set(tree.origins(states: frames.count)) == [0, 1, 2])
      #expect(frames.allSatisfy { $0.count >= 150 })
    }
  }
}
