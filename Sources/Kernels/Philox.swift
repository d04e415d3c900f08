import RealModule

/// Philox4x32-10, the counter-based random numbers of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3"
/// (SC 2011): a pure function of key and counter, so any number of a stream is at hand without the ones before it.
public enum Philox {
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c0, c1, c2, c3) = (counter.x, counter.y, counter.z, counter.w)
    var (k0, k1) = (key.x, key.y)
    for _ in 0..<10 {
      let first = UInt64(c0) &* 0xD251_1F53
      let second = UInt64(c2) &* 0xCD9E_8D57
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: first)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }
}

/// One of many independent sequences of random numbers: element i is a pure function of seed, purpose, index and i.
public struct RandomStream: Sendable {
  /// What numbers are for; keeps uses of the same seed apart.
  public struct Purpose: Sendable {
    let rawValue: UInt32
    public static let initialization = Purpose(rawValue: 1)
    public static let permutation = Purpose(rawValue: 2)
    public static let shuffleBuffer = Purpose(rawValue: 3)
    public static let negatives = Purpose(rawValue: 4)
    public static let crops = Purpose(rawValue: 5)
    public static let groups = Purpose(rawValue: 6)
    public static let inputs = Purpose(rawValue: 7)
    public static let evaluation = Purpose(rawValue: 8)
    public static let probes = Purpose(rawValue: 9)
    public static let bootstrap = Purpose(rawValue: 10)
    public static let tests = Purpose(rawValue: 0xffff_ffff)
  }

  private let key: SIMD2<UInt32>
  private let purpose: UInt32
  private let index: UInt32

  /// `index` tells streams of one purpose apart, for example parameters or epochs.
  public init(seed: UInt64, purpose: Purpose, index: Int = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.purpose = purpose.rawValue
    self.index = UInt32(truncatingIfNeeded: index)
  }

  /// 128 random bits.
  public func block(_ i: UInt64) -> SIMD4<UInt32> {
    let low = UInt32(truncatingIfNeeded: i)
    let high = UInt32(truncatingIfNeeded: i >> 32)
    return Philox.block(counter: SIMD4(low, high, index, purpose), key: key)
  }

  public func bits(_ i: UInt64) -> UInt64 {
    let block = block(i)
    return UInt64(block.y) << 32 | UInt64(block.x)
  }

  /// Uniform over 0..<bound; the bias is below bound / 2⁶⁴.
  public func integer(_ i: UInt64, below bound: Int) -> Int {
    Int(bits(i).multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Uniform over the multiples of 2⁻²⁴ in [0, 1); four numbers share a block.
  public func units(_ i: UInt64) -> SIMD4<Float> { SIMD4<Float>(block(i) &>> 8) * 0x1p-24 }

  /// Standard normal, by Box and Muller's method.
  public func normal(_ i: UInt64) -> Double {
    let block = block(i)
    let radius = (-2 * Double.log((Double(block.x) + 1) * 0x1p-32)).squareRoot()
    return radius * Double.cos(2 * Double.pi * Double(block.y) * 0x1p-32)
  }
}
