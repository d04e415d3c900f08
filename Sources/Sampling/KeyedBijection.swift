import Kernels

/// A permutation of 0..<count that is computed element by element: no table, any place at once.
///
/// The swap-or-not shuffle (Hoang, Morris and Rogaway, CRYPTO 2012) with Philox as its random function. In each round,
/// x and its mirror image K − x are swapped or not, by a random bit that depends on the pair alone.
public struct KeyedBijection: Sendable {
  public let count: Int
  private let mirrors: [Int]
  private let random: RandomStream

  /// The error of the shuffle falls geometrically with the number of rounds; see the paper's theorem 3.
  private static let rounds = 64

  /// `index` tells permutations with the same seed apart, for example epochs.
  public init(count: Int, seed: UInt64, index: Int) {
    precondition(count > 0)
    self.count = count
    let random = RandomStream(seed: seed, purpose: .permutation, index: index)
    self.random = random
    // Counters of the round's bits have their round, from 1, in the upper half; 0 there is left for the mirrors.
    mirrors = (0..<Self.rounds).map { random.integer(UInt64($0), below: count) }
  }

  /// Where element `i` goes.
  public func callAsFunction(_ i: Int) -> Int { self([i])[0] }

  /// Where each of these elements goes. Much faster than one by one: a round waits for the round before it, but elements
  /// do not wait for each other.
  public func callAsFunction(_ elements: [Int]) -> [Int] {
    precondition(elements.allSatisfy { $0 >= 0 && $0 < count })
    var places = elements
    for round in 0..<Self.rounds {
      for i in places.indices {
        let x = places[i]
        var mirror = mirrors[round] - x
        if mirror < 0 { mirror += count }
        let pair = max(x, mirror)
        // Chosen without a branch, which would be mispredicted half of the time.
        let isSwapped = Int(random.block(UInt64(round + 1) << 40 | UInt64(pair)).x & 1)
        places[i] = x ^ ((x ^ mirror) & -isSwapped)
      }
    }
    return places
  }
}
