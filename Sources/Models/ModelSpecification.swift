import FileIO
public import Kernels
import Networks
public import OrderedJSON
public import Sampling

/// What the factors of products are rounded to. Sums, softmax, norms, the state of the GRU, parameters, gradients and
/// checkpoints are in single precision.
public enum Precision: String, Sendable, CaseIterable {
  case single = "fp32"
  case bfloat16 = "bf16"
}

/// Everything that a model of one kind of data is built from, but its parameters: from it and a checkpoint's tensors
/// comes the model. It is all that trainer, validation and checkpoints know of the kind.
public protocol ModelSpecification: Sendable {
  /// What settings call such a model, and what datasets call the records that it learns from.
  static var kind: String { get }

  /// Those of the settings that records determine, and nobody chooses.
  static var settingsOfRecords: [String] { get }

  /// Reads a run's settings, those of earlier versions too.
  ///
  /// - Throws: a `Failure` of kind `corrupt` that names the setting that is missing or wrong.
  init(settings: JSONObject) throws
  /// As checkpoints and `config.json` hold it, beside `model` and other settings.
  var json: JSONObject { get }
  /// Throws what a user asked for that cannot be: a `Failure` of kind `usage` that names the settings concerned.
  func validate() throws
  /// The same for ``window`` alone.
  func validateWindow() throws

  var precision: Precision { get set }
  /// How the latents of a window lie.
  var lattice: Lattice { get }
  /// Rows ahead that are predicted.
  var steps: Int { get }
  /// Numbers of a latent and of a context.
  var channels: Int { get }
  var units: Int { get }
  /// Units of a record's payload that are a window.
  var window: Int { get }
  /// Numbers of a window that the encoder takes.
  var inputCount: Int { get }
  /// The planes of a record that these numbers are made of, and the bytes that a window takes of each.
  var payload: [(plane: String, bytes: Int)] { get }

  /// Throws if the model cannot be for records of its kind that a dataset says this of: `facts` of its schema. `path` is
  /// the dataset's, for messages.
  func requireFacts(_ facts: JSONObject, path: String) throws

  /// A model with parameters of zero: see
  /// ``ContrastiveModel/init(_:_:windows:steps:score:pool:negatives:seed:workers:training:)``.
  func makeModel<Element: Operand>(
    _: Element.Type, windows: Int, pool: CandidatePool, negatives: Int?, seed: UInt64, workers: Workers, training: Bool
  ) -> ContrastiveModel<Element>

  /// The transform of a run's windows, which may depend on those that it trains on.
  func makeTransform(for windows: some PayloadSource) throws -> any InputTransform
  /// The transform that a checkpoint's metadata tell of; nil if they tell of none.
  static func transform(metadata: (String) -> String?) -> (any InputTransform)?
}

extension ModelSpecification {
  public static var settingsOfRecords: [String] { [] }
  public func validateWindow() throws {}
  public func requireFacts(_ facts: JSONObject, path: String) throws {}

  /// The same model in this specification's precision.
  public func makeModel(
    windows: Int, pool: CandidatePool = .batch, negatives: Int? = nil, seed: UInt64 = 0, workers: Workers,
    training: Bool = true
  ) -> any TrainableModel<Float> {
    func make<Element: Operand>(_ type: Element.Type) -> ContrastiveModel<Element> where Element.Sum == Float {
      makeModel(
        type, windows: windows, pool: pool, negatives: negatives, seed: seed, workers: workers, training: training)
    }
    return switch precision {
    case .single: make(Float.self)
    case .bfloat16: make(BFloat16.self)
    }
  }

  func require(_ condition: Bool, _ setting: String, _ problem: @autoclosure () -> String) throws {
    guard condition else { throw Failure(.usage, "\(setting: setting) \(problem())") }
  }
}

/// The kinds of models that a file's settings may name.
public struct ModelKinds: Sendable {
  public let types: [any ModelSpecification.Type]

  public init(_ types: [any ModelSpecification.Type]) { self.types = types }

  /// Those of this suite.
  public static let all = ModelKinds([AudioSpecification.self, ImageSpecification.self, TextSpecification.self])

  /// The kind that a run's settings name.
  ///
  /// - Throws: a `Failure` of kind `corrupt` if it is none of these.
  public func type(of settings: JSONObject) throws -> any ModelSpecification.Type {
    try SettingsReader(settings, of: "the model").value("model") { name in
      types.first { type in name.stringValue.map { isSame($0, type.kind) } ?? false }
    }
  }

  /// Settings of any version as this one writes them: with what was before there was a choice.
  public static func completed(_ settings: JSONObject) -> JSONObject {
    var settings = settings
    if settings["precision"] == nil { settings["precision"] = .string(Precision.single.rawValue) }
    return settings
  }
}
