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

  /// Reads a run's settings; a `Failure` of kind `corrupt` names the one that is missing or wrong.
  public init(settings: JSONObject) throws {
    func value<Value>(_ key: String, _ value: Value?) throws -> Value {
      guard let value else { throw Failure(.corrupt, "the model's setting \(key) is missing or wrong") }
      return value
    }
    func count(_ key: String) throws -> Int {
      try value(key, settings[key]?.intValue.flatMap { (1...1 << 20).contains($0) ? $0 : nil })
    }
    func name(_ key: String) -> String { settings[key]?.stringValue ?? "" }
    _ = try value("model", name("model") == Self.kind ? Self.kind : nil)
    var shape = AudioModelShape()
    shape.normalisation = try value("normalisation", EncoderNormalisation(rawValue: name("normalisation")))
    shape.score = try value("score", ScoreScale(name("score"), settings["temperature"]?.doubleValue))
    (shape.window, shape.channels) = (try count("window"), try count("channels"))
    (shape.context, shape.stepsAhead) = (try count("context"), try count("steps_ahead"))
    _ = try value("window", shape.frames > shape.stepsAhead ? shape.window : nil)
    self.init(shape: shape, precision: try value("precision", Precision(rawValue: name("precision"))))
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
