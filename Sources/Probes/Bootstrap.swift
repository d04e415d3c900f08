package import Kernels

/// A confidence interval by the percentile bootstrap (Efron 1979) over utterances: frames of one utterance resemble each
/// other, so intervals over frames would be far too narrow.
package struct Bootstrap {
  let resamples: Int
  let level = 0.95
  let seed: UInt64

  package init(resamples: Int, seed: UInt64) {
    self.resamples = resamples
    self.seed = seed
  }

  /// The interval of Σ correct / Σ frames over as many utterances drawn with replacement. Utterance i of resample r is a
  /// pure function of seed, r and i. Percentiles between two resamples are interpolated linearly, as NumPy does.
  package func interval(correct: [Int], frames: [Int], _ workers: Workers) -> (low: Double, high: Double) {
    let count = correct.count
    let accuracies = Buffer<Double>(count: resamples)
    workers.forEach(resamples) { r in
      let random = RandomStream(seed: seed, purpose: .bootstrap, index: r)
      var (right, all) = (0, 0)
      for i in 0..<count {
        let drawn = random.integer(UInt64(i), below: count)
        right += correct[drawn]
        all += frames[drawn]
      }
      accuracies[r] = Double(right) / Double(all)
    }
    let sorted = accuracies.array.sorted()
    func percentile(_ part: Double) -> Double {
      let place = part * Double(resamples - 1)
      let below = Int(place)
      let above = min(below + 1, resamples - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return (percentile((1 - level) / 2), percentile((1 + level) / 2))
  }
}
