import FileIO

/// What a probe is and how it is chosen.
public struct ProbeSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Multinomial logistic regression, ``SoftmaxRegression``.
    case linear
    /// A network of one hidden layer.
    case hidden
    /// The linear classifier by stochastic gradient descent.
    case sgd
  }

  public var kind = Kind.linear
  /// Candidates for the strength of the penalty, l2 / 2 · ‖W‖² beside the mean cross-entropy of a frame: scikit-learn's C
  /// is 1 / (l2 · frames), see ``SoftmaxRegression``. Nil: four of a linear probe, none (0) of a hidden layer, which is
  /// held by ending early, and none of descent, as in the paper.
  public var l2: [Double]?
  /// Of the utterances to train on, how many are put aside for choosing; at least one.
  public var devFraction = 0.1
  /// Of the dev part, the bootstrap, and a hidden layer's start and order.
  public var seed: UInt64 = 0
  /// Features are brought to zero mean and unit deviation over the frames that are fitted to.
  public var standardized = true
  public var regression = SoftmaxRegression.Settings()
  public var hidden = HiddenLayerSettings()
  public var descent = DescentSettings()
  /// Of the confidence interval.
  public var resamples = 1000
  /// A class, by number, without which accuracy is told, too: silence.
  public var without: Int?

  public init() {}

  /// From the strongest to the weakest.
  var candidates: [Double] {
    (l2 ?? (kind == .linear ? [1e-3, 1e-4, 1e-5, 1e-6] : [0])).sorted(by: >)
  }

  /// Throws where settings make no sense, with this many classes.
  func check(classes: Int) throws {
    func demand(_ isGood: Bool, _ reason: @autoclosure () -> String) throws {
      if !isGood { throw Failure(.usage, reason()) }
    }
    let l2 = candidates
    try demand(!l2.isEmpty, "\(setting: "l2") has no candidate")
    try demand(
      l2.allSatisfy { $0.isFinite && ($0 > 0 || ($0 == 0 && kind != .linear)) },
      "\(setting: "l2") must be above 0" + (kind == .linear ? "" : ", or 0 for none"))
    try demand(devFraction > 0 && devFraction < 1, "the share of the dev part must lie between 0 and 1")
    try demand(resamples >= 1, "the number of resamples must be at least 1")
    try demand(without.map { 0..<classes ~= $0 } ?? true, "the class to leave out is none of these")
    try demand(
      regression.tolerance > 0 && regression.maximumIterations > 0,
      "the tolerance and the most iterations of a fit must be above 0")
    try demand(
      hidden.width > 0 && hidden.batch > 0 && hidden.maximumEpochs > 0 && hidden.patience > 0,
      "\(setting: "width"), the batch, the most epochs and the patience of a hidden layer must be at least 1"
    )
    try demand(
      [hidden.learningRate, descent.learningRate].allSatisfy { $0 > 0 && $0.isFinite },
      "\(setting: "learning_rate") must be above 0")
  }
}

/// A network of one hidden layer and its training.
public struct HiddenLayerSettings: Sendable, Equatable {
  /// Units of the hidden layer. The paper does not state its own.
  public var width = 1024
  /// Frames of an update.
  public var batch = 512
  public var learningRate = 1e-3
  public var maximumEpochs = 30
  /// Epochs without a better accuracy on the dev part after which training ends.
  public var patience = 3

  public init() {}
}
