import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import RealModule
import Shards
import TestSupport
import Testing
import Training

@Suite struct LearningRateTests {
  private func rates(_ change: (inout TrainingConfiguration) -> Void) -> [Double] {
    var configuration = TrainingConfiguration()
    configuration.learningRate = 0.5
    configuration.updates = 100
    change(&configuration)
    return (1...configuration.updates).map { configuration.learningRate(update: $0) }
  }

  @Test func constant() {
    #expect(rates { _ in }.allSatisfy { $0 == 0.5 })
  }

  @Test func warmUpRisesLinearly() {
    let rates = rates { $0.warmup = 20 }
    for update in 1...20 { #expect(abs(rates[update - 1] - 0.5 * Double(update) / 20) < 1e-15) }
    #expect(rates[19...].allSatisfy { $0 == 0.5 })
    #expect(self.rates { $0.warmup = 1000 }[99] == 0.05, "a warm-up longer than the run does not come to its end")
  }

  @Test(arguments: [0, 1, 20, 99])
  func cosineFallsFromTheWholeRateToNearlyZero(warmup: Int) {
    let rates = rates { ($0.warmup, $0.schedule) = (warmup, .cosine) }
    let falling = Array(rates[warmup...])
    #expect(falling[0] == 0.5, "the first update after the warm-up has the whole rate")
    for (i, rate) in falling.enumerated() {
      #expect(abs(rate - 0.25 * (1 + Double.cos(.pi * Double(i) / Double(100 - warmup)))) < 1e-15)
    }
    #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 > $1 } && falling.last! > 0)
    if warmup == 0 { #expect(abs(rates[50] - 0.25) < 1e-15 && rates[99] < 2e-4) }
  }

  /// What is logged is what Adam takes: its first steps are of the size of the rate, whatever the gradient.
  @Test(arguments: LearningRateSchedule.allCases)
  func theTrainerFollowsIt(schedule: LearningRateSchedule) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    (configuration.warmup, configuration.schedule) = (2, schedule)
    (configuration.logEvery, configuration.checkpointEvery, configuration.keep) = (1, 1, 9)
    _ = try Trainer(
      configuration, source: planned(dataset, configuration), data: DataIdentity(),
      folder: RunFolder(folder("run"), .refuse), threads: 1
    ).run()
    let lines = try String(decoding: File.contents(of: folder("run/log.jsonl")), as: UTF8.self).split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
    let logged = lines.filter { $0["type"]?.stringValue == "train" }.compactMap { $0["learning_rate"]?.doubleValue }
    #expect(logged == (1...5).map { configuration.learningRate(update: $0) })
    let first = ContrastiveModel<Float>(configuration.shape, windows: 1, workers: Workers(count: 1))
    first.initialize(seed: configuration.seed)
    let second = ContrastiveModel<Float>(configuration.shape, windows: 1, workers: Workers(count: 1))
    try Checkpoint(opening: folder("run/checkpoints/0000001.safetensors")).read(second.parameters)
    let steps = zip(first.parameters, second.parameters).flatMap { a, b in
      (0..<a.count).map { abs(Double(a.value[$0] - b.value[$0])) }
    }
    #expect(abs(steps.max()! / configuration.learningRate(update: 1) - 1) < 1e-3)
  }
}
