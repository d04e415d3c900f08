import Kernels

/// How well an utterance fits the states that it was aligned with.
struct Fit: Sendable {
  /// Log-likelihood per frame of all frames, given their states.
  var likelihood: Float = 0
  /// How much likelier the likeliest state of any phone is, per frame of speech: what is said differs from what should
  /// be said. (The negative of the "goodness of pronunciation" of Witt and Young 2000.)
  var mismatch: Float = 0
}

extension AlignmentWorker {
  func fit(of recording: Recording, _ segmentation: Segmentation) -> Fit {
    let silence = model.states(of: model.silence)
    var (likelihood, mismatch, speech) = (0.0, 0.0, 0)
    forEachBlock(of: recording) { block, scores in
      for t in block {
        let row = scores + (t - block.lowerBound) * table.scoreStride
        let state = Int(segmentation.states[t])
        likelihood += Double(row[state])
        guard !silence.contains(state) else { continue }
        mismatch += Double(Float.maximum(row, table.states) - row[state])
        speech += 1
      }
    }
    return Fit(
      likelihood: Float(likelihood / Double(max(1, recording.frames))),
      mismatch: Float(mismatch / Double(max(1, speech))))
  }
}
