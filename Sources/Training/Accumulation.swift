import FileIO
import Kernels
import Networks
import OrderedJSON
import Safetensors

/// The part of an update that a run had made when it stopped between the batches of one: the sums of their gradients.
///
/// A safetensors file beside the checkpoints, because a checkpoint of the same update must not depend on where a run
/// was stopped. Tensors have the names, shapes and layouts of the checkpoint's. Metadata:
///
/// | key | value |
/// |---|---|
/// | `cpc.accumulation` | 1, the version of this format |
/// | `cpc.belongs_to` | digest of the checkpoint that it goes on from |
/// | `cpc.state` | JSON: batches, and sums for the log |
/// | `cpc.digest` | see ``Seal`` |
enum Accumulation {
  /// Atomic.
  static func write(
    _ parameters: [Parameter<Float>], _ partial: TrainingInterval, of checkpoint: String, to path: String
  ) throws {
    let memory = parameters.map { Buffer($0.elements(of: $0.gradient)) }
    let tensors = zip(parameters, memory).map { TensorBytes($0.name, .f32, shape: $0.shape, bytes: $1.bytes) }
    _ = try withExtendedLifetime(memory) {
      try writeSealedSafetensors(
        tensors,
        metadata: [
          ("cpc.accumulation", "1"), ("cpc.belongs_to", checkpoint), ("cpc.state", partial.json.compact),
        ], to: path)
    }
  }

  /// Sets the gradients of `parameters`; nil, and nothing is changed, if the file is not there or goes on from another
  /// checkpoint.
  ///
  /// - Parameter batches: of a whole update.
  static func read(
    into parameters: [Parameter<Float>], batches: Int, of checkpoint: String, from path: String
  ) throws -> TrainingInterval? {
    guard Folder.kind(of: path) != nil else { return nil }
    do { return try read(into: parameters, batches: batches, of: checkpoint, SafetensorsFile(mapping: path)) } catch var
      failure as Failure
    {
      failure.hint = "without this file, the batches in it are made again"
      throw failure
    }
  }

  private static func read(
    into parameters: [Parameter<Float>], batches: Int, of checkpoint: String, _ file: SafetensorsFile
  ) throws -> TrainingInterval? {
    try file.checkSeal()
    guard file.header[metadata: "cpc.belongs_to"] == checkpoint else { return nil }
    guard file.header[metadata: "cpc.accumulation"] == "1",
      let state = file.header[metadata: "cpc.state"].flatMap({ try? JSON(parsing: $0) }),
      let partial = TrainingInterval(state), partial.metrics != nil,
      (1..<batches).contains(partial.batches)
    else { throw Failure(.corrupt, path: file.path, "it does not say what part of an update it is") }
    for parameter in parameters {
      let elements = try file.elements(parameter.name, .f32, shape: parameter.shape, as: Float.self)
      parameter.load(elements, into: parameter.gradient)
    }
    return partial
  }
}
