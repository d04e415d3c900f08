import Kernels

/// Draws a fixed number of negatives for each anchor and prediction step: distinct, never the positive, every set of
/// that size equally likely (up to a bias below pool / 2³² for each draw).
///
/// A draw is a pure function of seed, batch, anchor and step, so it can be made on any thread and at any time.
public struct NegativeSampler: Sendable {
  /// Most steps ahead that its counters have room for.
  public static let mostSteps = 127

  public let pool: CandidatePool
  public let windows: Int
  public let lattice: Lattice
  /// Negatives of a draw; N − 1.
  public let count: Int
  private let seed: UInt64
  private let negatives: Int

  /// `count` is at most what the pool has: ``CandidatePool/count(windows:latents:)`` − 1.
  public init(pool: CandidatePool, windows: Int, lattice: Lattice, count: Int, seed: UInt64) {
    negatives = pool.count(windows: windows, latents: lattice.count) - 1
    precondition(count > 0 && count <= negatives && windows * lattice.count <= Int(Int32.max))
    self.pool = pool
    self.windows = windows
    self.lattice = lattice
    self.count = count
    self.seed = seed
  }

  /// Writes the negatives of the anchor at `position` of `window` for the latent `step` rows further, in global batch
  /// `batch`: ``count`` latents, numbered one window after the other, ascending. Allocates nothing for batches of up to
  /// 8,192 latents.
  public func draw(
    batch: Int, window: Int, position: Int, step: Int, into latents: UnsafeMutableBufferPointer<Int32>
  ) {
    let target = lattice.target(of: position, step: step)
    precondition(latents.count == count && step > 0 && target < lattice.count && window < windows)
    let anchor = UInt64(window * lattice.count + position)
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
      write(chosen, window: window, positive: window * lattice.count + target, to: latents)
    }
  }

  /// Turns places in the pool into latents: the positive and what does not belong to the pool are stepped over.
  private func write(
    _ chosen: UnsafeMutableBufferPointer<UInt64>, window: Int, positive: Int,
    to latents: UnsafeMutableBufferPointer<Int32>
  ) {
    let (first, skipped) = pool.gap(window: window, latents: lattice.count, positive: positive)
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
