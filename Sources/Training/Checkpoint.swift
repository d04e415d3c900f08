import FileIO
public import Kernels
public import Models
public import Networks
import OrderedJSON
import Safetensors

/// A model and its optimiser in a safetensors file, with all that a resumed run needs.
///
/// Tensors have the names, shapes and layouts of the PyTorch module of the same model; Adam's state follows as
/// `optimizer.exp_avg.NAME` and `optimizer.exp_avg_sq.NAME`. The data position is a function of the update. Metadata:
///
/// | key | value |
/// |---|---|
/// | `cpc.checkpoint` | 2, the version of this format; 1 had no digest |
/// | `cpc.config` | JSON of the settings that determine the run |
/// | `cpc.update` | updates made |
/// | `cpc.state` | JSON: last validated update, best validation, sums for the next line of the log |
/// | `cpc.input`, `cpc.gain` | how windows became inputs, by audio's transform: ``Models/InputTransform/metadata`` |
/// | `cpc.dataset` | digest of the dataset's card when the run began; empty for a stream |
/// | `cpc.samples` | digest of the dataset's samples |
/// | `cpc.training_utterances`, `cpc.held_out_utterances` | digests of the utterances trained on and held out |
/// | `cpc.digest` | of the whole file, checked whenever one is read: see ``Seal`` |
public struct Checkpoint: Sendable {
  private let file: SafetensorsFile
  /// What it says beside its tensors.
  public let facts: Facts

  /// Opens one, and checks that every byte of it is as it was written.
  ///
  /// - Throws: a `Failure` if it is damaged, or no checkpoint.
  public init(opening path: String) throws {
    file = try SafetensorsFile(mapping: path)
    switch file.header[metadata: "cpc.checkpoint"] {
    case Self.version: try file.checkSeal()
    case Self.versionWithoutDigest where file.digest == nil: break
    default:
      // A damaged file may have lost what tells what it is.
      if file.digest != nil { try file.checkSeal() }
      throw Failure(.badInput, path: path, "not a checkpoint of cpc-train, or of a later version")
    }
    guard let facts = Facts(file.header) else {
      throw Failure(.corrupt, path: path, "the checkpoint does not say how to go on from it")
    }
    self.facts = facts
  }

  public var path: String { file.path }

  /// Of all of it; nil if it is of the version that had none, so that nothing can be said about its bytes.
  public var digest: String? { file.digest }

  /// What a checkpoint says beside its tensors.
  public struct Facts: Sendable {
    public var identity: RunIdentity
    public var state: TrainingState

    public init(identity: RunIdentity, state: TrainingState) {
      self.identity = identity
      self.state = state
    }

    func metadata(_ transform: any InputTransform) -> [(key: String, value: String)] {
      [
        ("cpc.checkpoint", Checkpoint.version), ("cpc.config", JSON.object(identity.settings).compact),
        ("cpc.update", "\(state.update)"), ("cpc.state", state.json.compact),
      ] + transform.metadata + [
        ("cpc.dataset", identity.data.dataset),
        ("cpc.samples", identity.data.samples), ("cpc.training_utterances", identity.data.training),
        ("cpc.held_out_utterances", identity.data.heldOut),
      ]
    }

    init?(_ header: SafetensorsHeader) {
      guard let settings = header[metadata: "cpc.config"].flatMap({ try? JSON(parsing: $0) })?.objectValue,
        let update = header[metadata: "cpc.update"].flatMap({ Int($0) }),
        let json = header[metadata: "cpc.state"].flatMap({ try? JSON(parsing: $0) }),
        let state = TrainingState(update: update, json)
      else { return nil }
      var data = DataIdentity()
      data.dataset = header[metadata: "cpc.dataset"] ?? ""
      data.samples = header[metadata: "cpc.samples"] ?? ""
      data.training = header[metadata: "cpc.training_utterances"] ?? ""
      data.heldOut = header[metadata: "cpc.held_out_utterances"] ?? ""
      let identity = RunIdentity(settings: ModelKinds.completed(settings), data: data)
      self.init(identity: identity, state: state)
    }
  }

  static let meanPrefix = "optimizer.exp_avg."
  static let squarePrefix = "optimizer.exp_avg_sq."

  static let version = "2"
  private static let versionWithoutDigest = "1"

  /// Bytes of a checkpoint's tensors.
  static func size(_ adam: Adam<Float>) -> Int { adam.parameters.reduce(0) { $0 + 3 * 4 * $1.count } }

  /// Writes parameters and optimiser state; atomic.
  ///
  /// - Returns: the file's digest.
  @discardableResult
  public static func write(
    _ adam: Adam<Float>, _ facts: Facts, _ transform: any InputTransform, to path: String
  ) throws -> String {
    var memory: [Buffer<Float>] = []
    var tensors: [TensorBytes] = []
    let values = adam.parameters.map(\.value)
    for (prefix, buffers) in [("", values), (meanPrefix, adam.means), (squarePrefix, adam.squares)] {
      for (parameter, buffer) in zip(adam.parameters, buffers) {
        let elements = Buffer(parameter.elements(of: buffer))
        memory.append(elements)
        tensors.append(TensorBytes(prefix + parameter.name, .f32, shape: parameter.shape, bytes: elements.bytes))
      }
    }
    return try withExtendedLifetime(memory) {
      try writeSealedSafetensors(tensors, metadata: facts.metadata(transform), to: path)
    }
  }

  /// Sets the values of `parameters`; names and shapes must agree.
  public func read(_ parameters: [Parameter<Float>]) throws {
    for parameter in parameters { try read(parameter, "", into: parameter.value) }
  }

  /// The model, from the file alone, for `windows` windows at a time. It has no memory for gradients.
  public func model(
    windows: Int, workers: Workers, kinds: ModelKinds = .all
  ) throws -> any TrainableModel<Float> {
    let model = try specification(kinds: kinds).makeModel(windows: windows, workers: workers, training: false)
    try read(model.parameters)
    return model
  }

  /// Sets parameters and optimiser state.
  public func read(_ adam: Adam<Float>) throws {
    for (i, parameter) in adam.parameters.enumerated() {
      try read(parameter, "", into: parameter.value)
      try read(parameter, Self.meanPrefix, into: adam.means[i])
      try read(parameter, Self.squarePrefix, into: adam.squares[i])
    }
    adam.step = facts.state.update
  }

  /// The model, without what it has learnt.
  ///
  /// - Throws: a `Failure` if it is one that `kinds` do not know.
  public func specification(kinds: ModelKinds = .all) throws -> any ModelSpecification {
    let settings = facts.identity.settings
    do { return try kinds.type(of: settings).init(settings: settings) } catch var failure as Failure {
      failure.path = path
      throw failure
    }
  }

  /// How windows became the model's inputs.
  public func transform(kinds: ModelKinds = .all) throws -> any InputTransform {
    let settings = facts.identity.settings
    guard let transform = try kinds.type(of: settings).transform(metadata: { file.header[metadata: $0] }) else {
      throw Failure(.corrupt, path: path, "the checkpoint does not say how windows became the model's input")
    }
    return transform
  }

  private func read(_ parameter: Parameter<Float>, _ prefix: String, into buffer: Buffer<Float>) throws {
    try file.withElements(prefix + parameter.name, .f32, shape: parameter.shape, as: Float.self) {
      parameter.load($0, into: buffer)
    }
  }
}
