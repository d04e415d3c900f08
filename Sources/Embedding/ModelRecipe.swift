import FileIO
import Kernels
public import Models
import Networks
import OrderedJSON
import Sampling
public import Shards
public import Training

/// A model that features come from: a checkpoint's, or one of random parameters, as a baseline.
public struct ModelRecipe: Sendable {
  public var specification: any ModelSpecification
  public let transform: any InputTransform
  /// Nil for random parameters.
  let checkpoint: Checkpoint?
  private let seed: UInt64
  private let known: Checkpoint.Facts?
  /// What there is to say of the model.
  let facts: JSONObject

  /// Of the records that it is for.
  public var kind: String { type(of: specification).kind }

  /// The model of a checkpoint.
  public init(_ checkpoint: Checkpoint) throws {
    let known = checkpoint.facts
    self.known = known
    specification = try checkpoint.specification()
    transform = try checkpoint.transform()
    self.checkpoint = checkpoint
    seed = 0
    facts = [
      "checkpoint": checkpoint.digest.map { .string($0) } ?? .null, "updates": .int(known.state.update),
      "settings": .object(known.identity.settings), "trained_on": .string(known.identity.data.dataset),
      "training_utterances": .string(known.identity.data.training),
    ]
  }

  /// A model that nothing has been learnt in. Its input is made as that of a model trained on `dataset` would be.
  ///
  /// - Throws: a `Failure` if the model is not one of such records.
  public init(random specification: any ModelSpecification, seed: UInt64, for dataset: Dataset) throws {
    checkpoint = nil
    known = nil
    self.seed = seed
    self.specification = specification
    try specification.validate()
    try Self.check(specification, dataset)
    transform = try specification.makeTransform(
      for: RecordWindows(dataset, (0..<dataset.recordCount).filter { dataset.isFull($0) }))
    facts = [
      "checkpoint": .null, "updates": .int(0), "seed": .string("\(seed)"), "settings": .object(specification.json),
    ]
  }

  /// Throws unless the model is one of such records.
  func check(_ dataset: Dataset) throws { try Self.check(specification, dataset) }

  private static func check(_ specification: any ModelSpecification, _ dataset: Dataset) throws {
    var configuration = TrainingConfiguration()
    configuration.specification = specification
    try configuration.requireRecords(dataset.schema, path: dataset.folder)
  }

  /// Lines of the split ``TrainedUtterances/split``; nil if it cannot be known what the model was trained on, or if it was
  /// on nothing.
  func trainedUtterances(of dataset: Dataset) throws -> [UInt8]? {
    try known.flatMap { try TrainedUtterances.lines($0, dataset) }
  }

  /// The model of a specification that has the parameters of this recipe, for so many windows.
  ///
  /// - Parameter other: a model of this recipe that is there already: what it has learnt need not be read again.
  func make<Element: Operand>(
    _: Element.Type, _ specification: any ModelSpecification, windows: Int, like other: ContrastiveModel<Element>? = nil
  ) throws -> ContrastiveModel<Element> where Element.Sum == Float {
    let model = specification.makeModel(
      Element.self, windows: windows, pool: .batch, negatives: nil, seed: 0, workers: Workers(count: 1),
      training: false)
    if let other {
      model.parameters.copy(other.parameters)
    } else if let checkpoint {
      try checkpoint.read(model.parameters)
    } else {
      model.initialize(seed: seed)
    }
    return model
  }
}

extension [Parameter<Float>] {
  /// Takes the values of the same parameters of another model, which lie in memory as these do.
  func copy(_ others: [Parameter<Float>]) {
    precondition(count == others.count)
    for (mine, other) in zip(self, others) {
      precondition(mine.value.count == other.value.count)
      mine.value.pointer.update(from: other.value.pointer, count: mine.value.count)
      mine.noteChange()
    }
  }
}
