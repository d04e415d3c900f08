import FileIO
import Kernels
import RealModule
import Testing

import Probes

@Suite struct RegressionTests {
  static let workers = Workers(count: 2)

  @Test func theReferenceHasItsOwnDerivatives() {
    let set = Synthetic(seed: 1, utterances: 4, frames: 10, columns: 3, classes: 3)
    let reference = ReferenceRegression(set, l2: 0.1, standardized: true)
    let noise = Noise(2)
    var w = (0..<12).map { _ in noise.normal() }
    let gradient = reference.value(w).gradient
    for i in w.indices {
      let kept = w[i]
      w[i] = kept + 1e-6
      let above = reference.value(w).0
      w[i] = kept - 1e-6
      let below = reference.value(w).0
      w[i] = kept
      #expect(abs((above - below) / 2e-6 - gradient[i]) < 1e-7)
    }
  }

  @Test(arguments: [(3, 40, 1), (17, 61, 3), (8, 2000, 7)])
  func onePassIsTheFormula(columns: Int, rows: Int, threads: Int) throws {
    let set = Synthetic(seed: 3, utterances: 1, frames: rows, columns: columns, classes: 5)
    let reference = ReferenceRegression(set, l2: 0, standardized: true)
    let counts = ClassCount.sorted(set.labels)
    let classes = counts.map(\.label)
    let places = ClassCount.places(classes)
    let pass = BlockPass(
      SelectedFrames(set.frames, [0..<rows]), bytesOfGroup: 1000, Workers(count: threads))
    let objective = SoftmaxObjective(
      pass, try Moments(pass), targets: set.labels.map { places[Int($0)] }, classes: classes.count)
    let noise = Noise(4)
    let w = Buffer((0..<(columns + 1) * classes.count).map { _ in noise.normal() })
    let gradient = Buffer<Double>(count: w.count)
    let value = try objective.evaluate(w, gradient)
    var byNumber = [Double](repeating: 0, count: w.count)
    for j in 0...columns {
      for (place, label) in classes.enumerated() { byNumber[j * 5 + Int(label)] = w[j * classes.count + place] }
    }
    let (expected, slopes) = reference.value(byNumber)
    #expect(abs(value / expected - 1) < 1e-5)
    for j in 0...columns {
      for (place, label) in classes.enumerated() {
        #expect(abs(gradient[j * classes.count + place] - slopes[j * 5 + Int(label)]) < 1e-5)
      }
    }
  }

  @Test(arguments: [true, false], [0.1, 0.003])
  func theMinimumIsFound(standardized: Bool, l2: Double) throws {
    let set = Synthetic(seed: 5, utterances: 1, frames: 300, columns: 6, classes: 4)
    var settings = SoftmaxRegression.Settings()
    settings.standardized = standardized
    let fit = try SoftmaxRegression(set.frames, labels: set.labels, settings: settings, Self.workers).fit(l2: l2)
    let reference = ReferenceRegression(set, l2: l2, standardized: standardized)
    let best = reference.minimum(steps: 3000)
    #expect(fit.isConverged && fit.objective < best * 1.0001)
    // What it says of itself is so.
    let said = reference.value(fit.parameters(set, standardized: standardized)).0
    #expect(abs(said / fit.objective - 1) < 1e-5)
    #expect(fit.inverseStrength == 1 / (l2 * 300))
  }

  /// Columns of scales from 10⁻⁴ to 10⁴, two that are all but the same, one that is constant, far from zero.
  static func illConditioned(seed: Int = 6) -> Synthetic {
    var set = Synthetic(seed: seed, utterances: 1, frames: 2000, columns: 12, classes: 5)
    let noise = Noise(seed + 100)
    for i in 0..<set.rows {
      let row = i * 12
      set.numbers[row + 9] = set.numbers[row + 8] + Float(1e-3 * noise.normal())
      set.numbers[row + 10] = 7.7
      set.numbers[row + 11] += 300
      for j in 0..<8 { set.numbers[row + j] *= Float(Double.pow(10, j - 4)) * (j == 7 ? 10 : 1) }
    }
    return set
  }

  @Test(arguments: [true, false], [1e-2, 1e-6])
  func illConditionedFeaturesConverge(standardized: Bool, l2: Double) throws {
    let set = Self.illConditioned()
    var settings = SoftmaxRegression.Settings()
    settings.standardized = standardized
    let regression = try SoftmaxRegression(set.frames, labels: set.labels, settings: settings, Self.workers)
    let fit = try regression.fit(l2: l2)
    #expect(fit.isConverged && fit.iterations < 100 && fit.constants == 1)
    // The gradient of the formula, where each feature has its own scale, says how far it is.
    settings.tolerance = 1e-7
    let closer = try SoftmaxRegression(set.frames, labels: set.labels, settings: settings, Self.workers).fit(l2: l2)
    #expect(fit.objective < closer.objective * 1.0005)
    let said = ReferenceRegression(set, l2: l2, standardized: standardized)
      .value(fit.parameters(set, standardized: standardized)).0
    #expect(abs(said / fit.objective - 1) < 1e-3)
  }

  @Test func aClassSeenOnce() throws {
    var set = Synthetic(seed: 7, utterances: 1, frames: 500, columns: 5, classes: 4)
    set = {
      var set = set
      for i in set.labels.indices where set.labels[i] == 3 { set.labels[i] = 2 }
      set.labels[77] = 3
      return set
    }()
    let fit = try SoftmaxRegression(set.frames, labels: set.labels, Self.workers).fit(l2: 1e-3)
    let reference = ReferenceRegression(set, l2: 1e-3, standardized: true)
    #expect(fit.isConverged && fit.objective < reference.minimum(steps: 4000) * 1.001)
  }

  @Test func separableFramesEnd() throws {
    let set = Synthetic(seed: 8, utterances: 1, frames: 400, columns: 8, classes: 4, separation: 30)
    for l2 in [1e-2, 1e-5, 1e-9] {
      let fit = try SoftmaxRegression(set.frames, labels: set.labels, Self.workers).fit(l2: l2)
      #expect(fit.isConverged && fit.objective.isFinite && fit.iterations < 300)
      let said = ReferenceRegression(set, l2: l2, standardized: true).value(fit.parameters(set, standardized: true)).0
      #expect(abs(said / fit.objective - 1) < 1e-3, "\(said) \(fit.objective)")
    }
  }

  @Test func aWarmStartIsFasterAndEndsAtTheSame() throws {
    let set = Synthetic(seed: 9, utterances: 1, frames: 3000, columns: 10, classes: 6, separation: 1)
    let regression = try SoftmaxRegression(set.frames, labels: set.labels, Self.workers)
    let cold = try regression.fit(l2: 1e-4)
    let warm = try regression.fit(l2: 1e-4, from: try regression.fit(l2: 1.2e-4).model)
    #expect(warm.evaluations < cold.evaluations)
    #expect(abs(warm.objective / cold.objective - 1) < 1e-4)
  }

  @Test func numbersAreTheSameAtAnyNumberOfThreads() throws {
    let set = Synthetic(seed: 10, utterances: 1, frames: 9000, columns: 9, classes: 5)
    let fits = try [1, 2, 7].map {
      try SoftmaxRegression(set.frames, labels: set.labels, Workers(count: $0)).fit(l2: 1e-3)
    }
    for fit in fits {
      #expect(fit.model.parameters == fits[0].model.parameters && fit.objective == fits[0].objective)
      #expect(fit.evaluations == fits[0].evaluations)
    }
  }

  @Test func oneClassIsAnError() throws {
    let set = Synthetic(seed: 11, utterances: 1, frames: 20, columns: 3, classes: 1)
    let error = #expect(throws: Failure.self) {
      try SoftmaxRegression(set.frames, labels: set.labels, Self.workers)
    }
    #expect(error?.reason.contains("of one class") == true)
  }

  @Test(arguments: [Float.nan, .infinity])
  func whatIsNoNumberIsNamed(value: Float) throws {
    var set = Synthetic(seed: 12, utterances: 1, frames: 1200, columns: 3, classes: 2)
    set.numbers[3 * 777 + 2] = value
    let error = #expect(throws: Failure.self) {
      try SoftmaxRegression(set.frames, labels: set.labels, Self.workers)
    }
    #expect(error?.position == "row 777, feature 2")
  }
}
