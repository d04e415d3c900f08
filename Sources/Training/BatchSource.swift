public import Kernels
public import Sampling
import Synchronization

/// One batch, scaled and ready for the encoder.
public final class Batch: @unchecked Sendable {
  public let windows: Int
  public let window: Int
  /// [windows, window]
  public let samples: Buffer<Float>
  public internal(set) var origins: [WindowOrigin] = []
  /// Held-out windows that were known when this batch was made; on a stream their number grows.
  public internal(set) var heldOut = 0
  /// Identifies the utterances that this batch and those before it may hold.
  public internal(set) var trainingDigest = ""

  public init(windows: Int, window: Int) {
    self.windows = windows
    self.window = window
    samples = Buffer(count: windows * window)
  }

  /// Different speakers among its windows.
  public var speakers: Int { Set(origins.map(\.group)).count }

  func set(_ i: Int, _ samples: UnsafeBufferPointer<Int16>, _ origin: WindowOrigin, _ scaling: InputScaling) {
    precondition(samples.count == window && origins.count == i)
    scaling.apply(samples, to: self.samples.pointer + i * window)
    origins.append(origin)
  }
}

/// Gives the batches of a run, in order.
public protocol BatchSource: AnyObject, Sendable {
  var scaling: InputScaling { get }
  /// Windows set aside for validation; on a stream they come while it is read.
  var heldOut: (any WindowSource)? { get }
  /// Whether a run can go on with these batches later, so that what it has made of an update is worth saving.
  var isRepeatable: Bool { get }
  /// Makes batch `number`, asked for in order; false if there is none.
  func fill(_ batch: Batch, number: Int) throws -> Bool
  /// Throws if the batch that was just filled may hold what is not in the data, because a file was cut short.
  func checkIntact(_ batch: Batch) throws
}

extension BatchSource {
  public var isRepeatable: Bool { true }
  public func checkIntact(_ batch: Batch) throws {}
}

extension Batch {
  /// The windows that a plan puts into batch `number`, as the plan's epoch crops them.
  func fill(from source: some WindowSource, _ plan: BatchPlan, number: Int, _ scaling: InputScaling) {
    fill(from: source, plan.batch(number), epoch: plan.epoch(of: number), scaling)
  }

  func fill(from source: some WindowSource, _ windows: [Int], epoch: Int, _ scaling: InputScaling) {
    origins.removeAll(keepingCapacity: true)
    for (i, index) in windows.enumerated() {
      source.withSamples(index, epoch: epoch) { set(i, $0, source.origin(index, epoch: epoch), scaling) }
    }
  }
}

/// Endless epochs over windows that are all at hand, in the order of a ``BatchPlan``.
public final class PlannedBatches: BatchSource {
  public let plan: BatchPlan
  public let scaling: InputScaling
  public let heldOut: (any WindowSource)?
  private let trainingDigest: String
  private let windows: DatasetWindows
  /// The batch before, and the windows of the next two, whose samples the kernel was told about.
  private let readAhead = Mutex<(last: Int?, batches: [Int: [Int]])>((nil, [:]))

  public init(_ division: DatasetDivision, _ configuration: TrainingConfiguration) throws {
    windows = division.training
    heldOut = division.heldOut
    trainingDigest = division.data.training
    plan = try windows.plan(configuration.negatives, batch: configuration.batch, seed: configuration.seed)
    if configuration.negatives.batchesOneGroup { _ = try division.heldOut?.groups() }
    scaling = try InputScaling(configuration.input, for: windows)
    try windows.checkIntact()
  }

  public func checkIntact(_ batch: Batch) throws { try windows.checkIntact(records: batch.origins.map(\.record)) }

  public func fill(_ batch: Batch, number: Int) -> Bool {
    // Ranks take every n-th batch.
    let (known, step) = readAhead.withLock { state in
      let step = max(1, number - (state.last ?? number - 1))
      state.last = number
      state.batches = state.batches.filter { $0.key >= number }
      return (state.batches.removeValue(forKey: number), step)
    }
    batch.fill(from: windows, known ?? plan.batch(number), epoch: plan.epoch(of: number), scaling)
    batch.heldOut = heldOut?.windowCount ?? 0
    batch.trainingDigest = trainingDigest
    // The disk works on the batch after the next while the model works on this one.
    let ahead = number + 2 * step
    let indices = plan.batch(ahead)
    for index in indices { windows.willNeed(index, epoch: plan.epoch(of: ahead)) }
    readAhead.withLock { $0.batches[ahead] = indices }
    return true
  }
}
