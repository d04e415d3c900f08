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

/// Runs on texts, and what a checkpoint and a record of them can be.
@Suite struct TextRunTests {
  private static let kinds = ModelKinds([AudioSpecification.self, TextSpecification.self])

  @Test func settingsThereAndBack() throws {
    for change: (inout TextSpecification) -> Void in [
      { _ in }, { $0.score = .cosine(temperature: 0.25) }, { ($0.kernel, $0.normalisation) = (5, .channel) },
      { ($0.precision, $0.sentenceWords, $0.score) = (.bfloat16, 300, .mean) },
    ] {
      var configuration = smallTextConfiguration()
      var specification = smallText()
      change(&specification)
      configuration.specification = specification
      try configuration.validate()
      #expect(try TextSpecification(settings: configuration.json) == specification)
      let read = try TrainingConfiguration(settings: configuration.json, kinds: Self.kinds)
      #expect(read.specification as? TextSpecification == specification)
      for key in specification.json.members.map(\.key) where key != "temperature" {
        var broken = configuration.json
        broken[key] = .real(-1.5)
        #expect { try TextSpecification(settings: broken) } throws: {
          ($0 as? Failure)?.reason.contains("setting \(key) is missing") == true
        }
      }
    }
    let paper = TextSpecification()
    #expect(paper.embedding == 620 && paper.kernel == 1 && paper.channels == 2400 && paper.context == 2400)
    #expect(paper.words == 20_000 && paper.sentences == 6 && paper.sentenceWords == 32 && paper.stepsAhead == 3)
  }

  @Test func whatCannotBeIsNamed() throws {
    for (setting, change): (String, (inout TextSpecification) -> Void) in [
      ("kernel", { $0.kernel = 4 }), ("kernel", { $0.kernel = 0 }), ("words", { $0.words = 70_000 }),
      ("steps_ahead", { $0.stepsAhead = 4 }), ("sentences", { $0.sentences = 1 }), ("embedding", { $0.embedding = 0 }),
      ("sentence_words", { $0.sentenceWords = 0 }), ("channels", { $0.channels = 0 }), ("context", { $0.context = 0 }),
      ("temperature", { $0.score = .cosine(temperature: 0) }),
      ("normalisation", { ($0.channels, $0.normalisation) = (1, .channel) }),
    ] {
      var specification = smallText()
      change(&specification)
      #expect { try specification.validate() } throws: {
        let failure = $0 as? Failure
        return failure?.kind == .usage && failure?.reason.contains("\(setting: setting)") == true
      }
    }
  }

  @Test(arguments: [7, 255, 256]) func recordsBecomeNumbers(room: Int) throws {
    let folder = try TemporaryFolder()
    let specification = smallText(room: room)
    let texts = someTexts(6, specification)
    let dataset = try makeTextDataset(folder("d"), texts, specification, padding: 65_535)
    var configuration = smallTextConfiguration(specification)
    configuration.validFraction = 0
    try configuration.requireRecords(dataset.schema, path: dataset.folder)
    let source = try planned(dataset, configuration)
    #expect(source.plan.records == texts.reduce(0) { $0 + $1.sentences.count / 4 })
    let transform = try #require(source.transform as? TextTransform)
    let windows = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration).training
    var i = 0
    for text in texts {
      for first in stride(from: 0, through: text.sentences.count - 4, by: 4) {
        let output = UnsafeMutableBufferPointer<Float>.allocate(capacity: specification.inputCount)
        defer { output.deallocate() }
        windows.withPayload(i, epoch: 0) {
          #expect(transform.problem(in: $0) == nil)
          transform.apply($0, nil, to: output)
        }
        for s in 0..<4 {
          let words = text.sentences[first + s]
          #expect(output[4 * room + s] == Float(words.count))
          #expect(words.indices.allSatisfy { output[s * room + $0] == Float(words[$0]) })
        }
        i += 1
      }
    }
    let metadata = transform.metadata
    let again = TextSpecification.transform { key in metadata.first { isSame($0.key, key) }?.value }
    #expect(again as? TextTransform == transform)
    #expect(TextSpecification.transform { _ in nil } == nil)
  }

  private func train(
    _ dataset: Dataset, _ path: String, _ configuration: TrainingConfiguration, threads: Int = 2,
    request: () -> TrainingRequest = { .goOn }
  ) throws -> TrainingSummary {
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let source = try PlannedBatches(division, configuration)
    return try Trainer(
      configuration, source: source, data: division.data, folder: RunFolder(path, .resume), threads: threads
    ).run(request: request)
  }

  /// A record whose ids or lengths cannot be ends a run with its name, whether it is trained on or held out; and whatever
  /// it holds, it becomes numbers that the model can take.
  @Test(arguments: ["id", "long", "empty"], [0.0, 0.2, 0.9]) func damagedRecordsAreNamed(what: String, held: Double)
    throws
  {
    let folder = try TemporaryFolder()
    let specification = smallText()
    let dataset = try makeTextDataset(folder("d"), someTexts(12, specification), specification) { tokens, lengths in
      switch what {
      case "id": tokens[0] = 41
      case "long": lengths[2] = 8
      default: lengths[1] = 0
      }
    }
    var configuration = smallTextConfiguration()
    (configuration.validFraction, configuration.batch) = (held, 2)
    #expect { try train(dataset, folder("run"), configuration) } throws: {
      let failure = $0 as? Failure
      let problem = ["id": "word 41 at place 1", "long": "has 8 words", "empty": "has 0 words"][what]!
      return failure?.kind == .corrupt && failure?.description.contains("record") == true
        && failure?.reason.contains(problem) == true
    }
    let transform = TextTransform(sentences: 4, words: 7, vocabulary: 41)
    let output = UnsafeMutableBufferPointer<Float>.allocate(capacity: specification.inputCount)
    defer { output.deallocate() }
    let (shard, row) = dataset.locate(0)
    shard.withPayloads(row, offset: 0, count: 4) {
      #expect(transform.problem(in: Payload($0)) != nil)
      transform.apply(Payload($0), nil, to: output)
    }
    #expect(output[..<28].allSatisfy { (0..<41).contains($0) } && output[28...].allSatisfy { (1...7).contains($0) })
  }

  @Test func anotherVocabularyIsRefused() throws {
    let folder = try TemporaryFolder()
    let specification = smallText()
    for (i, facts)
      in ([
        ["words": .int(41), "vocabulary": .string("another")], ["words": .int(40), "vocabulary": .string("a digest")],
        [:],
      ] as [JSONObject]).enumerated()
    {
      let dataset = try makeTextDataset(folder("d\(i)"), someTexts(3, specification), specification, facts: facts)
      #expect { try smallTextConfiguration().requireRecords(dataset.schema, path: "d") } throws: {
        ($0 as? Failure)?.reason.contains("are not the 41 that the model knows") == true
      }
    }
    let read = try TextSpecification(
      facts: ["words": .int(41), "vocabulary": .string("x")], sentences: 3, sentenceWords: 9)
    #expect(read.words == 41 && read.vocabulary == "x" && read.stepsAhead == 2 && read.sentenceWords == 9)
  }

  @Test func learns() throws {
    let folder = try TemporaryFolder()
    let specification = smallText()
    let dataset = try makeTextDataset(folder("d"), someTexts(60, specification), specification)
    var configuration = smallTextConfiguration()
    (configuration.updates, configuration.learningRate, configuration.batch) = (300, 3e-3, 8)
    let summary = try train(dataset, folder("run"), configuration)
    let own = try #require(summary.heldOut?.own)
    #expect(own.loss < 0.85 * own.logCandidates, "\(own.loss) of \(own.logCandidates)")
  }

  /// A run that is stopped after every batch, also in the middle of an update, ends with the same bytes.
  @Test(arguments: Precision.allCases) func resumesBitForBit(precision: Precision) throws {
    let folder = try TemporaryFolder()
    var specification = smallText(words: 121)
    (specification.precision, specification.kernel) = (precision, 3)
    let dataset = try makeTextDataset(folder("d"), someTexts(40, specification), specification)
    var configuration = smallTextConfiguration(specification)
    (configuration.updates, configuration.accumulate, configuration.clip, configuration.learningRate) = (
      6, 3, 0.1, 0.05
    )
    (configuration.logEvery, configuration.validEvery) = (1, 2)
    let whole = try train(dataset, folder("whole"), configuration)
    var stops = 0
    while true {
      var asked = 0
      let summary = try train(dataset, folder("parts"), configuration) {
        asked += 1
        return asked == 2 ? .stop : .goOn
      }
      guard summary.endedEarly == .stopped else { break }
      stops += 1
      try #require(stops < 200)
    }
    #expect(stops > 6)
    let name = "checkpoints/0000006.safetensors"
    #expect(try File.contents(of: folder("parts/\(name)")) == File.contents(of: folder("whole/\(name)")))
    #expect(try File.contents(of: folder("parts/log.jsonl")) == File.contents(of: folder("whole/log.jsonl")))
    #expect(whole.updates == 6)
  }

  /// A checkpoint in PyTorch: the same latents and contexts; and written there, with the state of both optimisers, it is
  /// the same checkpoint.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: [EncoderNormalisation.none, .channel])
  func checkpointsGoToPyTorchAndBack(normalisation: EncoderNormalisation) throws {
    let folder = try TemporaryFolder()
    var specification = smallText()
    (specification.normalisation, specification.kernel, specification.score) = (normalisation, 3, .mean)
    let dataset = try makeTextDataset(folder("d"), someTexts(30, specification), specification)
    let summary = try train(dataset, folder("run"), smallTextConfiguration(specification))
    let model: ContrastiveModel<Float> = specification.makeModel(
      Float.self, windows: 4, pool: .batch, negatives: nil, seed: 1, workers: Workers(count: 2), training: false)
    try Checkpoint(opening: summary.checkpoint).read(model.parameters)
    fillWithWords(model, specification, seed: 3)
    model.forward()
    let (latents, contexts) = (4 * model.channels, 4 * model.units)
    try writeTensors(
      [
        ("input", [4, specification.inputCount], (0..<4).flatMap { Array(model.input($0)) }),
        ("z", [4, 4, model.channels], (0..<4).flatMap { w in (0..<latents).map { model.latents(w)[$0] } }),
        ("c", [4, 4, model.units], (0..<4).flatMap { w in (0..<contexts).map { model.contexts(w)[$0] } }),
      ], to: folder("features"))
    let result = try Python.run([Python.tool("check_checkpoint.py"), summary.checkpoint, folder("features")])
    #expect(result.status == 0, "\(result.output)")
    let script = """
      import json, sys
      sys.path.insert(0, sys.argv[1])
      import cpc_tools
      model = cpc_tools.load(sys.argv[2])
      model.embedding.sparse = True
      optimizers = model.optimizers(lr=1e-3)
      updates = {cpc_tools.load_optimizer(one, model, sys.argv[2]) for one in optimizers}
      said = cpc_tools.read_metadata(sys.argv[2])
      config = json.loads(said["cpc.config"])
      del config["model"]
      data = {key: said["cpc." + key] for key in ("dataset", "samples", "training_utterances", "held_out_utterances")}
      cpc_tools.save(model, sys.argv[3], updates.pop(), optimizers, config, data, json.loads(said["cpc.state"]))
      """
    let back = try Python.run(
      ["-c", script, Folder.parent(of: Python.tool("x")), summary.checkpoint, folder("back")])
    #expect(back.status == 0, "\(back.output)")
    let adams = try [summary.checkpoint, folder("back")].map { path in
      let other: ContrastiveModel<Float> = specification.makeModel(
        Float.self, windows: 1, pool: .batch, negatives: nil, seed: 1, workers: Workers(count: 1), training: true)
      let adam = Adam(other.parameters)
      let checkpoint = try Checkpoint(opening: path)
      try checkpoint.read(adam)
      return (adam, checkpoint.facts, try checkpoint.transform(kinds: Self.kinds))
    }
    #expect(adams[0].1.identity.settings == adams[1].1.identity.settings && adams[0].1.state == adams[1].1.state)
    #expect(adams[0].2 as? TextTransform == specification.transform && adams[1].2 as? TextTransform != nil)
    for i in adams[0].0.parameters.indices {
      #expect(adams[0].0.parameters[i].value.array == adams[1].0.parameters[i].value.array)
      #expect(adams[0].0.means[i].array == adams[1].0.means[i].array)
      #expect(adams[0].0.squares[i].array == adams[1].0.squares[i].array)
    }
    #expect(adams[0].0.step == 5 && adams[1].0.step == 5)
    let table = adams[0].0.means[0].array
    #expect(table.contains { $0 != 0 } && table.contains { $0 == 0 })
  }
}
