import FileIO
import Kernels
public import Models
import Sampling
public import Shards
import Synchronization

/// Batches from a record stream, read once, through a shuffle buffer of bounded size.
///
/// Each batch draws windows from the buffer, and each drawn window makes room for the next one of the stream; the last
/// windows of a stream empty the buffer. Where batches are of one speaker and none has enough windows in the buffer,
/// windows are left out until one has. Padded records are left out. Utterances are held out by the hash of their id, up
/// to a bound.
public final class StreamBatches: BatchSource, @unchecked Sendable {
  public var transform: any InputTransform { madeTransform! }
  private var madeTransform: (any InputTransform)?
  private let reader: RecordStreamReader
  private let configuration: TrainingConfiguration
  private let pool: StoredWindows
  private let held: StoredWindows
  private var shuffle: ShuffleBuffer
  private var piece: StreamPiece?
  private var row = 0
  private let digest = XXH3.Stream()
  private var lastTrained: Int?
  /// Of the stream's records; nil before the first.
  private var schema: RecordSchema?

  /// What has come of the stream so far.
  public struct Counts: Sendable {
    public var records = 0
    /// Records that are no full window, the padded ends of utterances.
    public var shortEnds = 0
    /// Windows that came into the buffer and into no batch: those that were dropped because no speaker had enough for
    /// one, and those that make none at the end of the stream.
    public var leftOut: Int { dropped + remaining }
    var dropped = 0
    var remaining = 0
    /// Held-out windows beyond those that validation takes.
    public var heldOutLeftOut = 0
  }

  // Asked for while the next batch is being made on another thread.
  private let counters = Mutex(Counts())
  public var counts: Counts { counters.withLock { $0 } }
  /// Whether the stream has been read to its end.
  public private(set) var ended = false

  /// Fills the buffer; the gain comes from what is then in it.
  public init(_ reader: RecordStreamReader, configuration: TrainingConfiguration) throws {
    self.reader = reader
    self.configuration = configuration
    let payload = configuration.specification.payload
    pool = StoredWindows(capacity: configuration.buffer, payload: payload)
    held = StoredWindows(
      capacity: configuration.validBatches * max(configuration.batch, CommonTask.windows), payload: payload)
    shuffle = ShuffleBuffer(
      batch: configuration.batch, oneGroup: configuration.negatives.batchesOneGroup, seed: configuration.seed)
    while !pool.isFull,
      try readTrainingWindow({
        pool.append($0, $1)
        shuffle.append(group: Int32(truncatingIfNeeded: $1.group))
      })
    {}
    guard pool.windowCount >= configuration.batch else {
      throw Failure(
        .badInput, path: "standard input",
        "\(pool.windowCount) full windows to train on, a batch takes \(configuration.batch)",
        hint: schema.map { windowHint($0.length, $0) })
    }
    let transform = try configuration.specification.makeTransform(for: pool)
    try held.check(transform)
    madeTransform = transform
  }

  public let isRepeatable = false

  public var heldOut: (any WindowSource)? { configuration.validFraction > 0 ? held : nil }

  public func fill(_ batch: Batch, number: Int) throws -> Bool {
    while !shuffle.hasBatch {
      guard try refill(shuffle.drawAny()) else {
        counters.withLock { $0.remaining = shuffle.count }
        return false
      }
      counters.withLock { $0.dropped += 1 }
    }
    batch.removeAll()
    shuffle.startBatch()
    for _ in 0..<batch.windows {
      // A slot that this batch has emptied and that was refilled holds another record, so none occurs twice.
      let slot = shuffle.draw()
      let origin = pool.origin(slot)
      let random = RandomStream(seed: configuration.seed, window: origin.record, epoch: 0)
      pool.withPayload(slot, epoch: 0) { batch.append($0, origin, transform, random) }
      if try !refill(slot) {
        pool.remove(slot)
        shuffle.remove(slot)
      }
    }
    batch.heldOut = held.windowCount
    batch.trainingDigest = digest.digest128
    return true
  }

  /// Windows of a stream are its records, whole.
  private func begin(_ schema: RecordSchema) throws {
    try configuration.requireRecords(schema, path: "standard input")
    guard configuration.crop == .none, configuration.specification.window == schema.length else {
      throw Failure(
        .usage,
        "a record stream has windows of \(schema.length) \(schema.unit) that cannot be moved: no \(setting: "crop"), no "
          + "\(setting: "window")",
        hint: "cpc-shard makes a dataset that can be cropped")
    }
    self.schema = schema
  }

  /// Puts the next window of the stream into a slot; false if there is none.
  private func refill(_ slot: Int) throws -> Bool {
    try readTrainingWindow {
      pool.replace(slot, $0, $1)
      shuffle.replace(slot, group: Int32(truncatingIfNeeded: $1.group))
    }
  }

  /// Gives `body` the next full window that is not held out; false if there is none.
  private func readTrainingWindow(_ body: (Payload, WindowOrigin) -> Void) throws -> Bool {
    while true {
      guard let piece, row < piece.records.count else {
        guard !ended, let next = try reader.next() else {
          ended = true
          return false
        }
        if schema == nil { try begin(next.records.schema) }
        piece = next
        row = 0
        continue
      }
      let current = row
      row += 1
      let record = counters.withLock { counts in
        counts.records += 1
        return counts.records - 1
      }
      let batch = piece.records
      guard batch.isFull(current) else {
        counters.withLock { $0.shortEnds += 1 }
        continue
      }
      let utterance = batch.utterance(current)
      let id = piece.utterances[utterance] ?? ""
      let origin = WindowOrigin(
        record: record, utterance: id, start: batch.start(current), group: batch.group(current))
      if HeldOut.rank(id, seed: configuration.seed) < configuration.validFraction {
        if held.isFull {
          counters.withLock { $0.heldOutLeftOut += 1 }
        } else {
          var problem: Failure?
          batch.withPayloads(current, count: batch.schema.length) {
            let payload = Payload($0)
            problem = madeTransform.flatMap { origin.failure(of: payload, $0) }
            held.append(payload, origin)
          }
          if let problem { throw problem }
        }
        continue
      }
      if lastTrained != utterance {
        lastTrained = utterance
        HeldOut.add(id, to: digest)
      }
      batch.withPayloads(current, count: batch.schema.length) { body(Payload($0), origin) }
      return true
    }
  }
}
