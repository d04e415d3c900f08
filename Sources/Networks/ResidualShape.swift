/// The size of a residual network up to its third block, over square patches.
public struct ResidualShape: Sendable, Equatable {
  /// 18, 34, 50 or 101: the layers of the whole network of four blocks, by which He et al. (2016a, table 1) call it.
  public var depth: Int
  /// Channels of the first block's 3 × 3 convolutions; each block doubles them. 64 is theirs.
  public var width: Int
  /// Pixels of a patch's side, and their colours.
  public var patch: Int
  public var colours: Int
  /// Whether positions are standardised over their channels before each rectifier.
  public var isNormalized: Bool

  public init(depth: Int = 101, width: Int = 64, patch: Int = 64, colours: Int = 1, isNormalized: Bool = false) {
    (self.depth, self.width, self.patch, self.colours) = (depth, width, patch, colours)
    self.isNormalized = isNormalized
  }

  public static let depths = [18, 34, 50, 101]
  /// Patches below this have no position left after the third block.
  public static let smallestPatch = 8

  /// Units of each block.
  public var units: [Int] {
    switch depth {
    case 18: [2, 2, 2]
    case 34, 50: [3, 4, 6]
    case 101: [3, 4, 23]
    default: preconditionFailure("no residual network of depth \(depth)")
    }
  }

  /// Whether units are of 1 × 1, 3 × 3 and 1 × 1 with four times the width at their end.
  public var isBottleneck: Bool { depth >= 50 }
  /// Channels after the third block.
  public var channels: Int { 4 * width * (isBottleneck ? 4 : 1) }

  /// The first convolution's kernel and stride, and whether a pool of 3 × 3 with stride 2 follows: 7, 2 and a pool for
  /// patches of 64 and more, as for whole pictures; 3 and 2 for those of 32 and more; 3 and 1 for smaller ones. So the
  /// third block has 4 × 4 positions for patches of 64, 32 and 16.
  public var stem: (kernel: Int, stride: Int, pools: Bool) {
    patch >= 64 ? (7, 2, true) : patch >= 32 ? (3, 2, false) : (3, 1, false)
  }
}
