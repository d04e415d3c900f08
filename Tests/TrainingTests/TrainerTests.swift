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

/// Batches of a dataset, one of which holds a sample that is no number.
private final class PoisonedBatches: BatchSource {
  private let source: PlannedBatches
  private let poisoned: Int

  init(_ source: PlannedBatches, at poisoned: Int) { (self.source, self.poisoned) = (source, poisoned) }

  var transform: any InputTransform { source.transform }
  var heldOut: (any WindowSource)? { source.heldOut }

  func fill(_ batch: Batch, number: Int) -> Bool {
    defer { if number == poisoned { batch.inputs[1000] = .nan } }
    return source.fill(batch, number: number)
  }
}

@Suite struct TrainerTests {
  private func train(
    _ path: String, _ source: any BatchSource, _ configuration: TrainingConfiguration,
    _ mode: RunFolder.Mode = .refuse, request: () -> TrainingRequest = { .goOn }
  ) throws -> TrainingSummary {
    let run = try RunFolder(path, mode)
    return try Trainer(configuration, source: source, data: DataIdentity(), folder: run, threads: 2)
      .run(request: request)
  }

  private func log(_ path: String, _ name: String = "log.jsonl") throws -> [JSON] {
    try String(decoding: File.contents(of: "\(path)/\(name)"), as: UTF8.self).split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
  }

  @Test func logsAndCheckpoints() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = smallConfiguration()
    configuration.validEvery = 3
    configuration.checkpointEvery = 2
    let summary = try train(folder("run"), planned(dataset, configuration), configuration)
    #expect(summary.updates == 5 && summary.endedEarly == nil)
    let lines = try log(folder("run"))
    #expect(
      lines.map { $0["type"]?.stringValue } == ["train", "validation", "train", "train", "validation"])
    #expect(lines.compactMap { $0["update"]?.intValue } == [2, 3, 4, 5, 5])
    let timing = try log(folder("run"), "timing.jsonl")
    let choice = try MatrixLibrary.choice()
    #expect(timing[0]["threads"]?.intValue == 2 && timing[0]["openblas_core"]?.stringValue == choice.core)
    #expect(timing[0]["matrix_library"] == choice.json)
    #expect(timing.compactMap { $0["update"]?.intValue } == [0, 2, 4, 5])
    for key in ["windows_per_second", "milliseconds_per_update", "data_wait_seconds"] {
      #expect(timing.dropFirst().allSatisfy { $0[key]?.doubleValue != nil }, "\(key)")
    }
    for line in timing.dropFirst() {
      let phases = try #require(line["milliseconds_by_phase"]?.objectValue)
      #expect(phases.members.map(\.key) == UpdatePhase.allCases.map(\.rawValue))
      let sum = phases.members.reduce(0) { $0 + ($1.value.doubleValue ?? .nan) }
      #expect(abs(sum - (line["milliseconds_per_update"]?.doubleValue ?? .nan)) < 0.1)
      #expect(phases.members.filter { $0.key != "data" }.allSatisfy { $0.value.doubleValue ?? 0 > 0 })
    }
    for line in lines where line["type"]?.stringValue == "train" {
      for key in ["loss_by_step", "accuracy", "pairwise_accuracy"] { #expect(line[key]?.arrayValue?.count == 3) }
      for key in [
        "loss", "information_bound", "log_candidates", "learning_rate", "gradient_norm", "speakers_per_batch",
      ] { #expect(line[key]?.doubleValue != nil, "\(key)") }
    }
    let best = try String(decoding: File.contents(of: folder("run/best")), as: UTF8.self)
    #expect(Folder.kind(of: folder("run/\(best.dropLast())")) == .file)
    #expect(try Folder.names(in: folder("run/checkpoints")).suffix(1) == ["0000005.safetensors"])
    #expect(try File.contents(of: folder("run/latest")) == Array("checkpoints/0000005.safetensors\n".utf8))
    #expect(summary.checkpoint == folder("run/checkpoints/0000005.safetensors"))
    let heldOut = try #require(summary.heldOut?.own)
    #expect(heldOut.candidates == 4 * 128 && heldOut.anchors % (4 * 125) == 0)
    #expect(summary.heldOut?.common?.candidates == 129)
    #expect(abs(heldOut.loss - (lines.last?["loss"]?.doubleValue ?? 0)) < 1e-6)
  }

  @Test func learns() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = smallConfiguration()
    configuration.updates = 200
    configuration.shape.channels = 32
    configuration.shape.context = 32
    configuration.learningRate = 2e-3
    let summary = try train(folder("run"), planned(dataset, configuration), configuration)
    let heldOut = try #require(summary.heldOut?.own)
    #expect(heldOut.loss < heldOut.logCandidates - 0.5, "\(heldOut.loss) of \(heldOut.logCandidates)")
    #expect(heldOut.pairwiseAccuracies[0] > 0.65)
  }

  @Test func isTheSameEachTime() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    let configuration = smallConfiguration()
    let first = try train(folder("a"), planned(dataset, configuration), configuration)
    let second = try train(folder("b"), planned(dataset, configuration), configuration)
    #expect(try File.contents(of: first.checkpoint) == File.contents(of: second.checkpoint))
    var other = configuration
    other.seed = 9
    let third = try train(folder("c"), planned(dataset, other), other)
    #expect(try File.contents(of: first.checkpoint) != File.contents(of: third.checkpoint))
  }

  @Test func trainsOnAStreamToItsEnd() throws {
    let folder = try TemporaryFolder()
    var configuration = smallConfiguration()
    configuration.updates = 1000
    let source = try StreamBatches(makeStream(folder("s"), someUtterances(40)), configuration: configuration)
    let summary = try train(folder("run"), source, configuration)
    #expect(summary.endedEarly == .dataEnded && summary.updates > 10)
    #expect(summary.heldOut != nil)
  }

  @Test func stopsWhenAsked() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    let summary = try train(folder("run"), planned(dataset, smallConfiguration()), smallConfiguration()) { .stop }
    #expect(summary.endedEarly == .stopped && summary.updates == 1)
    #expect(try Folder.names(in: folder("run/checkpoints")) == ["0000001.safetensors"])
  }

  @Test func divergenceNamesUpdateAndRecords() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    configuration.learningRate = 1e12
    configuration.updates = 50
    #expect { try train(folder("run"), planned(dataset, configuration), configuration) } throws: { error in
      guard let failure = error as? Failure else { return false }
      return failure.position?.hasPrefix("update ") == true && failure.reason.contains("diverged")
        && failure.reason.contains("record ")
    }
  }

  /// Parameters that one update ruined, which the next update or the validation at the end finds out.
  @Test(arguments: [(1, 0), (50, 1)])
  func divergenceNamesNoCheckpointOfRuinedParameters(updates: Int, checkpointEvery: Int) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    (configuration.learningRate, configuration.updates) = (1e12, updates)
    (configuration.checkpointEvery, configuration.validEvery) = (checkpointEvery, 0)
    #expect { try train(folder("run"), planned(dataset, configuration), configuration) } throws: { error in
      guard let failure = error as? Failure else { return false }
      return failure.position == "update \(min(updates, 2))" && failure.reason.contains("diverged")
        && failure.hint?.hasSuffix("none: there is none") == true
    }
  }

  @Test func notANumberInABatchNamesItAndTheLastGoodCheckpoint() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    (configuration.checkpointEvery, configuration.validEvery, configuration.updates) = (2, 0, 9)
    let source = PoisonedBatches(try planned(dataset, configuration), at: 5)
    #expect { try train(folder("run"), source, configuration) } throws: { error in
      guard let failure = error as? Failure else { return false }
      return failure.position == "update 6" && failure.reason.contains("loss nan")
        && failure.hint?.hasSuffix("/0000004.safetensors") == true
    }
    #expect(try Folder.names(in: folder("run/checkpoints")) == ["0000004.safetensors"])
  }

  @Test func existingRunsAreKept() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    let configuration = smallConfiguration()
    _ = try train(folder("run"), planned(dataset, configuration), configuration)
    #expect { try RunFolder(folder("run"), .refuse) } throws: { ($0 as? Failure)?.kind == .exists }
    _ = try train(folder("run"), planned(dataset, configuration), configuration, .replace)
    #expect(try log(folder("run")).count == 4)
    try writeAtomically(to: folder("run/notes.txt")) { try $0.write("mine") }
    #expect {
      try RunFolder(folder("run"), .replace)
    } throws: { ($0 as? Failure)?.reason.contains("notes.txt") == true }
    #expect(Folder.kind(of: folder("run/notes.txt")) == .file)
    #expect(Folder.kind(of: folder("run/checkpoints/0000005.safetensors")) == .file)
  }

  @Test func settingsThatCannotBeAreUsageErrors() {
    func refused(_ change: (inout TrainingConfiguration) -> Void) -> Bool {
      var configuration = TrainingConfiguration()
      change(&configuration)
      do {
        try configuration.validate()
        return false
      } catch { return (error as? Failure)?.kind == .usage }
    }
    #expect(!refused { _ in })
    #expect(refused { $0.updates = 0 })
    #expect(refused { $0.batch = 0 })
    #expect(refused { $0.shape.stepsAhead = 0 })
    #expect(refused { $0.shape.stepsAhead = 128 })
    #expect(!refused { $0.shape.stepsAhead = 127 })
    #expect(refused { $0.learningRate = .nan })
    #expect(refused { $0.validFraction = 1 })
    #expect(refused { $0.buffer = 7 })
    #expect(!refused { $0.negatives = .currentSequence })
    #expect(!refused { ($0.negatives, $0.negativeCount) = (.currentSequence, 127) })
    #expect(refused { ($0.negatives, $0.negativeCount) = (.currentSequence, 128) })
    #expect(refused { ($0.negatives, $0.batch) = (.mixedSpeakerExcl, 1) })
    #expect(refused { $0.clip = -1 })
    #expect(refused { $0.accumulate = 0 })
    #expect(refused { $0.keep = 0 })
    #expect(refused { $0.shape.window = 200 })
    #expect(refused { $0.shape.score = .cosine(temperature: 0) })
    #expect(refused { $0.shape.channels = 0 })
  }
}
