import Kernels
import OrderedJSON
import Probes
import Testing

@Suite struct TopFiveTests {
  @Test func framesAmongTheBestFiveAreCounted() throws {
    let set = Synthetic(seed: 61, utterances: 40, frames: 30, columns: 6, classes: 14, separation: 0.6)
    var settings = ProbeSettings()
    settings.l2 = [1e-3]
    settings.resamples = 10
    let data = try set.data()
    let result = try Probe(settings, Workers(count: 2)).run(data, target: "class")
    let topFive = try #require(result.topFiveAccuracy)
    // Counted by the formula, from weights of the same fit.
    let training = set.labels.indices.filter { set.utterances[$0] % 4 != 3 }
    let numbers: [Float] = training.flatMap { Array(set.numbers[$0 * 6..<($0 + 1) * 6]) }
    let frames = DenseFrames(columns: 6, numbers)
    let model = try SoftmaxRegression(frames, labels: training.map { set.labels[$0] }, Workers(count: 1))
      .fit(l2: 1e-3).model
    var among = 0
    let test = set.labels.indices.filter { set.utterances[$0] % 4 == 3 }
    for row in test {
      let scores = model.classes.indices.map { k -> Double in
        var score = model.intercept(k)
        for j in 0..<6 { score += Double(set.numbers[row * 6 + j]) * model.weight(j, k) }
        return score
      }
      let best = scores.indices.sorted { scores[$0] > scores[$1] }.prefix(5).map { model.classes[$0] }
      if best.contains(set.labels[row]) { among += 1 }
    }
    #expect(abs(topFive - Double(among) / Double(test.count)) < 0.01)
    #expect(topFive > result.accuracy + 0.1 && topFive < 1)
    let told = result.json(title: "")["top5_accuracy"]
    #expect(told?.doubleValue == topFive)
  }

  @Test func ofTenClassesNothingIsSaid() throws {
    let set = Synthetic(seed: 62, utterances: 16, frames: 20, columns: 4, classes: 10)
    var settings = ProbeSettings()
    settings.resamples = 10
    let result = try Probe(settings, Workers(count: 1)).run(try set.data(), target: "class")
    let told = result.json(title: "")["top5_accuracy"]
    #expect(result.topFiveAccuracy == nil && told == nil)
  }

  @Test func turnedFeaturesHaveTheSameMinimum() throws {
    let set = Synthetic(seed: 63, utterances: 20, frames: 40, columns: 12, classes: 3, separation: 0.4)
    let workers = Workers(count: 2)
    var settings = SoftmaxRegression.Settings()
    settings.standardized = false
    settings.tolerance = 1e-8
    let plain = try SoftmaxRegression(set.frames, labels: set.labels, settings: settings, workers).fit(l2: 1e-3)
    settings.isDecorrelated = true
    let turned = try PrincipalAxes.turn(set.frames, workers)
    let other = try SoftmaxRegression(turned, labels: set.labels, settings: settings, workers).fit(l2: 1e-3)
    #expect(plain.isConverged && other.isConverged)
    #expect(abs(plain.objective / other.objective - 1) < 1e-6, "\(plain.objective) \(other.objective)")
    // Turned features do not covary.
    func product(_ a: Int, _ b: Int) -> Double {
      var sum = 0.0
      for i in 0..<turned.rows { sum += Double(turned.numbers[i * 12 + a]) * Double(turned.numbers[i * 12 + b]) }
      return sum
    }
    for a in 0..<12 {
      for b in 0..<a {
        let lengths = (product(a, a) * product(b, b)).squareRoot()
        #expect(abs(product(a, b)) < 1e-3 * lengths + 1e-3, "\(a) \(b)")
      }
    }
  }
}
