import FileIO
public import Kernels
public import Models
public import Sampling
import Synchronization

/// One batch, ready for the encoder.
public final class Batch: @unchecked Sendable {
  public let windows: Int
  /// Numbers of a window.
  public let inputCount: Int
  /// [windows, inputCount]
  public let inputs: Buffer<Float>
  public private(set) var origins: [WindowOrigin] = []
  /// Held-out windows that were known when this batch was made; on a stream their number grows.
  public internal(set) var heldOut = 0
  /// What is wrong with a window of it, where the transform sees that something is.
  private(set) var problem: Failure?
  /// Identifies the utterances that this batch and those before it may hold.
  public internal(set) var trainingDigest = ""

  public init(windows: Int, inputCount: Int) {
    self.windows = windows
    self.inputCount = inputCount
    inputs = Buffer(count: windows * inputCount)
  }

  /// The numbers of window `i`.
  public func input(_ i: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: inputs.pointer + i * inputCount, count: inputCount)
  }

  /// Different speakers among its windows.
  public var speakers: Int { Set(origins.map(\.group)).count }

  /// Makes room for other windows.
  func removeAll() {
    origins.removeAll(keepingCapacity: true)
    problem = nil
  }

  func append(
    _ payload: Payload, _ origin: WindowOrigin, _ transform: any InputTransform, _ random: RandomStream?
  ) {
    precondition(origins.count < windows)
    problem = problem ?? origin.failure(of: payload, transform)
    transform.apply(payload, random, to: input(origins.count))
    origins.append(origin)
  }
}

/// Gives the batches of a run, in order.
public protocol BatchSource: AnyObject, Sendable {
  var transform: any InputTransform { get }
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
  /// The windows of `source`, as they are in `epoch`.
  ///
  /// - Parameter seed: of what the transform leaves to chance; nil for nothing.
  func fill(
    from source: some WindowSource, _ windows: [Int], epoch: Int, _ transform: any InputTransform, seed: UInt64?
  ) {
    removeAll()
    for index in windows {
      source.withPayload(index, epoch: epoch) {
        append(
          $0, source.origin(index, epoch: epoch), transform,
          seed.map { RandomStream(seed: $0, window: index, epoch: epoch) })
      }
    }
  }
}

extension RandomStream {
  /// What an ``InputTransform`` leaves to chance for one window.
  init(seed: UInt64, window: Int, epoch: Int) {
    let windows = RandomStream(seed: seed, purpose: .inputs, index: epoch)
    self.init(seed: windows.bits(UInt64(window)), purpose: .inputs, index: epoch)
  }
}

/// Endless epochs over windows that are all at hand, in the order of a ``BatchPlan``.
public final class PlannedBatches: BatchSource {
  public let plan: BatchPlan
  public let transform: any InputTransform
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
    transform = try configuration.specification.makeTransform(for: windows)
    try division.heldOut?.check(transform)
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
    batch.fill(
      from: windows, known ?? plan.batch(number), epoch: plan.epoch(of: number), transform, seed: plan.seed)
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
