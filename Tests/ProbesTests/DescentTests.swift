import Foundation
import Kernels
import OrderedJSON
import Probes
import Testing

@Suite struct DescentTests {
  private static func settings(_ passes: [Int], batch: Int) -> ProbeSettings {
    var settings = ProbeSettings()
    settings.kind = .sgd
    settings.descent.passes = passes
    settings.descent.batch = batch
    settings.resamples = 20
    return settings
  }

  /// Momentum and a falling learning rate on all frames at once, in double precision: the loss of the last pass.
  private static func reference(_ set: Synthetic, _ settings: ProbeSettings, l2: Double) -> Double {
    let rows = (0..<set.rows).filter { set.utterances[$0] % 4 != 3 }
    let (columns, classes) = (set.columns, set.classes)
    var x = rows.map { row in (0..<columns).map { Double(set.numbers[row * columns + $0]) } }
    for j in 0..<columns {
      let mean = x.reduce(0) { $0 + $1[j] } / Double(x.count)
      let deviation = (x.reduce(0) { $0 + ($1[j] - mean) * ($1[j] - mean) } / Double(x.count)).squareRoot()
      for i in x.indices { x[i][j] = settings.standardized ? (x[i][j] - mean) / deviation : x[i][j] }
    }
    var weights = [[Double]](repeating: Array(repeating: 0, count: classes), count: columns + 1)
    var velocity = weights
    var loss = 0.0
    for (stage, passes) in settings.descent.passes.enumerated() {
      let rate = settings.descent.learningRate / pow(10, Double(stage))
      for _ in 0..<passes {
        loss = 0
        var gradient = weights.map { $0.map { $0 * l2 } }
        gradient[columns] = Array(repeating: 0, count: classes)
        for (i, row) in rows.enumerated() {
          let inputs = x[i] + [1]
          let scores = (0..<classes).map { k in inputs.indices.reduce(0) { $0 + inputs[$1] * weights[$1][k] } }
          let total = scores.reduce(0) { $0 + exp($1) }
          let target = Int(set.labels[row])
          loss += (log(total) - scores[target]) / Double(rows.count)
          for k in 0..<classes {
            let error = (exp(scores[k]) / total - (k == target ? 1 : 0)) / Double(rows.count)
            for j in inputs.indices { gradient[j][k] += error * inputs[j] }
          }
        }
        for j in weights.indices {
          for k in 0..<classes {
            velocity[j][k] = 0.9 * velocity[j][k] + gradient[j][k]
            weights[j][k] -= rate * velocity[j][k]
          }
        }
      }
    }
    return loss
  }

  @Test(arguments: 0..<8)
  func lossesAreThoseOfPlainDescent(seed: Int) throws {
    let set = Synthetic(seed: 50 + seed, utterances: 12, frames: 40 + seed, columns: 3 + seed, classes: 2 + seed)
    var settings = Self.settings([5, 3, 2], batch: 4096)
    settings.standardized = seed % 2 == 0
    settings.l2 = seed % 3 == 0 ? [0.05] : nil
    let result = try Probe(settings, Workers(count: 2)).run(try set.data(), target: "class")
    let expected = Self.reference(set, settings, l2: settings.l2?[0] ?? 0)
    #expect(abs(result.fit.objective - expected) < 1e-5 * expected)
    #expect(result.fit.iterations == 10 && result.fit.inverseStrength == nil)
  }

  @Test func theWholeScheduleGoesToTheMinimum() throws {
    let set = Synthetic(seed: 70, utterances: 32, frames: 60, columns: 6, classes: 4, separation: 0.7)
    let data = try set.data()
    var regression = ProbeSettings()
    regression.l2 = [1e-6]
    regression.resamples = 20
    let best = try Probe(regression, Workers(count: 2)).run(data, target: "class")
    let passes = [[80, 40, 16], [800, 400, 160]]
    let descents = try passes.map {
      try Probe(Self.settings($0, batch: 128), Workers(count: 2)).run(data, target: "class")
    }
    // Features are correlated, so that descent is slow; but it goes to the same place.
    let losses = descents.map { $0.fit.objective / best.fit.objective }
    #expect(losses[0] < 1.25 && losses[1] < losses[0] && losses.allSatisfy { $0 > 0.99 }, "\(losses)")
    #expect(abs(descents[1].accuracy - best.accuracy) < 0.06)
    let descent = descents[0]
    #expect(descent.json(title: "")["probe"]?.stringValue == "sgd")
  }
}
