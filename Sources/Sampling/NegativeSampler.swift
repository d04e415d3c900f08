import Kernels

/// Draws a fixed number of negatives for each anchor and prediction step: distinct, never the positive, every set of
/// that size equally likely (up to a bias below pool / 2³² for each draw).
///
/// A draw is a pure function of seed, batch, anchor and step, so it can be made on any thread and at any time.
public struct NegativeSampler: Sendable {
  public let pool: CandidatePool
  public let windows: Int
  public let frames: Int
  /// Negatives of a draw; N − 1.
  public let count: Int
  private let seed: UInt64
  private let negatives: Int

  /// `count` is at most what the pool has: ``CandidatePool/count(windows:frames:)`` − 1.
  public init(pool: CandidatePool, windows: Int, frames: Int, count: Int, seed: UInt64) {
    negatives = pool.count(windows: windows, frames: frames) - 1
    precondition(count > 0 && count <= negatives && windows * frames <= Int(Int32.max))
    self.pool = pool
    self.windows = windows
    self.frames = frames
    self.count = count
    self.seed = seed
  }

  /// Writes the negatives of anchor (`window`, `frame`) for z[window, frame + step] in global batch `batch`: ``count``
  /// latents, numbered window · frames + frame, ascending. Allocates nothing for batches of up to 8,192 latents.
  public func draw(
    batch: Int, window: Int, frame: Int, step: Int, into latents: UnsafeMutableBufferPointer<Int32>
  ) {
    precondition(latents.count == count && step > 0 && frame + step < frames && window < windows)
    let anchor = UInt64(window * frames + frame)
    let random = RandomStream(seed: seed, purpose: .negatives, index: batch)
    let first = anchor << 32 | UInt64(step) << 24
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: (negatives + 63) / 64) { chosen in
      chosen.initialize(repeating: 0)
      // Floyd's algorithm (Bentley and Floyd, "A Sample of Brilliance", CACM 1987): one number for each element, and a
      // set that it already holds is never drawn from again.
      var last = UInt64(negatives - count)
      for block in 0..<UInt64((count + 3) / 4) {
        let bits = random.block(first | block)
        for lane in 0..<min(4, count - 4 * Int(block)) {
          let drawn = (UInt64(bits[lane]) &* (last &+ 1)) >> 32
          let taken = chosen[Int(drawn >> 6)] >> (drawn & 63) & 1 == 1
          let element = taken ? last : drawn
          chosen[Int(element >> 6)] |= 1 << (element & 63)
          last &+= 1
        }
      }
      write(chosen, window: window, positive: window * frames + frame + step, to: latents)
    }
  }

  /// Turns places in the pool into latents: the positive and what does not belong to the pool are stepped over.
  private func write(
    _ chosen: UnsafeMutableBufferPointer<UInt64>, window: Int, positive: Int,
    to latents: UnsafeMutableBufferPointer<Int32>
  ) {
    let (first, skipped) = pool.gap(window: window, frames: frames, positive: positive)
    var written = 0
    for (word, bits) in chosen.enumerated() {
      var bits = bits
      while bits != 0 {
        let latent = first.lowerBound + word << 6 + bits.trailingZeroBitCount
        latents[written] = Int32(truncatingIfNeeded: latent < first.upperBound ? latent : latent + skipped)
        written += 1
        bits &= bits &- 1
      }
    }
  }
}
