public import Networks
public import Sampling

/// What the encoder of images sees of each pixel.
public enum ImageColour: String, Sendable, CaseIterable {
  /// One number: the luma of ITU-R BT.601.
  case grey
  /// Red, green and blue.
  case rgb

  public var channels: Int { self == .grey ? 1 : 3 }
}

/// From latents on a lattice to contexts.
public enum LatticeContext: String, Sendable, CaseIterable {
  /// ``MaskedConvolutions``.
  case masked
  /// ``RowGRU``.
  case rowGRU = "row-gru"
}

/// The paper's image model (§3.2); every default is the paper's, or, where it states none (the context network's size),
/// that of Hénaff et al. (2020, appendix).
///
/// The paper's figure 4 predicts rows t + 2, t + 3 … from row t: the patches of row t + 1 overlap those of row t by half.
/// Hence a row skip of 1; 0 predicts t + 1, t + 2 ….
public struct ImageModelShape: Sendable, Equatable {
  /// Pixels of the side of a window, which is cut out of a record's picture.
  public var crop = 256
  /// Pixels of a patch's side, and from one patch to the next.
  public var patch = 64
  public var stride = 32
  public var colour = ImageColour.grey
  /// ``ResidualShape/depth`` and ``ResidualShape/width``.
  public var depth = 101
  public var width = 64
  public var contextNetwork = LatticeContext.masked
  /// Layers of masked convolutions, and channels within them or units of the GRU.
  public var contextDepth = Self.defaultContextDepth
  public var context = 256
  public var stepsAhead = 5
  /// Rows after an anchor's that are not predicted.
  public var rowSkip = 1
  public var normalisation = EncoderNormalisation.none
  public var score = ScoreScale.sum

  public static let defaultContextDepth = 5

  public init() {}

  /// Patches of another size that overlap by half, and a window of 7 × 7 of them.
  public mutating func setPatch(_ side: Int) {
    (patch, stride) = (side, side / 2)
    crop = patch + 6 * stride
  }

  /// Patches of a row, and of a column.
  public var grid: Int { crop >= patch ? (crop - patch) / stride + 1 : 0 }
  public var lattice: Lattice { Lattice(rows: grid, columns: grid, skip: rowSkip) }
  public var inputCount: Int { grid * grid * patch * patch * colour.channels }
  public var encoder: ResidualShape {
    ResidualShape(
      depth: depth, width: width, patch: patch, colours: colour.channels, isNormalized: normalisation == .channel)
  }
}
