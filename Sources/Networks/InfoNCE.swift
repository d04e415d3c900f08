public import Kernels
public import Sampling

/// The contrastive loss of the paper (eq. 4), for all prediction steps: cross-entropy of picking z[b, t + k] among the
/// candidates, given c[b, t] and W_k; the mean over anchors and steps.
///
/// Latents lie on a ``Lattice``; z[b, t + k] is k rows further in the same column, beside those that the lattice skips.
/// An anchor is (b, t) with as many rows after it as the last step takes, the same for every k. Scores of one step are
/// products [anchors, channels] · [channels, latents] for as many anchors at a time as take ``scoreBytes`` at most; each
/// row is turned into its own gradient while it is at hand. So memory grows with the batch, not with its square, nor with
/// the number of steps.
public final class InfoNCE<Element: Operand>: ContrastiveLoss {
  public typealias Scalar = Element.Sum

  public let windows: Int
  public let lattice: Lattice
  public let channels: Int
  public let units: Int
  public let heads: [BilinearHead<Element>]
  public let pool: CandidatePool
  /// Draws the negatives; nil where all candidates of the pool count.
  public let sampler: NegativeSampler?

  /// ∂loss/∂z [windows · latents, channels] and ∂loss/∂c [windows · latents, units] of the last ``backward``.
  public let latentGradient: Buffer<Scalar>
  public let contextGradient: Buffer<Scalar>
  private let anchors: Buffer<Scalar>
  private let anchorRows: OperandRows<Element>
  private let anchorGradient: Buffer<Scalar>
  private let predictions: Buffer<Scalar>
  private let predictionRows: OperandRows<Element>
  private let predictionGradient: Buffer<Scalar>
  private let predictionGradientRows: OperandRows<Element>
  /// The gradients of some anchors' scores, and how many anchors these are at most.
  private let scores: Buffer<Element>
  private let anchorsAtOnce: Int
  private let results: Buffer<ContrastiveScore>
  public let score: ScoreScale
  private let factor: Scalar
  /// The latents as factors: zᵀ for the scores, z for the gradients of the predictions.
  private let transposedLatents: RightFactor<Element>
  private let latentFactor: RightFactor<Element>
  /// Where scores are cosines: the latents at unit length, and the lengths of latents and predictions.
  private let unitLatents: Buffer<Scalar>?
  private let latentLengths: UnitRows<Scalar>
  private let predictionLengths: UnitRows<Scalar>

  /// Most bytes of scores at a time.
  public static var scoreBytes: Int { 64 << 20 }

  private var anchorsPerWindow: Int { lattice.anchors(steps: heads.count) }
  private var anchorCount: Int { windows * anchorsPerWindow }
  private var latentCount: Int { windows * lattice.count }

  /// `heads`: those of another loss, to share them. `scoreBytes`: most bytes of scores at a time, but for one anchor's.
  public init(
    _ name: String, windows: Int, lattice: Lattice, channels: Int, units: Int, steps: Int, pool: CandidatePool,
    sampler: NegativeSampler? = nil, score: ScoreScale = .sum, heads: [BilinearHead<Element>]? = nil,
    training: Bool = true, scoreBytes: Int = InfoNCE.scoreBytes
  ) {
    precondition(steps > 0 && lattice.anchors(steps: steps) > 0 && (heads == nil || heads!.count == steps))
    precondition(sampler == nil || sampler!.pool == pool && sampler!.windows == windows && sampler!.lattice == lattice)
    self.windows = windows
    self.lattice = lattice
    self.channels = channels
    self.units = units
    self.pool = pool
    self.sampler = sampler
    self.heads = heads ?? (0..<steps).map { BilinearHead("\(name).\($0)", contexts: units, channels: channels) }
    let count = windows * lattice.anchors(steps: steps)
    let latents = windows * lattice.count
    latentGradient = Buffer(count: training ? latents * channels : 0)
    contextGradient = Buffer(count: training ? latents * units : 0)
    anchors = Buffer(count: count * units)
    anchorRows = OperandRows(rows: count, columns: units)
    anchorGradient = Buffer(count: training ? count * units : 0)
    predictions = Buffer(count: count * channels)
    predictionRows = OperandRows(rows: count, columns: channels)
    predictionGradient = Buffer(count: training ? count * channels : 0)
    predictionGradientRows = OperandRows(rows: training ? count : 0, columns: channels)
    anchorsAtOnce = max(1, min(count, scoreBytes / (latents * MemoryLayout<Element>.stride)))
    scores = Buffer(count: anchorsAtOnce * latents)
    results = Buffer(count: count)
    self.score = score
    factor = Scalar(score.factor(channels: channels))
    transposedLatents = RightFactor(rows: channels, columns: latents, isTransposed: true)
    latentFactor = RightFactor(rows: latents, columns: channels, isTransposed: false)
    unitLatents = score.normalizes ? Buffer(count: latents * channels) : nil
    latentLengths = UnitRows(rows: score.normalizes ? latents : 0, channels: channels)
    predictionLengths = UnitRows(rows: score.normalizes ? count : 0, channels: channels)
  }

  /// N: candidates of an anchor, its positive among them.
  public var candidates: Int { sampler.map { $0.count + 1 } ?? pool.count(windows: windows, latents: lattice.count) }
  public var parameters: [Parameter<Scalar>] { heads.map(\.weight) }

  /// `latents`: dense rows [windows · latents, channels]; `contexts` gives the first context of a window, the following
  /// ones `units` apart; drawn negatives are those of global batch `batch`. With `gradients`, also adds those of the
  /// heads and sets ``latentGradient`` and ``contextGradient``.
  public func evaluate(
    latents: Matrix<Scalar>, contexts: (_ window: Int) -> UnsafePointer<Scalar>, batch: Int = 0, gradients: Bool,
    _ workers: Workers
  ) -> ContrastiveMetrics {
    let width = anchorsPerWindow * units
    for w in 0..<windows { (anchors.pointer + w * width).update(from: contexts(w), count: width) }
    _ = anchorRows.round(anchors.matrix(units), count: anchorCount, workers)
    WeightFactor.refresh(heads.map(\.transposedFactor) + (gradients ? heads.map(\.factor) : []), workers)
    if gradients {
      latentGradient.fillWithZeros()
      anchorGradient.fillWithZeros()
    }
    if let unitLatents {
      for w in 0..<latentCount {
        (unitLatents.pointer + w * channels).update(from: latents.row(w), count: channels)
      }
      latentLengths.forward(unitLatents, workers)
    }
    let compared = unitLatents?.matrix(channels) ?? latents
    workers.set([(transposedLatents, compared)] + (gradients ? [(latentFactor, compared)] : []))
    let steps = heads.indices.map { step($0, batch: batch, gradients: gradients, workers) }
    if gradients {
      if let unitLatents { latentLengths.backward(latentGradient, unitLatents, workers) }
      contextGradient.fillWithZeros()
      for w in 0..<windows {
        (contextGradient.pointer + w * lattice.count * units).update(
          from: anchorGradient.pointer + w * width, count: width)
      }
    }
    return ContrastiveMetrics(steps: steps, anchors: anchorCount, candidates: candidates)
  }

  /// Prediction step `i` + 1.
  private func step(_ i: Int, batch: Int, gradients: Bool, _ workers: Workers) -> ContrastiveMetrics.Step {
    let head = heads[i]
    let context = anchorRows.kept(anchors.matrix(units))
    head.forward(context, predictions.matrix(channels), count: anchorCount, workers)
    if unitLatents != nil { predictionLengths.forward(predictions, workers) }
    let prediction = predictionRows.round(predictions.matrix(channels), count: anchorCount, workers)
    let dPrediction = predictionGradient.matrix(channels)
    for first in stride(from: 0, to: anchorCount, by: anchorsAtOnce) {
      let block = first..<min(first + anchorsAtOnce, anchorCount)
      score(block, prediction, stepsAhead: i + 1, batch: batch, gradients: gradients, workers)
      guard gradients else { continue }
      let score = scores.matrix(latentCount)
      workers.multiply(rows: block.count, [(score, latentFactor)], into: dPrediction.from(row: first))
      workers.addTransposedProduct(
        latentCount, channels, block.count, score, prediction.from(row: first), latentGradient.matrix(channels))
    }
    if gradients {
      if unitLatents != nil { predictionLengths.backward(predictionGradient, predictions, workers) }
      let rows = predictionGradientRows.round(dPrediction, count: anchorCount, workers)
      head.backward(
        context, predictionGradient: rows, addingTo: anchorGradient.matrix(units), count: anchorCount, workers)
    }
    return sum()
  }

  private func sum() -> ContrastiveMetrics.Step {
    var sums = ContrastiveMetrics.Step()
    for anchor in 0..<anchorCount {
      let result = results[anchor]
      sums.loss += result.loss
      sums.below += result.below
      if result.below == candidates - 1 { sums.first += 1 }
    }
    return sums
  }

  /// Scores of a block of anchors into ``results``, and their gradients into ``scores``.
  private func score(
    _ block: Range<Int>, _ prediction: Matrix<Element>, stepsAhead: Int, batch: Int, gradients: Bool, _ workers: Workers
  ) {
    let scale = gradients ? 1 / Scalar(heads.count * anchorCount) : nil
    let scores = self.scores.matrix(latentCount)
    workers.multiply(
      rows: block.count, [(prediction.from(row: block.lowerBound), transposedLatents)], into: scores
    ) { _, range, sums in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: sampler?.count ?? 0) { drawn in
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: candidates) { scratch in
          for i in range {
            let row = sums.row(i - range.lowerBound)
            if factor != 1 { Kernels.scale(row, count: latentCount, by: factor) }
            contrast(
              row, anchor: block.lowerBound + i, stepsAhead: stepsAhead, batch: batch, drawn: drawn,
              scratch: scratch.baseAddress!, gradientScale: scale)
            guard gradients else { continue }
            if factor != 1 { Kernels.scale(row, count: latentCount, by: factor) }
            Element.round(row, into: scores.row(i), latentCount)
          }
        }
      }
    }
  }

  private func contrast(
    _ row: UnsafeMutablePointer<Scalar>, anchor: Int, stepsAhead: Int, batch: Int,
    drawn: UnsafeMutableBufferPointer<Int32>, scratch: UnsafeMutablePointer<Scalar>, gradientScale: Scalar?
  ) {
    let (window, t) = anchor.quotientAndRemainder(dividingBy: anchorsPerWindow)
    let positive = window * lattice.count + lattice.target(of: t, step: stepsAhead)
    guard let sampler else {
      results[anchor] = Kernels.contrast(
        row, count: latentCount, positive: positive,
        candidates: pool.columns(window: window, windows: windows, latents: lattice.count), gradientScale: gradientScale
      )
      return
    }
    sampler.draw(batch: batch, window: window, position: t, step: stepsAhead, into: drawn)
    results[anchor] = Kernels.contrast(
      row, count: latentCount, positive: positive, negatives: UnsafeBufferPointer(drawn), scratch: scratch,
      gradientScale: gradientScale)
  }
}
