import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Sampling
import Shards
import TestSupport
import Testing
import Training

/// Windows that are not a record long.
@Suite struct WindowTests {
  @Test(arguments: [3200, 8001, 20_479, 20_481, 30_720, 45_000], [Crop.none, .random])
  func holdTheSamplesOfTheirUtterance(window: Int, crop: Crop) throws {
    let folder = try TemporaryFolder()
    let utterances = someUtterances(40)
    let dataset = try makeDataset(folder("d"), utterances)
    var configuration = smallConfiguration()
    (configuration.shape.window, configuration.crop, configuration.input) = (window, crop, .raw)
    let source = try planned(dataset, configuration)
    let batch = Batch(windows: configuration.batch, inputCount: window)
    var starts: Set<Int> = []
    for number in 0..<source.plan.batchesPerEpoch + 3 {
      #expect(source.fill(batch, number: number))
      for (i, origin) in batch.origins.enumerated() {
        let utterance = try #require(utterances.first { $0.id == origin.utterance })
        #expect(origin.start >= 0 && origin.start + window <= utterance.samples.count)
        #expect(origin.group == utterance.group)
        let same = (0..<window).allSatisfy {
          batch.inputs[i * window + $0] == Float(utterance.samples[origin.start + $0]) / 32768
        }
        #expect(same, "window of \(origin.utterance) from \(origin.start)")
        starts.insert(origin.start % window)
      }
    }
    // Only what is left over at the end of an utterance leaves room to move.
    let hasRoom = utterances.contains { $0.samples.count > window && $0.samples.count % window >= 160 }
    #expect(crop == .random && hasRoom ? starts.count > 1 : starts == [0])
    #expect(starts.allSatisfy { $0 % 160 == 0 })
  }

  @Test(arguments: [3333, 30_720])
  func trainToTheEnd(window: Int) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = smallConfiguration()
    configuration.shape.window = window
    let source = try planned(dataset, configuration)
    let summary = try Trainer(
      configuration, source: source, data: DataIdentity(), folder: RunFolder(folder("run"), .refuse), threads: 2
    ).run()
    let frames = configuration.shape.frames
    #expect(summary.training?.candidates == 4 * frames)
    let own = try #require(summary.heldOut?.own)
    #expect(own.candidates == 4 * frames && own.anchors % (4 * (frames - 3)) == 0 && own.loss.isFinite)
    #expect(summary.heldOut?.common?.candidates == 129)
    let facts = try Checkpoint(opening: summary.checkpoint).facts
    #expect(facts.identity.settings["window"]?.intValue == window)
  }

  /// Every length is refused or makes a model that can be evaluated with as many steps ahead as are allowed.
  @Test func theShortestWindowsWorkOrAreRefused() throws {
    var accepted = 0
    for window in Array(160...420) + [1000, 1601] {
      var configuration = smallConfiguration()
      configuration.shape.window = window
      configuration.shape.stepsAhead = max(1, configuration.shape.frames - 1)
      guard configuration.shape.frames > 1 else {
        #expect(throws: Failure.self) { try configuration.validate() }
        continue
      }
      try configuration.validate()
      let model = ContrastiveModel<Float>(configuration.shape, windows: 2, workers: Workers(count: 1))
      model.initialize(seed: 1)
      model.forward()
      #expect(model.backward().loss.isFinite)
      accepted += 1
      configuration.shape.stepsAhead += 1
      #expect(throws: Failure.self) { try configuration.validate() }
    }
    #expect(accepted > 10)
    var configuration = smallConfiguration()
    configuration.shape.window = 1 << 20
    configuration.shape.stepsAhead = 127
    try configuration.validate()
    configuration.shape.stepsAhead = 128
    #expect(throws: Failure.self) { try configuration.validate() }
  }
}
