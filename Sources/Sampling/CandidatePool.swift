/// Which latents of a batch stand beside the positive of an anchor. Latents are numbered window · frames + frame.
public enum CandidatePool: Sendable, Equatable {
  /// Every latent of the batch.
  case batch
  /// The latents of the other windows.
  case otherWindows
  /// The latents of the anchor's own window.
  case ownWindow

  /// The candidates of anchors in `window`, as two ranges, either may be empty. The positive is a candidate also where
  /// it lies outside them.
  public func columns(window: Int, windows: Int, frames: Int) -> (Range<Int>, Range<Int>) {
    let own = window * frames..<(window + 1) * frames
    return switch self {
    case .batch: (0..<windows * frames, 0..<0)
    case .otherWindows: (0..<own.lowerBound, own.upperBound..<windows * frames)
    case .ownWindow: (own, 0..<0)
    }
  }

  /// N: how many candidates an anchor has, its positive among them.
  public func count(windows: Int, frames: Int) -> Int {
    switch self {
    case .batch: windows * frames
    case .otherWindows: (windows - 1) * frames + 1
    case .ownWindow: frames
    }
  }

  /// The negatives, ascending, are the latents of `first` and those that follow `skipped` latents behind it.
  func gap(window: Int, frames: Int, positive: Int) -> (first: Range<Int>, skipped: Int) {
    switch self {
    case .batch: (0..<positive, 1)
    case .otherWindows: (0..<window * frames, frames)
    case .ownWindow: (window * frames..<positive, 1)
    }
  }
}
