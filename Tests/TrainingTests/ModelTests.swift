import FileIO
import Glibc
import Kernels
import Models
import Networks
import Safetensors
import Sampling
import Shards
import TestSupport
import Testing
import Training

@Suite struct ModelTests {
  private func shape(window: Int = 2000, channels: Int, context: Int, stepsAhead: Int) -> AudioModelShape {
    var shape = AudioModelShape()
    (shape.window, shape.channels, shape.context, shape.stepsAhead) = (window, channels, context, stepsAhead)
    return shape
  }

  /// Encoder, context and loss together, in double precision.
  @Test(
    arguments: [CandidatePool.batch, .otherWindows, .ownWindow],
    [
      (nil, .none, .sum), (4, .none, .sum), (nil, .channel, .sum), (nil, .none, .mean),
      (5, .channel, .cosine(temperature: 0.5)),
    ] as [(Int?, EncoderNormalisation, ScoreScale)])
  func gradientsAgreeWithFiniteDifferences(
    pool: CandidatePool, kind: (negatives: Int?, normalisation: EncoderNormalisation, score: ScoreScale)
  ) throws {
    var shape = shape(channels: 7, context: 5, stepsAhead: 3)
    (shape.normalisation, shape.score) = (kind.normalisation, kind.score)
    let model = ContrastiveModel<Double>(
      shape, windows: 3, pool: pool, negatives: kind.negatives, seed: 8, workers: Workers(count: 2))
    model.initialize(seed: 3)
    leavePlateau(model, by: 3)
    fillWithNoise(model, seed: 1)
    model.forward()
    _ = model.backward()
    for parameter in model.parameters {
      var (difference, size) = (0.0, 0.0)
      for i in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 15)) {
        let numeric = numericGradient(of: parameter, i, in: model)
        difference += (numeric - parameter.gradient[i]) * (numeric - parameter.gradient[i])
        size += numeric * numeric
      }
      #expect(size > 0, "\(parameter.name)")
      #expect((difference / size).squareRoot() < 1e-6, "\(parameter.name): \((difference / size).squareRoot())")
    }
  }

  struct Case: Sendable, CustomStringConvertible {
    var strategy: NegativeStrategy
    var negatives: Int?
    var shape: AudioModelShape
    var windows = 3
    var updates = 10
    var accumulate = 1
    var clip = 0.0
    var seed: Int
    var description: String {
      "\(strategy.rawValue), \(negatives.map { "\($0)" } ?? "all") negatives, \(shape.channels) channels, "
        + "\(shape.normalisation.rawValue), \(shape.score.name), accumulate \(accumulate), clip \(clip), seed \(seed)"
    }

    init(_ strategy: NegativeStrategy, negatives: Int? = nil, channels: Int = 24, seed: Int) {
      self.strategy = strategy
      self.negatives = negatives
      self.seed = seed
      shape = AudioModelShape()
      (shape.window, shape.channels, shape.context, shape.stepsAhead) = (4000 + 37 * seed, channels, 20, 4)
    }

    var poolName: String {
      switch strategy.pool {
      case .batch: "batch"
      case .otherWindows: "other_windows"
      case .ownWindow: "own_window"
      }
    }

    var metadata: [(key: String, value: String)] {
      var metadata = [
        ("channels", "\(shape.channels)"), ("context", "\(shape.context)"), ("steps_ahead", "\(shape.stepsAhead)"),
        ("pool", poolName), ("learning_rate", "2e-4"), ("normalisation", shape.normalisation.rawValue),
        ("score", shape.score.name), ("accumulate", "\(accumulate)"), ("clip", "\(clip)"),
      ]
      if case .cosine(temperature: let temperature) = shape.score { metadata.append(("temperature", "\(temperature)")) }
      return metadata
    }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for (i, strategy) in NegativeStrategy.allCases.enumerated() {
      cases.append(Case(strategy, seed: 1 + i))
      cases.append(Case(strategy, negatives: 9, seed: 11 + i))
    }
    var other = Case(.mixedSpeaker, seed: 21)
    other.shape.normalisation = .channel
    (other.accumulate, other.clip, other.updates) = (2, 0.05, 5)
    cases.append(other)
    other = Case(.sameSpeakerExcl, negatives: 9, seed: 22)
    other.shape.score = .mean
    cases.append(other)
    other = Case(.mixedSpeaker, seed: 23)
    other.shape.score = .cosine(temperature: 0.1)
    cases.append(other)
    other = Case(.mixedSpeaker, seed: 24)
    other.shape = AudioModelShape()
    (other.windows, other.updates) = (2, 3)
    cases.append(other)
    return cases
  }()

  /// Whole training steps beside PyTorch: loss, every gradient, and the parameters after some updates of Adam.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: cases)
  func agreesWithPyTorch(test: Case) throws {
    let folder = try TemporaryFolder()
    let workers = Workers(count: 2)
    let pool = test.strategy.pool
    let model = ContrastiveModel<Float>(
      test.shape, windows: test.windows, pool: pool, negatives: test.negatives, seed: UInt64(test.seed),
      workers: workers)
    model.initialize(seed: UInt64(test.seed))
    let adam = Adam(model.parameters)
    var arrays: [(name: String, shape: [Int], values: [Float])] = []
    func keep(_ prefix: String, _ buffer: (Parameter<Float>) -> Buffer<Float>) {
      for parameter in model.parameters {
        arrays.append((prefix + parameter.name, parameter.shape, parameter.elements(of: buffer(parameter))))
      }
    }
    keep("before.") { $0.value }
    var (inputs, losses, drawn): ([Float], [Float], [Float]) = ([], [], [])
    for update in 0..<test.updates {
      adam.clearGradients()
      for batch in update * test.accumulate..<(update + 1) * test.accumulate {
        fillWithNoise(model, seed: test.seed, update: batch)
        for w in 0..<test.windows { inputs += (0..<test.shape.window).map { model.input(w)[$0] } }
        model.forward()
        losses += model.backward(batch: batch).losses.map { Float($0) }
        if batch == 0 { keep("gradient.") { $0.gradient } }
        drawn += draws(model, batch: batch)
      }
      var scale = 1 / Double(test.accumulate)
      if test.clip > 0 { scale *= min(1, test.clip / (scale * adam.gradientNorm(workers) + 1e-6)) }
      adam.update(learningRate: 2e-4, gradientScale: scale, workers)
    }
    keep("after.") { $0.value }
    let batches = test.updates * test.accumulate
    arrays.append(("input", [batches, test.windows, test.shape.window], inputs))
    arrays.append(("losses", [batches, test.shape.stepsAhead], losses))
    if let negatives = test.negatives {
      let anchors = test.windows * (model.lattice.rows - test.shape.stepsAhead)
      arrays.append(("drawn", [batches, test.shape.stepsAhead, anchors, negatives], drawn))
    }
    try writeTensors(arrays, metadata: test.metadata, to: folder("case"))
    let result = try Python.run([Python.tool("parity.py"), folder("case")])
    #expect(result.status == 0, "\(result.output)")
    print("parity with PyTorch, \(test): \(result.output)", terminator: "")
  }

  /// The latents drawn for each step and anchor of a batch.
  private func draws(_ model: ContrastiveModel<Float>, batch: Int) -> [Float] {
    guard let sampler = model.loss.sampler else { return [] }
    var all: [Float] = []
    var latents = [Int32](repeating: 0, count: sampler.count)
    for step in 1...model.loss.heads.count {
      for window in 0..<model.windows {
        for frame in 0..<model.lattice.anchors(steps: model.loss.heads.count) {
          latents.withUnsafeMutableBufferPointer {
            sampler.draw(batch: batch, window: window, position: frame, step: step, into: $0)
          }
          all += latents.map { Float($0) }
        }
      }
    }
    return all
  }

  /// Latents and contexts of some windows by the model of a checkpoint, written for `check_checkpoint.py`.
  private func writeFeatures(
    _ windows: some WindowSource, count: Int, shape: AudioModelShape, checkpoint: String, to path: String
  ) throws {
    let model = ContrastiveModel<Float>(shape, windows: count, workers: Workers(count: 2), training: false)
    try Checkpoint(opening: checkpoint).read(model.parameters)
    let transform = try Checkpoint(opening: checkpoint).transform()
    var samples: [Int16] = []
    for w in 0..<count {
      windows.withPayload(w * windows.windowCount / count, epoch: 0) {
        samples += Array($0.elements(InputScaling.plane, as: Int16.self))
        transform.apply($0, nil, to: model.input(w))
      }
    }
    model.forward()
    var (z, c): ([Float], [Float]) = ([], [])
    for w in 0..<count {
      z += (0..<model.lattice.count * shape.channels).map { model.latents(w)[$0] }
      c += (0..<model.lattice.count * shape.context).map { model.contexts(w)[$0] }
    }
    try writeTensors(
      [
        ("z", [count, model.lattice.count, shape.channels], z), ("c", [count, model.lattice.count, shape.context], c),
      ],
      samples: ([count, shape.window], samples), to: path)
  }

  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: InputScale.allCases)
  func checkpointsLoadIntoPyTorch(input: InputScale) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    configuration.input = input
    configuration.updates = 20
    let source = try planned(dataset, configuration)
    let run = try RunFolder(folder("run"), .refuse)
    let summary = try Trainer(configuration, source: source, data: DataIdentity(), folder: run, threads: 2).run()
    try writeFeatures(
      try #require(source.heldOut as? DatasetWindows), count: 4, shape: configuration.shape,
      checkpoint: summary.checkpoint, to: folder("features"))
    let result = try Python.run([Python.tool("check_checkpoint.py"), summary.checkpoint, folder("features")])
    #expect(result.status == 0, "\(result.output)")
  }

  private static let realCheckpoint = getenv("CPC_TEST_CHECKPOINT").map { String(cString: $0) }
  private static let realDataset = getenv("CPC_TEST_DATASET").map { String(cString: $0) }

  /// The same for a checkpoint of the paper's size and a dataset given in the environment.
  @Test(
    .enabled(
      if: Python.hasTorch && realCheckpoint != nil && realDataset != nil,
      "CPC_TEST_CHECKPOINT and CPC_TEST_DATASET do not name a checkpoint of full size and a dataset, or no PyTorch"))
  func aRealCheckpointLoadsIntoPyTorch() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try #require(Self.realCheckpoint)
    let dataset = try Dataset(opening: try #require(Self.realDataset))
    let source = try planned(dataset, TrainingConfiguration())
    try writeFeatures(
      try #require(source.heldOut as? DatasetWindows), count: 8, shape: AudioModelShape(), checkpoint: checkpoint,
      to: folder("features"))
    let result = try Python.run([Python.tool("check_checkpoint.py"), checkpoint, folder("features")])
    #expect(result.status == 0, "\(result.output)")
    print("a real checkpoint in PyTorch: \(result.output)", terminator: "")
  }

  @Test func checkpointsOfOtherShapesAreRefused() throws {
    let folder = try TemporaryFolder()
    let configuration = smallConfiguration()
    let model = ContrastiveModel<Float>(configuration.shape, windows: 1, workers: Workers(count: 1))
    model.initialize(seed: 1)
    try Checkpoint.write(
      Adam(model.parameters),
      .init(identity: RunIdentity(configuration, threads: 1, data: DataIdentity()), state: TrainingState()),
      InputScaling(scale: .gain, gain: 2.5), to: folder("c"))
    #expect(try Checkpoint(opening: folder("c")).transform() as? InputScaling == InputScaling(scale: .gain, gain: 2.5))
    let same = ContrastiveModel<Float>(configuration.shape, windows: 2, workers: Workers(count: 1))
    try Checkpoint(opening: folder("c")).read(same.parameters)
    for (a, b) in zip(model.parameters, same.parameters) { #expect(a.value.array == b.value.array) }
    let other = ContrastiveModel<Float>(
      shape(window: 20480, channels: 8, context: 12, stepsAhead: 3), windows: 1, workers: Workers(count: 1))
    #expect(throws: Failure.self) { try Checkpoint(opening: folder("c")).read(other.parameters) }
    try writeAtomically(to: folder("text")) { try $0.write("not a checkpoint") }
    #expect(throws: Failure.self) { try Checkpoint(opening: folder("text")).read(same.parameters) }
  }
}
