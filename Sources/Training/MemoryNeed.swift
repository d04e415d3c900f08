public import FileIO
import Kernels
import Models
import Networks
import Sampling

/// How much memory a run takes, beside the pages of its dataset that the kernel keeps.
public struct MemoryNeed: Sendable, Equatable {
  /// In all, and of it for each window of a batch.
  public var bytes: Int
  public var bytesPerWindow: Int

  public init(_ configuration: TrainingConfiguration) {
    func bytes(batch: Int) -> Int {
      var configuration = configuration
      configuration.batch = batch
      return Self.bytes(configuration)
    }
    self.bytes = bytes(batch: configuration.batch)
    // A batch of one has no negatives of other windows, and does not show what one more takes.
    let other = configuration.batch + 1
    bytesPerWindow = bytes(batch: other) - self.bytes
  }

  private static func bytes(_ configuration: TrainingConfiguration) -> Int {
    MemoryMeasure.bytes {
      let workers = Workers(count: 1)
      let model = configuration.makeModel(workers)
      _ = CommonTask(model, workers)
      _ = Adam(model.parameters)
      // Two batches on their way, and one of the validation.
      for _ in 0..<3 { _ = Batch(windows: configuration.batch, inputCount: configuration.specification.inputCount) }
      // Parameters and Adam's state once more, as a checkpoint is written.
      let parameters = model.parameters.reduce(0) { $0 + $1.count }
      _ = Buffer<Float>(count: 3 * parameters)
      if configuration.specification.precision == .bfloat16 {
        // Weights and latents as factors, each in two orders.
        _ = Buffer<Float>(count: 2 * (parameters + configuration.batch * model.lattice.count * model.channels))
      }
    }
  }

  /// Throws if less is available.
  public func check(_ available: AvailableMemory? = .current) throws {
    guard let available, bytes > available.bytes else { return }
    throw Failure(
      .system,
      "the run would take \(Self.text(bytes)) of memory, \(Self.text(bytesPerWindow)) for each window of a batch; "
        + "\(Self.text(available.bytes)) are available (\(available.limit))",
      hint: "a smaller \(setting: "batch"), with \(setting: "accumulate") to make up for it, or fewer "
        + "\(setting: "channels")")
  }

  /// `1.5 GiB`.
  public static func text(_ bytes: Int) -> String {
    let mebibytes = Double(bytes) / 1_048_576
    return mebibytes < 1000 ? "\(Int(mebibytes.rounded(.up))) MiB" : "\((mebibytes / 102.4).rounded(.up) / 10) GiB"
  }
}
