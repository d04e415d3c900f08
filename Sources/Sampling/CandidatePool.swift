/// Which latents of a batch stand beside the positive of an anchor. Latents are numbered one window after the other.
public enum CandidatePool: Sendable, Equatable {
  /// Every latent of the batch.
  case batch
  /// The latents of the other windows.
  case otherWindows
  /// The latents of the anchor's own window.
  case ownWindow

  /// The candidates of anchors in `window`, as two ranges, either may be empty. The positive is a candidate also where
  /// it lies outside them.
  public func columns(window: Int, windows: Int, latents: Int) -> (Range<Int>, Range<Int>) {
    let own = window * latents..<(window + 1) * latents
    return switch self {
    case .batch: (0..<windows * latents, 0..<0)
    case .otherWindows: (0..<own.lowerBound, own.upperBound..<windows * latents)
    case .ownWindow: (own, 0..<0)
    }
  }

  /// N: how many candidates an anchor has, its positive among them.
  public func count(windows: Int, latents: Int) -> Int {
    switch self {
    case .batch: windows * latents
    case .otherWindows: (windows - 1) * latents + 1
    case .ownWindow: latents
    }
  }

  /// The negatives, ascending, are the latents of `first` and those that follow `skipped` latents after it.
  func gap(window: Int, latents: Int, positive: Int) -> (first: Range<Int>, skipped: Int) {
    switch self {
    case .batch: (0..<positive, 1)
    case .otherWindows: (0..<window * latents, latents)
    case .ownWindow: (window * latents..<positive, 1)
    }
  }
}
