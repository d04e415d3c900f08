import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Shards
import TestSupport
import Testing
import Training

/// Runs that begin with what another has learnt.
@Suite struct InitialParameterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func train(
    _ name: String, _ configuration: TrainingConfiguration, _ initial: InitialParameters? = nil, stopAfter: Int = .max
  ) throws -> Trainer {
    let dataset =
      try Folder.kind(of: folder("d")) == nil
      ? makeDataset(folder("d"), someUtterances(20)) : Dataset(opening: folder("d"))
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let run = try RunFolder(folder(name), .resume)
    let trainer = try Trainer(
      configuration, source: PlannedBatches(division, configuration), data: division.data, folder: run, threads: 1,
      initial: initial)
    try trainer.run(stopAfter: stopAfter)
    run.close()
    return trainer
  }

  /// The elements of a model's parts, in PyTorch's order.
  private func parts(_ model: any TrainableModel<Float>) -> [[[Float]]] {
    ModelPart.allCases.map { model.parameters(of: $0).map { $0.elements(of: $0.value) } }
  }

  private func latest(_ name: String) throws -> [[[Float]]] {
    let checkpoint = try RunFolder.checkpoint(at: folder(name))
    return parts(try Checkpoint(opening: checkpoint).model(windows: 1, workers: Workers(count: 1)))
  }

  /// What a run of one update changes by nothing.
  private func still(_ configuration: TrainingConfiguration) -> TrainingConfiguration {
    var configuration = configuration
    (configuration.learningRate, configuration.updates, configuration.validEvery) = (1e-30, 1, 0)
    return configuration
  }

  @Test(arguments: InitialParameters.Parts.allCases) func partsAreTaken(which: InitialParameters.Parts) throws {
    var configuration = smallConfiguration()
    configuration.shape.normalisation = .channel
    _ = try train("a", configuration)
    configuration.seed = 9
    let trainer = try train("b", still(configuration), InitialParameters(path: folder("a"), parts: which))
    let (mine, given) = (try latest("b"), try latest("a"))
    let random = configuration.specification.makeModel(windows: 1, workers: Workers(count: 1))
    random.initialize(seed: 9)
    let count = [InitialParameters.Parts.encoder: 1, .body: 2, .all: 3][which]!
    for (i, (part, blank)) in zip(mine, parts(random)).enumerated() {
      #expect(part == (i < count ? given[i] : blank), "part \(i)")
    }
    let origin = try #require(trainer.origin)
    let digest = try Checkpoint(opening: origin.checkpoint).digest
    #expect(origin.updates == 5 && origin.digest == digest)
    let facts = try Checkpoint(opening: RunFolder.checkpoint(at: folder("b"))).facts
    #expect(facts.state.update == 1)
    #expect(facts.identity.settings["init"]?["digest"]?.stringValue == origin.digest)
    #expect(facts.identity.settings["init"]?["path"]?.stringValue == folder("a"))
    let log = try File.contents(of: folder("b/log.jsonl")).split(separator: UInt8(ascii: "\n"))
    let line = try JSON(parsing: log[0])
    #expect(line["type"]?.stringValue == "init" && line["digest"]?.stringValue == origin.digest)
    #expect(line["parts"]?.stringValue == which.rawValue)
  }

  /// The other run may be gone by then; and what began with other parameters is another run.
  @Test func goingOnReadsNothingAgain() throws {
    var configuration = smallConfiguration()
    _ = try train("a", configuration)
    (configuration.seed, configuration.updates) = (3, 6)
    let initial = InitialParameters(path: folder("a"), parts: .body)
    _ = try train("whole", configuration, initial)
    _ = try train("run", configuration, initial, stopAfter: 3)
    _ = try runProcess("/bin/mv", [folder("a"), folder("gone")])
    for other in [
      nil, InitialParameters(path: folder("a"), parts: .encoder), InitialParameters(path: "b", parts: .body),
    ] {
      #expect { try train("run", configuration, other) } throws: {
        ($0 as? Failure)?.kind == .usage && ($0 as? Failure)?.reason.contains("\(setting: "init") was ") == true
      }
    }
    let trainer = try train("run", configuration, initial)
    #expect(trainer.origin == nil)
    for name in ["log.jsonl", "checkpoints/0000006.safetensors"] {
      #expect(try File.contents(of: folder("run/\(name)")) == File.contents(of: folder("whole/\(name)")), "\(name)")
    }
  }

  /// A model by itself, in a checkpoint.
  private func write(_ specification: any ModelSpecification, _ transform: any InputTransform, _ name: String) throws
    -> any TrainableModel<Float>
  {
    var configuration = TrainingConfiguration()
    configuration.specification = specification
    let model = specification.makeModel(windows: 1, workers: Workers(count: 1))
    model.initialize(seed: 4)
    let identity = RunIdentity(configuration, threads: 1, data: DataIdentity())
    try Checkpoint.write(
      Adam(model.parameters), Checkpoint.Facts(identity: identity, state: TrainingState()), transform, to: folder(name))
    return model
  }

  private func failure(_ body: () throws -> Void) -> Failure? {
    do { try body() } catch { return error as? Failure }
    return nil
  }

  @Test func whatDoesNotFitIsNamed() throws {
    var audio = smallConfiguration().audio
    _ = try write(audio, InputScaling(scale: .gain, gain: 2), "audio")
    func check(_ change: (inout AudioSpecification) -> Void, _ parts: InitialParameters.Parts = .all) -> String {
      var other = audio
      change(&other)
      return failure { _ = try InitialParameters(path: folder("audio"), parts: parts).check(other) }?.description ?? ""
    }
    #expect(check { _ in } == "")
    var message = check { $0.shape.channels = 17 }
    #expect(
      message.contains("its encoder.0.weight is [16, 1, 10], in this run's model it is [17, 1, 10]"), "\(message)")
    message = check { $0.shape.context = 13 }
    #expect(message.contains("context.weight_ih_l0 is [36, 16]") && message.contains("[39, 16]"), "\(message)")
    #expect(message.contains("\(setting: "init_parts") encoder)"), "\(message)")
    message = check { $0.shape.stepsAhead = 4 }
    #expect(message.contains("no heads.3.weight, which is [16, 12]"), "\(message)")
    #expect(message.contains("\(setting: "init_parts") encoder,context"), "\(message)")
    message = check { $0.shape.stepsAhead = 2 }
    #expect(message.contains("its heads.2.weight, which is [16, 12], has no place"), "\(message)")
    #expect(check({ $0.shape.stepsAhead = 4 }, .body) == "" && check({ $0.shape.context = 13 }, .encoder) == "")
    audio.shape.normalisation = .channel
    message = check { _ in }
    #expect(message.contains("it has no norms.0.weight, which is [16]"), "\(message)")
    message = failure { _ = try InitialParameters(path: folder("audio")).check(smallText()) }?.description ?? ""
    #expect(message.contains("of the kind \"audio\", this run's is of the kind \"text\""), "\(message)")
    message = failure { _ = try InitialParameters(path: folder("none")).check(audio) }?.description ?? ""
    #expect(message.contains(folder("none")), "\(message)")
  }

  @Test func whatShapesDoNotShowIsTold() throws {
    var audio = smallConfiguration().audio
    _ = try write(audio, InputScaling(scale: .gain, gain: 2), "audio")
    audio.input = .window
    let origin = try InitialParameters(path: folder("audio")).check(audio)
    #expect(origin.differences == ["input was gain, now window"])
  }

  @Test func modelsOfTextsHaveTheirWords() throws {
    var texts = smallText()
    let model = try write(
      texts, TextTransform(sentences: texts.sentences, words: texts.sentenceWords, vocabulary: texts.words), "texts")
    let initial = InitialParameters(path: folder("texts"))
    #expect(try initial.check(texts).count == model.parameters.reduce(0) { $0 + $1.count })
    texts.vocabulary = "another digest"
    let message = failure { _ = try initial.check(texts) }?.description ?? ""
    #expect(message.contains("another digest") && message.contains("a digest"), "\(message)")
    #expect(message.contains(folder("texts")), "\(message)")
  }

  @Test func modelsOfPicturesHaveAnySize() throws {
    var images = ImageSpecification(height: 40, width: 40)
    (images.shape.depth, images.shape.width, images.shape.context) = (18, 4, 6)
    let transform = ImageTransform(images.shape, height: 40, width: 40, mean: 100, deviation: 50)
    _ = try write(images, transform, "images")
    var wide = images
    wide.width = 60
    let origin = try InitialParameters(path: folder("images")).check(wide)
    #expect(origin.differences == ["image_width was 40, now 60"])
  }
}
