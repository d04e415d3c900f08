public import FileIO
public import Kernels
import RealModule

/// Multinomial logistic regression, fitted to convergence.
///
/// What is minimised over weights W and intercepts b is
///
///     (1/n) Σ −log softmax(Wᵀx + b)[class] + (l2 / 2) ‖W‖²
///
/// with intercepts that are not penalised. It is scikit-learn's C · Σ … + ½ ‖W‖² divided by C · n, with C = 1 / (l2 · n):
/// the same weights minimise both. (Of two classes scikit-learn keeps one column w = W₂ − W₁, whose penalty is half as
/// large here: its C is then 2 / (l2 · n).) Where features are standardised, x and W are those of features brought to
/// zero mean and unit deviation over the frames that are fitted to; else of features as they come, minimised by the same
/// change of variables, so that scales and correlations do not matter to how fast it converges.
///
/// Numbers are the same at any number of threads, on one machine.
public final class SoftmaxRegression {
  public struct Settings: Sendable, Equatable {
    public var standardized = true
    /// The fit has converged when ½ gᵀ H g, with gradient g and the minimiser's inverse H of the second derivatives, is at
    /// most this part of the objective: it estimates what there is still to be gained.
    public var tolerance = 3e-6
    public var maximumIterations = 1000
    /// That features hardly covary, as on their principal axes (``PrincipalAxes``), so that steps need not be shaped by
    /// correlations: much faster for thousands of features.
    public var isDecorrelated = false

    public init() {}
  }

  public struct Fit: Sendable {
    public var model: SoftmaxModel
    public var l2: Double
    public var frames: Int
    /// See ``SoftmaxRegression``; times C · n, it is scikit-learn's.
    public var objective: Double
    public var iterations: Int
    /// Passes over the frames.
    public var evaluations: Int
    /// The estimate that ``Settings/tolerance`` limits.
    public var promise: Double
    public var isConverged: Bool
    /// Features that do not vary, and have no weight.
    public var constants: Int
    /// scikit-learn's C of the same minimum, for more than two classes.
    public var inverseStrength: Double { 1 / (l2 * Double(frames)) }
  }

  private let pass: BlockPass
  private let settings: Settings
  private let moments: Moments
  private let objective: SoftmaxObjective
  private let correlations: Buffer<Double>?
  /// By place: from the most frequent class to the rarest.
  private let classes: [Int32]
  private let shares: [Double]

  /// - Parameters:
  ///   - labels: A class for each row of `frames`.
  /// - Throws: Where there are fewer than two classes, or a feature is not a finite number.
  public convenience init(
    _ frames: any FrameMatrix, labels: [Int32], settings: Settings = Settings(), _ workers: Workers
  ) throws {
    try self.init(SelectedFrames(frames, [0..<frames.rows]), labels: labels, settings, workers)
  }

  package init(_ frames: SelectedFrames, labels: [Int32], _ settings: Settings, _ workers: Workers) throws {
    precondition(labels.count == frames.rows)
    self.settings = settings
    let counts = ClassCount.sorted(labels)
    guard counts.count > 1 else { throw ClassCount.tooFew(counts.count) }
    classes = counts.map(\.label)
    shares = counts.map { Double($0.count) / Double(labels.count) }
    let bytes = max(
      SoftmaxObjective.bytesOfGroup(features: frames.columns, classes: classes.count),
      settings.isDecorrelated ? 0 : frames.columns * frames.columns * MemoryLayout<Double>.stride)
    pass = BlockPass(frames, bytesOfGroup: bytes, workers)
    moments = try Moments(pass)
    correlations = settings.isDecorrelated ? nil : try Probes.correlations(pass, moments)
    let places = ClassCount.places(classes)
    objective = SoftmaxObjective(pass, moments, targets: labels.map { places[Int($0)] }, classes: classes.count)
  }

  /// Fits from nothing, or from what another fit has found. `progress` is told of each pass over the frames.
  public func fit(
    l2: Double, from start: SoftmaxModel? = nil, progress: ProgressHandler = { _ in }
  ) throws -> Fit {
    var passes = 0
    precondition(l2 > 0)
    let (features, count) = (pass.frames.columns, classes.count)
    // For standardised features, a weight of features as they come is 1 / deviation as large.
    let penalty = settings.standardized ? moments.deviation.map { _ in l2 } : moments.inverse.map { l2 * $0 * $0 }
    let diagonal = zip(penalty, moments.deviation).map { $1 > 0 ? $0 : 1 }
    let blind = 1 - shares.reduce(0) { $0 + $1 * $1 }
    var certainty = 1.0
    func preconditioner() -> ClassPreconditioner {
      ClassPreconditioner(
        correlations: correlations, shares: shares.map { certainty * $0 }, penalty: diagonal, pass.workers)
    }
    var current = preconditioner()
    let point = startingPoint(start)
    let minimizer = LimitedMemoryBFGS(
      maximumIterations: settings.maximumIterations, tolerance: settings.tolerance)
    let outcome = try minimizer.minimize(point) { w, gradient in
      var value = try objective.evaluate(w, gradient)
      for j in 0..<features {
        for i in j * count..<(j + 1) * count {
          value += penalty[j] / 2 * w[i] * w[i]
          gradient[i] += penalty[j] * w[i]
        }
      }
      passes += 1
      progress(Progress(done: passes, total: nil, unit: "passes", detail: "l2 \(l2), loss \(Float(value))"))
      return value
    } precondition: {
      // Frames that are all but certain have all but no second derivatives.
      let now = max(1e-12, objective.uncertainty / blind)
      if now < certainty / 4 || now > certainty * 4 {
        certainty = now
        current = preconditioner()
      }
      current.apply($0, into: $1)
    }
    guard outcome.value.isFinite else {
      throw Failure(
        .badInput, "the objective of a probe is \(outcome.value): numbers overflow",
        hint: "features are too large for single precision; scale them")
    }
    return Fit(
      model: SoftmaxModel(classes: classes, mean: moments.mean, inverse: moments.inverse, parameters: point.array),
      l2: l2, frames: pass.frames.rows, objective: outcome.value, iterations: outcome.iterations,
      evaluations: outcome.evaluations, promise: outcome.promise, isConverged: outcome.isConverged,
      constants: moments.constants)
  }

  /// Weights of the classes that `start` knows, zero for others; intercepts as frequent as classes are.
  private func startingPoint(_ start: SoftmaxModel?) -> Buffer<Double> {
    let (features, count) = (pass.frames.columns, classes.count)
    let point = Buffer<Double>(count: (features + 1) * count)
    let logarithms = shares.map { Double.log($0) }
    let middle = logarithms.reduce(0, +) / Double(count)
    for k in 0..<count { point[features * count + k] = logarithms[k] - middle }
    if let start, start.mean.count == features {
      let places = ClassCount.places(start.classes)
      for (k, label) in classes.enumerated() where Int(label) < places.count && places[Int(label)] >= 0 {
        let place = Int(places[Int(label)])
        for j in 0...features {
          point[j * count + k] = start.parameters[j * start.classes.count + place]
        }
      }
    }
    return point
  }
}
