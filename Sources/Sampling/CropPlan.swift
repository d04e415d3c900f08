import Kernels

/// Random crops: all windows of an utterance move by one shift, drawn anew each epoch.
///
/// Windows that move together stay disjoint, so no candidate of a batch is a copy of the positive; and the shift is at
/// most what the windows leave over, so they stay within their utterance.
public struct CropPlan: Sendable {
  public let seed: UInt64
  public let window: Int
  public let step: Int

  /// `window`: samples of a window; `step`: shifts are multiples of it, so that labels keep their grid.
  public init(seed: UInt64, window: Int = 20_480, step: Int = 160) {
    precondition(window > 0 && step > 0)
    self.seed = seed
    self.window = window
    self.step = step
  }

  /// How far the windows of `utterance` move in `epoch`: uniform over the multiples of `step` in
  /// [0, `samples` mod `window`]. `samples` counts those that the utterance has in the dataset.
  public func shift(epoch: Int, utterance: Int, samples: Int) -> Int {
    precondition(samples >= 0 && utterance >= 0)
    let random = RandomStream(seed: seed, purpose: .crops, index: epoch)
    return step * random.integer(UInt64(utterance), below: samples % window / step + 1)
  }
}
