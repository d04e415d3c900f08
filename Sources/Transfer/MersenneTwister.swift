/// MT19937 of Matsumoto and Nishimura ("Mersenne Twister", ACM TOMACS 8, 1998), seeded and used as NumPy's `RandomState` does, so that what
/// scikit-learn shuffles is shuffled alike.
package struct MersenneTwister {
  private static let count = 624
  private var state = [UInt32](repeating: 0, count: count)
  private var next = count

  package init(seed: UInt32) {
    var number = seed
    for i in 0..<Self.count {
      state[i] = number
      number = 1_812_433_253 &* (number ^ number >> 30) &+ UInt32(i) &+ 1
    }
  }

  /// 32 random bits.
  package mutating func bits() -> UInt32 {
    if next == Self.count { twist() }
    var y = state[next]
    next += 1
    y ^= y >> 11
    y ^= y << 7 & 0x9d2c_5680
    y ^= y << 15 & 0xefc6_0000
    return y ^ y >> 18
  }

  private mutating func twist() {
    for i in 0..<Self.count {
      let y = state[i] & 0x8000_0000 | state[(i + 1) % Self.count] & 0x7fff_ffff
      state[i] = state[(i + 397) % Self.count] ^ y >> 1 ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
    }
    next = 0
  }

  /// Uniform over 0...largest, by rejection.
  mutating func integer(upTo largest: Int) -> Int {
    guard largest > 0 else { return 0 }
    let mask = UInt32.max >> UInt32(UInt32(largest).leadingZeroBitCount)
    while true {
      let value = Int(bits() & mask)
      if value <= largest { return value }
    }
  }

  /// As `RandomState.shuffle`: Fisher and Yates, from the end.
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    for i in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(i, integer(upTo: i)) }
  }
}
