import FileIO
import Kernels
public import Models
import Networks
import OrderedJSON
import Sampling
public import Shards
import Training

/// A model of speech that features come from: a checkpoint's, or one of random parameters, as a baseline.
public struct ModelRecipe: Sendable {
  public var specification: AudioSpecification
  public let scaling: InputScaling
  /// Nil for random parameters.
  public let checkpoint: String?
  private let seed: UInt64
  private let known: Checkpoint.Facts?
  /// What there is to say of the model.
  let facts: JSONObject

  /// The model of a checkpoint.
  public init(checkpoint path: String) throws {
    let digest = try Checkpoint.check(path)
    let known = try Checkpoint.readFacts(from: path)
    self.known = known
    let settings = known.identity.settings
    guard settings["model"]?.stringValue == AudioSpecification.kind,
      let scaling = try Checkpoint.readTransform(from: path) as? InputScaling
    else {
      throw Failure(
        .badInput, path: path,
        "its model is of the kind \"\(settings["model"]?.stringValue ?? "")\": features are of audio"
      )
    }
    checkpoint = path
    seed = 0
    specification = try AudioSpecification(settings: settings)
    self.scaling = scaling
    facts = [
      "checkpoint": digest.map { .string($0) } ?? .null, "updates": .int(known.state.update),
      "settings": .object(settings), "trained_on": .string(known.identity.data.dataset),
      "training_utterances": .string(known.identity.data.training),
    ]
  }

  /// A model that nothing has been learnt in. Its input is scaled as that of a model trained on `dataset` would be.
  public init(random shape: AudioModelShape, seed: UInt64, for dataset: Dataset) throws {
    try requireAudio(dataset)
    checkpoint = nil
    known = nil
    self.seed = seed
    specification = AudioSpecification()
    specification.shape = shape
    try specification.validate()
    scaling = try InputScaling(
      .gain, for: RecordWindows(dataset, (0..<dataset.recordCount).filter { dataset.isFull($0) }))
    facts = ["checkpoint": .null, "updates": .int(0), "seed": .string("\(seed)")]
  }

  /// Lines of the split ``TrainedUtterances/split``; nil if it cannot be known what the model was trained on, or if it was
  /// on nothing.
  func trainedUtterances(of dataset: Dataset) throws -> [UInt8]? {
    try known.flatMap { try TrainedUtterances.lines($0, dataset) }
  }

  /// Samples of a window that is a whole number of frames.
  var window: Int { specification.window / AudioRecords.cell * AudioRecords.cell }

  /// Throws what a user cannot have.
  public func check() throws {
    guard window > 0 else {
      throw Failure(.badInput, path: checkpoint, "its windows of \(specification.window) samples hold no whole frame")
    }
  }

  /// The model for one window of so many samples.
  func make<Element: Operand>(_: Element.Type, samples: Int) throws -> ContrastiveModel<Element>
  where Element.Sum == Float {
    var specification = specification
    specification.shape.window = samples
    let model = specification.makeModel(
      Element.self, windows: 1, pool: .batch, negatives: nil, seed: 0, workers: Workers(count: 1), training: false)
    if let checkpoint {
      try Checkpoint.readParameters(model.parameters, from: checkpoint)
    } else {
      model.initialize(seed: seed)
    }
    return model
  }
}
