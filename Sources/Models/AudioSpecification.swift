import FileIO
public import Kernels
import Networks
public import OrderedJSON
public import Sampling

/// The model of audio (``AudioModelShape``), how precise its products are, and how samples become its input.
public struct AudioSpecification: ModelSpecification, Equatable {
  public static let kind = "audio"

  public var shape = AudioModelShape()
  public var precision = Precision.single
  public var input = InputScale.gain

  public init() {}

  public init(settings: JSONObject) throws {
    let reader = SettingsReader(ModelKinds.completed(settings), of: "the model")
    func count(_ key: String) throws -> Int {
      try reader.value(key) { $0.intValue.flatMap { (1...1 << 20).contains($0) ? $0 : nil } }
    }
    _ = try ModelKinds([Self.self]).type(of: settings)
    try reader.choose("input", &input)
    shape.normalisation = try reader.choice("normalisation")
    shape.score = try reader.value("score") { ScoreScale($0.stringValue ?? "", settings["temperature"]?.doubleValue) }
    (shape.window, shape.channels) = (try count("window"), try count("channels"))
    (shape.context, shape.stepsAhead) = (try count("context"), try count("steps_ahead"))
    _ = try reader.value("window") { _ in shape.frames > shape.stepsAhead ? shape.window : nil }
    precision = try reader.choice("precision")
  }

  public var json: JSONObject {
    var temperature = JSON.null
    if case .cosine(temperature: let value) = shape.score { temperature = .real(value) }
    return [
      "input": .string(input.rawValue), "normalisation": .string(shape.normalisation.rawValue),
      "score": .string(shape.score.name), "temperature": temperature, "precision": .string(precision.rawValue),
      "window": .int(shape.window), "channels": .int(shape.channels), "context": .int(shape.context),
      "steps_ahead": .int(shape.stepsAhead),
    ]
  }

  public func validate() throws {
    try require((1...65_536).contains(shape.channels), "channels", "must be from 1 to 65536")
    try require((1...65_536).contains(shape.context), "context", "must be from 1 to 65536")
    try require(
      shape.frames > 1, "window", "\(shape.window) is too short: a prediction takes two latents, it has \(shape.frames)"
    )
    let steps = min(shape.frames - 1, NegativeSampler.mostSteps)
    try require(
      (1...steps).contains(shape.stepsAhead), "steps_ahead",
      "must be from 1 to \(steps): a window has \(shape.frames) latents")
    if case .cosine(temperature: let temperature) = shape.score {
      try require(temperature.isFinite && temperature > 0, "temperature", "must be positive")
    }
    try require(
      shape.channels > 1 || shape.normalisation == .none, "normalisation",
      "channel needs \(setting: "channels") above 1")
  }

  public func validateWindow() throws {
    try require((160...1 << 20).contains(window), "window", "must be from 160 to \(1 << 20) samples")
  }

  public var lattice: Lattice { Lattice(rows: shape.frames) }
  public var steps: Int { shape.stepsAhead }
  public var channels: Int { shape.channels }
  public var units: Int { shape.context }
  public var window: Int { shape.window }
  public var inputCount: Int { shape.window }
  public var payload: [(plane: String, bytes: Int)] {
    [(InputScaling.plane, shape.window * MemoryLayout<Int16>.stride)]
  }

  public func makeModel<Element: Operand>(
    _: Element.Type, windows: Int, pool: CandidatePool, negatives: Int?, seed: UInt64, workers: Workers, training: Bool
  ) -> ContrastiveModel<Element> {
    ContrastiveModel(
      shape, windows: windows, pool: pool, negatives: negatives, seed: seed, workers: workers, training: training)
  }

  public func makeTransform(for windows: some PayloadSource) throws -> any InputTransform {
    try InputScaling(input, for: windows)
  }

  public static func transform(metadata: (String) -> String?) -> (any InputTransform)? {
    InputScaling(metadata: metadata)
  }
}
