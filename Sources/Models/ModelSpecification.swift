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

/// Everything that a model is built from, but its parameters: from it and a checkpoint's tensors comes the model.
public struct ModelSpecification: Sendable, Equatable {
  /// What settings call a model of audio.
  public static let kind = "audio"

  public var shape: AudioModelShape
  public var precision: Precision

  public init(shape: AudioModelShape, precision: Precision) {
    self.shape = shape
    self.precision = precision
  }

  /// As checkpoints and `config.json` hold it, beside `model` and other settings.
  public var json: JSONObject {
    var temperature = JSON.null
    if case .cosine(temperature: let value) = shape.score { temperature = .real(value) }
    return [
      "normalisation": .string(shape.normalisation.rawValue), "score": .string(shape.score.name),
      "temperature": temperature, "precision": .string(precision.rawValue), "window": .int(shape.window),
      "channels": .int(shape.channels), "context": .int(shape.context), "steps_ahead": .int(shape.stepsAhead),
    ]
  }

  /// Reads a run's settings, those of earlier versions too.
  ///
  /// - Throws: a `Failure` of kind `corrupt` that names the setting that is missing or wrong.
  public init(settings: JSONObject) throws {
    let reader = SettingsReader(Self.completed(settings), of: "the model")
    func count(_ key: String) throws -> Int {
      try reader.value(key) { $0.intValue.flatMap { (1...1 << 20).contains($0) ? $0 : nil } }
    }
    _ = try reader.value("model") { $0.stringValue == Self.kind ? Self.kind : nil }
    var shape = AudioModelShape()
    shape.normalisation = try reader.choice("normalisation")
    shape.score = try reader.value("score") { ScoreScale($0.stringValue ?? "", settings["temperature"]?.doubleValue) }
    (shape.window, shape.channels) = (try count("window"), try count("channels"))
    (shape.context, shape.stepsAhead) = (try count("context"), try count("steps_ahead"))
    _ = try reader.value("window") { _ in shape.frames > shape.stepsAhead ? shape.window : nil }
    self.init(shape: shape, precision: try reader.choice("precision"))
  }

  /// Settings of any version as this one writes them: with what was before there was a choice.
  public static func completed(_ settings: JSONObject) -> JSONObject {
    var settings = settings
    if settings["precision"] == nil { settings["precision"] = .string(Precision.single.rawValue) }
    return settings
  }

  /// How the latents of a window lie.
  public var lattice: Lattice { Lattice(rows: shape.frames) }
  /// Rows ahead that are predicted.
  public var steps: Int { shape.stepsAhead }
  /// Numbers of a window that the encoder takes.
  public var inputCount: Int { shape.window }
  /// The planes of a record that these numbers are made of, and the bytes that a window takes of each.
  public var payload: [(plane: String, bytes: Int)] {
    [(InputScaling.plane, shape.window * MemoryLayout<Int16>.stride)]
  }

  /// The transform that a checkpoint's metadata tell of; nil if they tell of none.
  public static func transform(metadata: (String) -> String?) -> (any InputTransform)? {
    InputScaling(metadata: metadata)
  }

  /// A model with parameters of zero: see
  /// ``ContrastiveModel/init(_:_:windows:steps:score:pool:negatives:seed:workers:training:)``.
  public func makeModel(
    windows: Int, pool: CandidatePool = .batch, negatives: Int? = nil, seed: UInt64 = 0, workers: Workers,
    training: Bool = true
  ) -> any TrainableModel<Float> {
    func make<Element: Operand>(_: Element.Type) -> ContrastiveModel<Element> where Element.Sum == Float {
      ContrastiveModel(
        shape, windows: windows, pool: pool, negatives: negatives, seed: seed, workers: workers, training: training)
    }
    return switch precision {
    case .single: make(Float.self)
    case .bfloat16: make(BFloat16.self)
    }
  }
}
