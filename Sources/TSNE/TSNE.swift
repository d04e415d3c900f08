public import FileIO
public import Kernels

/// t-SNE (van der Maaten & Hinton 2008) in two dimensions, with exact neighbours and with repulsion interpolated on a grid
/// (Linderman et al. 2019). The result is the same at any number of threads.
public enum TSNE {
  /// Deviation of the first coordinate at the start.
  private static let deviation = 1e-4

  /// Embeds rows in the plane. Equal rows come to lie beside each other; columns that are the same everywhere do nothing;
  /// where three times the perplexity is more than there are other rows, it is lowered to a third of these.
  ///
  /// Neighbours take time that grows with the square of `count`; the rest, with `count`.
  ///
  /// - Parameters:
  ///   - rows: [count, dimension].
  ///   - progress: Called after each iteration.
  /// - Throws: `badInput` with the place of a number that is none or infinite; `usage` for settings without sense.
  public static func embed(
    _ rows: [Float], count: Int, dimension: Int, settings: TSNESettings = TSNESettings(),
    workers: Workers = Workers(), progress: ProgressHandler = { _ in }
  ) throws -> TSNEResult {
    try check(settings)
    let rows = try Rows(rows, count: count, dimension: dimension, workers)
    guard count > 1 else {
      return TSNEResult(positions: [Float](repeating: 0, count: 2 * count), divergence: 0, perplexity: 0, neighbours: 0)
    }
    let perplexity = max(1, min(settings.perplexity, Double(count - 1) / 3))
    let perRow = max(1, min(count - 1, Int(3 * perplexity)))
    let total = settings.exaggeratedIterations + settings.iterations
    progress(Progress(done: 0, total: total, unit: "iterations", detail: "neighbours"))
    let neighbours = Neighbours(of: rows, perRow: perRow, workers)
    let affinities = Affinities(neighbours, count: count, perplexity: perplexity, workers)
    let descent = Descent(affinities, positions: start(rows, settings, workers), workers)
    let rate = Float(settings.learningRate ?? max(200, Double(count) / 12))
    for i in 0..<total {
      let isEarly = i < settings.exaggeratedIterations
      descent.step(
        exaggeration: isEarly ? Float(settings.exaggeration) : 1, momentum: isEarly ? 0.5 : 0.8, rate: rate)
      progress(Progress(done: i + 1, total: total, unit: "iterations"))
    }
    return TSNEResult(
      positions: (0..<count).flatMap { [descent.x[$0], descent.y[$0]] }, divergence: descent.divergence(),
      perplexity: perplexity, neighbours: perRow)
  }

  private static func check(_ settings: TSNESettings) throws {
    guard settings.perplexity >= 1, settings.perplexity.isFinite else {
      throw Failure(.usage, "a perplexity of \(settings.perplexity): it must be at least 1")
    }
    guard settings.exaggeration > 0, settings.exaggeratedIterations >= 0, settings.iterations >= 0 else {
      throw Failure(.usage, "an exaggeration that is not positive, or a negative number of iterations")
    }
    guard settings.learningRate.map({ $0 > 0 && $0.isFinite }) ?? true else {
      throw Failure(.usage, "a learning rate of \(settings.learningRate!): it must be positive")
    }
  }

  /// Principal components, and a hundredth of their deviation at random, without which equal rows would stay on one
  /// another, and rows on a line on a line.
  private static func start(_ rows: Rows, _ settings: TSNESettings, _ workers: Workers) -> [Double] {
    let random = RandomStream(seed: settings.seed, purpose: .evaluation, index: 1)
    return PrincipalComponents.coordinates(of: rows, deviation: deviation, workers).enumerated().map { i, value in
      value + deviation / 100 * random.normal(UInt64(i))
    }
  }
}
