import RealModule

/// What InfoNCE measured, summed over anchors so that batches can be added up.
public struct ContrastiveMetrics: Sendable, Equatable {
  /// Sums for one prediction step.
  public struct Step: Sendable, Equatable {
    /// −log of the positive's probability among its candidates, in nats.
    public var loss = 0.0
    /// Anchors whose positive scores above every negative.
    public var first = 0
    /// Negatives that score below the positive of their anchor.
    public var below = 0

    public init(loss: Double = 0, first: Int = 0, below: Int = 0) {
      self.loss = loss
      self.first = first
      self.below = below
    }
  }

  /// For k = 1, 2, ….
  public private(set) var steps: [Step]
  /// Anchors that the sums cover.
  public private(set) var anchors: Int
  /// N: candidates of an anchor, the positive among them.
  public let candidates: Int

  public init(steps: Int, candidates: Int) {
    self.steps = Array(repeating: Step(), count: steps)
    anchors = 0
    self.candidates = candidates
  }

  public init(steps: [Step], anchors: Int, candidates: Int) {
    self.steps = steps
    self.anchors = anchors
    self.candidates = candidates
  }

  public mutating func add(_ other: ContrastiveMetrics) {
    precondition(steps.count == other.steps.count && candidates == other.candidates)
    for i in steps.indices {
      steps[i].loss += other.steps[i].loss
      steps[i].first += other.steps[i].first
      steps[i].below += other.steps[i].below
    }
    anchors += other.anchors
  }

  /// Means over anchors, for each step.
  public var losses: [Double] { steps.map { $0.loss / Double(anchors) } }
  /// How often the positive scores above all N − 1 negatives; 1 / N by chance.
  public var accuracies: [Double] { steps.map { Double($0.first) / Double(anchors) } }
  /// How often the positive scores above a negative; ½ by chance.
  public var pairwiseAccuracies: [Double] {
    steps.map { Double($0.below) / (Double(anchors) * Double(max(1, candidates - 1))) }
  }

  /// The mean over steps: what is minimised.
  public var loss: Double { losses.reduce(0, +) / Double(steps.count) }
  /// log N − loss: a lower bound of the mutual information where negatives are independent draws (paper, §2.3).
  public var informationBound: Double { Double.log(Double(candidates)) - loss }
  /// What a blind guess loses, and the ceiling of ``informationBound``.
  public var logCandidates: Double { Double.log(Double(candidates)) }
}
