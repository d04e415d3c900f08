import FileIO
public import Kernels
public import Networks
import OrderedJSON
import Safetensors

/// A model and its optimiser in a safetensors file.
///
/// Tensors have the names, shapes and layouts of the PyTorch module of the same model; Adam's state follows as
/// `optimizer.exp_avg.NAME` and `optimizer.exp_avg_sq.NAME`. Metadata:
///
/// | key | value |
/// |---|---|
/// | `cpc.checkpoint` | 1, the version of this format |
/// | `cpc.config` | JSON of the settings that determine the run |
/// | `cpc.update` | updates made |
/// | `cpc.input`, `cpc.gain` | how samples were scaled |
/// | `cpc.dataset` | digest of the dataset; empty for a stream |
/// | `cpc.training_utterances` | digest of the utterances trained on |
public enum Checkpoint {
  /// What a checkpoint says beside its tensors.
  public struct Facts: Sendable, Equatable {
    public var configuration: TrainingConfiguration
    public var update: Int
    public var scaling: InputScaling
    public var datasetDigest: String
    public var trainingDigest: String

    public init(
      configuration: TrainingConfiguration, update: Int, scaling: InputScaling, datasetDigest: String,
      trainingDigest: String
    ) {
      self.configuration = configuration
      self.update = update
      self.scaling = scaling
      self.datasetDigest = datasetDigest
      self.trainingDigest = trainingDigest
    }

    var metadata: [(key: String, value: String)] {
      [
        ("cpc.checkpoint", "1"), ("cpc.config", JSON.object(configuration.json).compact), ("cpc.update", "\(update)"),
        ("cpc.input", scaling.scale.rawValue), ("cpc.gain", "\(scaling.gain)"), ("cpc.dataset", datasetDigest),
        ("cpc.training_utterances", trainingDigest),
      ]
    }
  }

  static let meanPrefix = "optimizer.exp_avg."
  static let squarePrefix = "optimizer.exp_avg_sq."

  /// Writes parameters and optimiser state; atomic.
  public static func write(_ adam: Adam<Float>, _ facts: Facts, to path: String) throws {
    var arrays: [(name: String, shape: [Int], elements: [Float])] = []
    for parameter in adam.parameters {
      arrays.append((parameter.name, parameter.shape, parameter.elements(of: parameter.value)))
    }
    for (prefix, buffers) in [(meanPrefix, adam.means), (squarePrefix, adam.squares)] {
      for (parameter, buffer) in zip(adam.parameters, buffers) {
        arrays.append((prefix + parameter.name, parameter.shape, parameter.elements(of: buffer)))
      }
    }
    let memory = arrays.map { Buffer($0.elements) }
    let tensors = zip(arrays, memory).map { TensorBytes($0.name, .f32, shape: $0.shape, bytes: $1.bytes) }
    try withExtendedLifetime(memory) { try writeSafetensors(tensors, metadata: facts.metadata, to: path) }
  }

  /// Sets the values of `parameters` from a checkpoint; names and shapes must agree.
  public static func readParameters(_ parameters: [Parameter<Float>], from path: String) throws {
    let file = try SafetensorsFile(mapping: path)
    guard file.header[metadata: "cpc.checkpoint"] == "1" else {
      throw Failure(.badInput, path: path, "not a checkpoint of cpc-train, or of a later version")
    }
    for parameter in parameters {
      let elements = try file.elements(parameter.name, .f32, shape: parameter.shape, as: Float.self)
      parameter.load(Array(elements), into: parameter.value)
    }
  }

  /// The scaling that a checkpoint was trained with.
  public static func readScaling(from path: String) throws -> InputScaling {
    let header = try SafetensorsFile(mapping: path).header
    guard let scale = header[metadata: "cpc.input"].flatMap(InputScale.init(rawValue:)),
      let gain = header[metadata: "cpc.gain"].flatMap(Float.init)
    else { throw Failure(.corrupt, path: path, "the checkpoint does not say how samples were scaled") }
    return InputScaling(scale: scale, gain: gain)
  }
}
