import Kernels

/// What re-estimation needs of some utterances and the states in their frames.
struct ModelStatistics {
  /// [Gaussian, FeatureRows.stride]: sums of feature rows, each times its share in the Gaussian. Column
  /// ``FeatureRows/one`` is the Gaussian's occupancy.
  let sums: Buffer<Double>
  /// Frames in each state, and how often it was left.
  var frames: [Int]
  var exits: [Int]
  /// Moves between states of silence, as ``AcousticModel/silenceMoves``.
  var silenceMoves: [Int]
  /// Log-likelihood of the paths.
  var score = 0.0

  init(gaussians: Int, states: Int) {
    sums = Buffer(count: gaussians * FeatureRows.stride)
    frames = [Int](repeating: 0, count: states)
    exits = frames
    silenceMoves = [Int](repeating: 0, count: AcousticModel.silenceStates * AcousticModel.silenceTargets)
  }

  /// Adds single-precision sums of the same shape.
  func add(_ other: Buffer<Float>) {
    for i in 0..<sums.count { sums[i] += Double(other[i]) }
  }

  mutating func add(_ other: ModelStatistics) {
    for i in 0..<sums.count { sums[i] += other.sums[i] }
    for i in frames.indices {
      frames[i] += other.frames[i]
      exits[i] += other.exits[i]
    }
    for i in silenceMoves.indices { silenceMoves[i] += other.silenceMoves[i] }
    score += other.score
  }

  /// Counts the moves of one utterance.
  mutating func count(_ segmentation: Segmentation, model: AcousticModel) {
    let silence = model.states(of: model.silence)
    for segment in segmentation.segments {
      for t in segment.frames {
        let state = Int(segmentation.states[t])
        let next = t + 1 < segment.frames.upperBound ? Int(segmentation.states[t + 1]) : nil
        frames[state] += 1
        if next != state { exits[state] += 1 }
        if segment.phone == model.silence {
          let target = next.map { $0 - silence.lowerBound } ?? AcousticModel.silenceStates
          silenceMoves[(state - silence.lowerBound) * AcousticModel.silenceTargets + target] += 1
        }
      }
    }
    score += segmentation.score
  }
}
