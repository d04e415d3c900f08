import FileIO
import Models
import OrderedJSON
import Sampling
import TestSupport
import Testing
import Training

/// `cpc-inspect plan` prints what the trainer takes: same windows, same order, same crops, same held-out part.
@Suite struct PlanToolTests {
  @Test(arguments: NegativeStrategy.allCases, [Crop.none, .random])
  func printsWhatTheTrainerTakes(strategy: NegativeStrategy, crop: Crop) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    for window in [20_480, 8_000] {
      var configuration = smallConfiguration()
      configuration.negatives = strategy
      configuration.crop = crop
      configuration.shape.window = window
      configuration.seed = 6
      let source = try planned(dataset, configuration)
      let result = try runTool(
        "cpc-inspect",
        [
          "plan", folder("d"), "--json", "--negatives", strategy.rawValue, "--batch", "\(configuration.batch)",
          "--seed",
          "6", "--valid-fraction", "0.2", "--crop", crop.rawValue, "--window", "\(window)", "--updates", "1-40",
        ])
      #expect(result.status == 0, "\(result.messages)")
      let lines = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(lines.count == 41 && lines[0]["batches_per_epoch"] == .int(source.plan.batchesPerEpoch))
      #expect(lines[0]["held_out_windows"] == .int(source.heldOut?.windowCount ?? 0))
      let batch = Batch(windows: configuration.batch, inputCount: window)
      for (number, line) in lines.dropFirst().enumerated() {
        #expect(source.fill(batch, number: number))
        let printed = line["windows"]?.arrayValue ?? []
        #expect(printed.map { $0["record"] } == batch.origins.map { .int($0.record) })
        #expect(printed.map { $0["utterance"] } == batch.origins.map { .string($0.utterance) })
        #expect(printed.map { $0["start"] } == batch.origins.map { .int($0.start) })
        #expect(printed.map { $0["speaker"] } == batch.origins.map { .string("speaker \($0.group)") })
      }
    }
  }
}
