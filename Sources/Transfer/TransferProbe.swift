public import FileIO
public import Kernels
import Probes
import Synchronization
import Text

/// Judges sentence vectors by a classifier on top of them: logistic regression, its penalty chosen by validation inside
/// the training part, as a ``TransferProtocol`` has it.
public struct TransferProbe: Sendable {
  public let transferProtocol: TransferProtocol
  private let workers: Workers

  public init(_ transferProtocol: TransferProtocol, _ workers: Workers) {
    self.transferProtocol = transferProtocol
    self.workers = workers
  }

  /// Results are the same at any number of threads, on one machine.
  ///
  /// - Parameter progress: is told of fits.
  public func run(
    _ set: TransferSet, by vectors: some SentenceVectors, progress: ProgressHandler = { _ in }
  ) throws -> TransferResult {
    let plan = try TransferPlan(set, transferProtocol)
    let words = try Words.divide(plan.sentences.map(\.text), vectors.rules)
    let numbers = Buffer<Float>(count: words.count * vectors.columns)
    let coverage = try vectors.encode(words, into: numbers.matrix(vectors.columns), workers)
    let frames = try PrincipalAxes.turn(DenseFrames(columns: vectors.columns, numbers.array), workers)
    let outcome = try validate(frames, plan, set, progress)
    var result = TransferResult(
      set, plan, title: vectors.title, accuracies: outcome.map(\.accuracy), by: transferProtocol)
    result.columns = vectors.columns
    result.coverage = coverage
    result.chosen = outcome.map(\.strength)
    result.validationAccuracy = outcome.reduce(0) { $0 + $1.validation } / Double(outcome.count)
    result.fits = outcome.reduce(0) { $0 + $1.fits }
    result.unconvergedFits = outcome.reduce(0) { $0 + $1.unconverged }
    return result
  }

  /// What always saying the most frequent class of the training part comes to.
  public func majority(_ set: TransferSet) throws -> TransferResult {
    let plan = try TransferPlan(set, transferProtocol)
    let accuracies = plan.divisions.map { division in
      var counts = [Int](repeating: 0, count: set.classes.count)
      for i in division.training { counts[Int(plan.sentences[i].label)] += 1 }
      let most = counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
      return Double(division.test.count { most == plan.sentences[$0].label }) / Double(division.test.count)
    }
    return TransferResult(set, plan, title: "majority class", accuracies: accuracies, by: transferProtocol)
  }

  /// What became of one division.
  private struct Outcome {
    var accuracy: Double
    var strength: Double
    /// The mean over inner folds that the strength was chosen by.
    var validation: Double
    var fits: Int
    var unconverged: Int
  }

  private func validate(
    _ frames: DenseFrames, _ plan: TransferPlan, _ set: TransferSet, _ progress: ProgressHandler
  ) throws -> [Outcome] {
    let strengths = transferProtocol.strengths(hasTest: set.test != nil)
    let inner = try plan.divisions.map { try plan.innerDivisions(of: $0, transferProtocol) }
    let tasks = inner.indices.flatMap { outer in inner[outer].indices.map { (outer, $0) } }
    let total = tasks.count * strengths.count + plan.divisions.count
    let done = Atomic(0)
    func count(_ fits: Int, _ detail: String) {
      let sum = done.add(fits, ordering: .relaxed).newValue
      progress(Progress(done: sum, total: total, unit: "fits", detail: detail))
    }
    let trials = try eachOf(tasks.count) { task in
      let (outer, place) = tasks[task]
      defer { count(strengths.count, set.name) }
      return try fit(frames, plan, inner[outer][place], strengths)
    }
    let chosen = inner.indices.map { outer in
      let mine = tasks.indices.filter { tasks[$0].0 == outer }.map { trials[$0] }
      let means = strengths.indices.map { k in mine.reduce(0) { $0 + $1[k].accuracy } / Double(mine.count) }
      let best = transferProtocol.best(means)
      return (place: best, mean: means[best], unconverged: mine.joined().count { !$0.isConverged })
    }
    let finals = try eachOf(plan.divisions.count) { outer in
      defer { count(1, set.name) }
      return try fit(frames, plan, plan.divisions[outer], [strengths[chosen[outer].place]])[0]
    }
    return plan.divisions.indices.map { outer in
      Outcome(
        accuracy: finals[outer].accuracy, strength: strengths[chosen[outer].place], validation: chosen[outer].mean,
        fits: inner[outer].count * strengths.count + 1,
        unconverged: chosen[outer].unconverged + (finals[outer].isConverged ? 0 : 1))
    }
  }

  /// Accuracy on a division's test part by each strength; each fit begins where the last one ended.
  private func fit(
    _ frames: DenseFrames, _ plan: TransferPlan, _ division: TransferPlan.Division, _ strengths: [Double]
  ) throws -> [(accuracy: Double, isConverged: Bool)] {
    func select(_ places: [Int]) -> (SelectedFrames, [Int32]) {
      // In the order in which they lie in memory.
      let places = places.sorted()
      return (SelectedFrames(frames, places.map { $0..<$0 + 1 }), places.map { plan.sentences[$0].label })
    }
    let (training, labels) = select(division.training)
    let (test, testLabels) = select(division.test)
    var settings = SoftmaxRegression.Settings()
    settings.standardized = false
    settings.isDecorrelated = true
    // A few hundred sentences tell strengths apart: fits end nearer to their minimum than those of many frames.
    settings.tolerance = 5e-7
    let regression = try SoftmaxRegression(training, labels: labels, settings, Workers(count: 1))
    // scikit-learn keeps one column of weights for two classes, see SoftmaxRegression.
    let factor: Double = Set(labels).count == 2 ? 2 : 1
    var model: SoftmaxModel?
    return try strengths.map { strength in
      let fit = try regression.fit(l2: factor / (strength * Double(labels.count)), from: model)
      model = fit.model
      let correct = try fit.model.correct(test, labels: testLabels)
      return (Double(correct) / Double(testLabels.count), fit.isConverged)
    }
  }

  /// Runs `body` for each of 0..<count on all threads, whichever is free; throws what the first one threw.
  private func eachOf<Value: Sendable>(_ count: Int, _ body: (Int) throws -> Value) throws -> [Value] {
    let next = Atomic(0)
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    workers.forEach(min(workers.count, count)) { _ in
      while true {
        let i = next.add(1, ordering: .relaxed).oldValue
        guard i < count else { return }
        let result = Result { try body(i) }
        results.withLock { $0[i] = result }
      }
    }
    let found = results.withLock { $0 }
    return try (0..<count).map { try found[$0]!.get() }
  }
}
