public import Kernels
public import Sampling

/// The contrastive loss of the paper (eq. 4), for all prediction steps: cross-entropy of picking z[b, t + k] among the
/// candidates, given c[b, t] and W_k; the mean over anchors and steps.
///
/// An anchor is (b, t) with t < frames − steps, the same for every k. Scores of one step are one product,
/// [anchors, channels] · [channels, latents], turned into their own gradient in place, so memory does not grow with the
/// number of steps.
public final class InfoNCE<Scalar: KernelScalar> {
  public let windows: Int
  public let frames: Int
  public let channels: Int
  public let units: Int
  public let heads: [BilinearHead<Scalar>]
  public let pool: CandidatePool
  /// Draws the negatives; nil where all candidates of the pool count.
  public let sampler: NegativeSampler?

  /// ∂loss/∂z [windows · frames, channels] and ∂loss/∂c [windows · frames, units] of the last ``backward``.
  public let latentGradient: Buffer<Scalar>
  public let contextGradient: Buffer<Scalar>
  private let anchors: Buffer<Scalar>
  private let anchorGradient: Buffer<Scalar>
  private let predictions: Buffer<Scalar>
  private let predictionGradient: Buffer<Scalar>
  private let scores: Buffer<Scalar>
  private let results: Buffer<ContrastiveScore>
  private let factor: Scalar
  /// Where scores are cosines: the latents at unit length, and the lengths of latents and predictions.
  private let unitLatents: Buffer<Scalar>?
  private let latentLengths: UnitRows<Scalar>
  private let predictionLengths: UnitRows<Scalar>

  private var anchorsPerWindow: Int { frames - heads.count }
  private var anchorCount: Int { windows * anchorsPerWindow }
  private var latentCount: Int { windows * frames }

  /// `heads`: those of another loss, to share them.
  public init(
    _ name: String, windows: Int, frames: Int, channels: Int, units: Int, steps: Int, pool: CandidatePool,
    sampler: NegativeSampler? = nil, score: ScoreScale = .sum, heads: [BilinearHead<Scalar>]? = nil,
    training: Bool = true
  ) {
    precondition(steps > 0 && frames > steps && (heads == nil || heads!.count == steps))
    precondition(sampler == nil || sampler!.pool == pool && sampler!.windows == windows && sampler!.frames == frames)
    self.windows = windows
    self.frames = frames
    self.channels = channels
    self.units = units
    self.pool = pool
    self.sampler = sampler
    self.heads = heads ?? (0..<steps).map { BilinearHead("\(name).\($0)", contexts: units, channels: channels) }
    let count = windows * (frames - steps)
    latentGradient = Buffer(count: training ? windows * frames * channels : 0)
    contextGradient = Buffer(count: training ? windows * frames * units : 0)
    anchors = Buffer(count: count * units)
    anchorGradient = Buffer(count: training ? count * units : 0)
    predictions = Buffer(count: count * channels)
    predictionGradient = Buffer(count: training ? count * channels : 0)
    scores = Buffer(count: count * windows * frames)
    results = Buffer(count: count)
    factor = Scalar(score.factor(channels: channels))
    unitLatents = score.normalizes ? Buffer(count: windows * frames * channels) : nil
    latentLengths = UnitRows(rows: score.normalizes ? windows * frames : 0, channels: channels)
    predictionLengths = UnitRows(rows: score.normalizes ? count : 0, channels: channels)
  }

  /// N: candidates of an anchor, its positive among them.
  public var candidates: Int { sampler.map { $0.count + 1 } ?? pool.count(windows: windows, frames: frames) }
  public var parameters: [Parameter<Scalar>] { heads.map(\.weight) }

  /// `latents`: dense rows [windows · frames, channels]; `contexts` gives the first context of a window, the following
  /// ones `units` apart; drawn negatives are those of global batch `batch`. With `gradients`, also adds those of the heads and sets ``latentGradient`` and
  /// ``contextGradient``.
  public func evaluate(
    latents: Matrix<Scalar>, contexts: (_ window: Int) -> UnsafePointer<Scalar>, batch: Int = 0, gradients: Bool,
    _ workers: Workers
  ) -> ContrastiveMetrics {
    let width = anchorsPerWindow * units
    for w in 0..<windows { (anchors.pointer + w * width).update(from: contexts(w), count: width) }
    if gradients {
      latentGradient.fillWithZeros()
      anchorGradient.fillWithZeros()
    }
    if let unitLatents {
      for w in 0..<windows * frames {
        (unitLatents.pointer + w * channels).update(from: latents.row(w), count: channels)
      }
      latentLengths.forward(unitLatents, workers)
    }
    let compared = unitLatents?.matrix(channels) ?? latents
    let steps = heads.indices.map { step($0, compared, batch: batch, gradients: gradients, workers) }
    if gradients {
      if let unitLatents { latentLengths.backward(latentGradient, unitLatents, workers) }
      contextGradient.fillWithZeros()
      for w in 0..<windows {
        (contextGradient.pointer + w * frames * units).update(from: anchorGradient.pointer + w * width, count: width)
      }
    }
    return ContrastiveMetrics(steps: steps, anchors: anchorCount, candidates: candidates)
  }

  /// Prediction step `i` + 1.
  private func step(
    _ i: Int, _ latents: Matrix<Scalar>, batch: Int, gradients: Bool, _ workers: Workers
  ) -> ContrastiveMetrics.Step {
    let head = heads[i]
    let context = anchors.matrix(units)
    let prediction = predictions.matrix(channels)
    let score = scores.matrix(latentCount)
    head.forward(context, prediction, count: anchorCount, workers)
    if unitLatents != nil { predictionLengths.forward(predictions, workers) }
    workers.gemm(
      Product(anchorCount, latentCount, channels, transposeB: true), alpha: factor, prediction, latents, score)
    let result = contrastRows(stepsAhead: i + 1, batch: batch, gradients: gradients, workers)
    guard gradients else { return result }
    let dPrediction = predictionGradient.matrix(channels)
    workers.gemm(Product(anchorCount, channels, latentCount), alpha: factor, score, latents, dPrediction)
    workers.gemm(
      Product(latentCount, channels, anchorCount, transposeA: true), alpha: factor, score, prediction, beta: 1,
      latentGradient.matrix(channels))
    if unitLatents != nil { predictionLengths.backward(predictionGradient, predictions, workers) }
    head.backward(
      context, predictionGradient: dPrediction, addingTo: anchorGradient.matrix(units), count: anchorCount, workers)
    return result
  }

  private func contrastRows(
    stepsAhead: Int, batch: Int, gradients: Bool, _ workers: Workers
  ) -> ContrastiveMetrics.Step {
    let scale = gradients ? 1 / Scalar(heads.count * anchorCount) : nil
    workers.split(anchorCount) { range in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: sampler?.count ?? 0) { drawn in
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: candidates) { scratch in
          for anchor in range {
            let (window, t) = anchor.quotientAndRemainder(dividingBy: anchorsPerWindow)
            let row = scores.pointer + anchor * latentCount
            let positive = window * frames + t + stepsAhead
            if let sampler {
              sampler.draw(batch: batch, window: window, frame: t, step: stepsAhead, into: drawn)
              results[anchor] = contrast(
                row, count: latentCount, positive: positive, negatives: UnsafeBufferPointer(drawn),
                scratch: scratch.baseAddress!, gradientScale: scale)
            } else {
              results[anchor] = contrast(
                row, count: latentCount, positive: positive,
                candidates: pool.columns(window: window, windows: windows, frames: frames), gradientScale: scale)
            }
          }
        }
      }
    }
    var sums = ContrastiveMetrics.Step()
    for anchor in 0..<anchorCount {
      let result = results[anchor]
      sums.loss += result.loss
      sums.below += result.below
      if result.below == candidates - 1 { sums.first += 1 }
    }
    return sums
  }
}
