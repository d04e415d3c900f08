import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Sampling
import Sharding
import Shards
import TestSupport
import Testing
import ToyModels
import Training

/// Records and a model of a kind that the product does not know, from files to checkpoints and back: the trainer, its data
/// and its checkpoints take them by the specification alone.
@Suite struct ForeignModelTests {
  private let grids: GridCorpus
  private static let kinds = ModelKinds([AudioSpecification.self, GridSpecification.self])

  init() throws {
    grids = try GridCorpus(60)
    _ = try shardDataset(grids.corpus(), to: grids.folder("d"), options: grids.options())
  }

  private func configuration(_ strategy: NegativeStrategy = .mixedSpeaker, updates: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.specification = GridSpecification()
    configuration.negatives = strategy
    configuration.batch = 4
    configuration.updates = updates
    configuration.learningRate = 1e-2
    configuration.logEvery = 5
    configuration.validEvery = 10
    configuration.checkpointEvery = 10
    configuration.buffer = 16
    configuration.validFraction = 0.2
    return configuration
  }

  private func train(
    _ configuration: TrainingConfiguration, in name: String, resume: Bool = false, stopAfter: Int = .max
  ) throws -> TrainingSummary {
    try configuration.validate()
    let dataset = try Dataset(opening: grids.folder("d"))
    try configuration.requireRecords(dataset.schema, path: dataset.folder)
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let trainer = try Trainer(
      configuration, source: PlannedBatches(division, configuration), data: division.data,
      folder: RunFolder(grids.folder(name), resume ? .resume : .refuse), threads: 1)
    var asked = 0
    return try trainer.run(request: {
      asked += 1
      return asked < stopAfter ? .goOn : .stop
    })
  }

  @Test(arguments: NegativeStrategy.allCases) func everyStrategyLearnsAndResumes(strategy: NegativeStrategy) throws {
    let whole = try train(configuration(strategy, updates: 60), in: "whole")
    let stopped = try train(configuration(strategy, updates: 60), in: "pieces", stopAfter: 17)
    #expect(stopped.endedEarly == .stopped && stopped.updates < 60)
    let resumed = try train(configuration(strategy, updates: 60), in: "pieces", resume: true)
    let log = try File.contents(of: grids.folder("whole/log.jsonl"))
    #expect(try log == File.contents(of: grids.folder("pieces/log.jsonl")))
    #expect(try File.contents(of: whole.checkpoint) == File.contents(of: resumed.checkpoint))
    let first = try train(configuration(strategy, updates: 1), in: "first")
    #expect(whole.training!.loss < first.training!.loss, "\(first.training!.loss) to \(whole.training!.loss)")
    #expect(whole.training!.candidates == strategy.pool.count(windows: 4, latents: 15))
  }

  @Test(arguments: Precision.allCases) func aCheckpointIsItsModel(precision: Precision) throws {
    var configuration = configuration(updates: 12)
    configuration.negativeCount = 6
    configuration.specification.precision = precision
    let summary = try train(configuration, in: "run")
    let settings = try Checkpoint(opening: summary.checkpoint).facts.identity.settings
    let read = try TrainingConfiguration(settings: settings, kinds: Self.kinds)
    #expect(read.specification as? GridSpecification == configuration.specification as? GridSpecification)
    let workers = Workers(count: 1)
    let checkpoint = try Checkpoint(opening: summary.checkpoint)
    let loaded = try checkpoint.model(windows: 2, workers: workers, kinds: Self.kinds)
    let transform = try checkpoint.transform(kinds: Self.kinds)
    let dataset = try Dataset(opening: grids.folder("d"))
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let mean = try #require(
      configuration.specification.makeTransform(for: division.training) as? GridTransform, "the grid's own transform")
    #expect(transform as? GridTransform == mean && mean.mean > 50)
    let model = configuration.specification.makeModel(windows: 2, workers: workers)
    try Checkpoint(opening: summary.checkpoint).read(model.parameters)
    for any in [model, loaded] {
      for w in 0..<2 {
        division.training.withPayload(w, epoch: 0) { transform.apply($0, nil, to: any.input(w)) }
      }
      any.forward()
    }
    #expect((0..<2 * 15 * 3).allSatisfy { model.contexts(0)[$0] == loaded.contexts(0)[$0] })
    #expect((0..<2 * 15 * 3).contains { model.contexts(0)[$0] != 0 })
    // Whoever does not know the kind says so.
    #expect { try Checkpoint(opening: summary.checkpoint).model(windows: 2, workers: workers) } throws: {
      "\($0)".contains("setting model is missing or wrong")
    }
    #expect(throws: Failure.self) {
      try TrainingConfiguration().requireRecords(dataset.schema, path: dataset.folder)
    }
  }

  @Test func streamsTrainIt() throws {
    _ = try streamRecords(of: grids.corpus(), to: File.writing(grids.folder("stream")), options: grids.options())
    let configuration = configuration(updates: 5)
    let source = try StreamBatches(
      RecordStreamReader(File.reading(grids.folder("stream"))), configuration: configuration)
    let trainer = try Trainer(
      configuration, source: source, data: DataIdentity(), folder: RunFolder(grids.folder("run"), .refuse), threads: 1)
    let summary = try trainer.run()
    #expect(summary.updates == 5 && summary.training!.loss.isFinite)
    let audio = TrainingConfiguration()
    #expect {
      try StreamBatches(RecordStreamReader(File.reading(grids.folder("stream"))), configuration: audio)
    } throws: { "\($0)".contains("kind \"grid\"") }
  }
}
