/// How points are embedded. The defaults are the usual ones: those of openTSNE and, but for the way they are written, of
/// scikit-learn.
public struct TSNESettings: Sendable, Equatable {
  /// How many neighbours a point has, so to speak. Fewer where there are less than three times as many other points.
  public var perplexity: Double
  /// Attraction is so many times as strong in the first iterations, with a momentum of 0.5; in the others, of 0.8.
  public var exaggeration: Double
  public var exaggeratedIterations: Int
  public var iterations: Int
  /// Nil: a twelfth of the number of points, 200 at least (Belkina et al. 2019). scikit-learn's is a quarter of it for the
  /// same steps.
  public var learningRate: Double?
  /// Of what moves points a little from their principal components, so that no two stay on one another.
  public var seed: UInt64

  public init(
    perplexity: Double = 30, exaggeration: Double = 12, exaggeratedIterations: Int = 250, iterations: Int = 750,
    learningRate: Double? = nil, seed: UInt64 = 0
  ) {
    self.perplexity = perplexity
    self.exaggeration = exaggeration
    self.exaggeratedIterations = exaggeratedIterations
    self.iterations = iterations
    self.learningRate = learningRate
    self.seed = seed
  }
}

/// Points in the plane.
public struct TSNEResult: Sendable {
  /// [count, 2].
  public var positions: [Float]
  /// The Kullback–Leibler divergence of the neighbourhoods in the plane from those of the rows.
  public var divergence: Double
  /// As used: lower than wished where there are too few points.
  public var perplexity: Double
  /// Neighbours of a point that attract it, exact ones.
  public var neighbours: Int
}
