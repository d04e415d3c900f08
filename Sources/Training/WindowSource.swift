import FileIO
import Kernels
public import Models
import Sampling
public import Shards
import Synchronization

/// Where a window comes from.
public struct WindowOrigin: Sendable, Equatable {
  /// Number of the record in its dataset or stream.
  public var record: Int
  public var utterance: String
  /// Offset in the utterance, in units of the records.
  public var start: Int
  /// Index of the speaker.
  public var group: Int

  public init(record: Int, utterance: String, start: Int, group: Int) {
    self.record = record
    self.utterance = utterance
    self.start = start
    self.group = group
  }

  public var description: String { "record \(record) (\(utterance) from \(start) on)" }

  /// What `transform` sees to be wrong with the payload of this window, if anything.
  func failure(of payload: Payload, _ transform: any InputTransform) -> Failure? {
    transform.problem(in: payload).map {
      Failure(.corrupt, at: "record \(record) (\(utterance))", $0, hint: "cpc-inspect verify finds damaged records")
    }
  }
}

/// What helps where there are too few windows of so many units.
func windowHint(_ window: Int, _ schema: RecordSchema) -> String {
  let length = schema == .audio ? "\(Double(window) / Double(AudioRecords.rate)) s" : "\(window) \(schema.unit)"
  return "a window is \(length); more or longer utterances, or a smaller \(setting: "batch")"
}

extension TrainingConfiguration {
  /// Whether the model is one for records of this kind.
  public func learns(from schema: RecordSchema) -> Bool { isSame(schema.kind, type(of: specification).kind) }

  /// Throws unless records of this schema hold what the model learns from.
  public func requireRecords(_ schema: RecordSchema, path: String) throws {
    guard learns(from: schema) else {
      throw Failure(
        .usage, path: path,
        "its records are of the kind \"\(schema.kind)\", and the model is one of \(type(of: specification).kind)",
        hint: "PyTorch takes every kind: see Tools/torch")
    }
    for (name, bytes) in specification.payload {
      guard let plane = schema.payload.first(where: { isSame($0.name, name) }),
        plane.rowSize / schema.length * specification.window == bytes, schema.isContinuous || plane.rowSize == bytes
      else {
        throw Failure(
          .badInput, path: path,
          "its records do not hold the \(bytes) bytes of \(name) that the model takes of each window")
      }
    }
    try specification.requireFacts(schema.facts, path: path)
  }
}

extension RecordSchema {
  /// Whether windows can begin at any unit, and be of any length. Only audio can be cut anywhere.
  var isContinuous: Bool { self == .audio }
}

/// Full windows that can be read in any order, also from several threads. Where they are cropped at random, what a
/// window holds depends on the epoch.
public protocol WindowSource: PayloadSource {
  func origin(_ i: Int, epoch: Int) -> WindowOrigin
  /// Says that window `i` will be read soon.
  func willNeed(_ i: Int, epoch: Int)
  /// Throws if a file that windows come from has been cut short, so that zeros may have been read in their stead.
  func checkIntact() throws
}

extension WindowSource {
  public func origin(_ i: Int) -> WindowOrigin { origin(i, epoch: 0) }
  public func willNeed(_ i: Int, epoch: Int) {}
  public func checkIntact() throws {}

  /// Throws if `transform` sees that any of these holds what cannot be.
  func check(_ transform: any InputTransform) throws {
    for i in 0..<windowCount {
      var failure: Failure?
      withPayload(i, epoch: 0) { failure = origin(i).failure(of: $0, transform) }
      if let failure { throw failure }
    }
  }

  /// The order in which the first `windows` of these are taken: for validation, which needs no message if none can be.
  func plan(_ strategy: NegativeStrategy, windows: Int, batch: Int, seed: UInt64) -> BatchPlan {
    let groups = strategy.batchesOneGroup ? (0..<windows).map { Int32(origin($0).group) } : nil
    return BatchPlan(records: windows, groups: groups, batch: batch, seed: seed)
  }
}

/// Windows kept in memory. One thread may append while others read windows that were there before.
public final class StoredWindows: WindowSource, @unchecked Sendable {
  private let memory: Buffer<UInt8>
  /// Planes of a window, and where each begins in its memory.
  private let planes: [(plane: String, bytes: Int, offset: Int)]
  private let windowBytes: Int
  private let capacity: Int
  private let origins = Mutex<[WindowOrigin]>([])

  /// - Parameter payload: the planes of a window, and the bytes of each.
  public init(capacity: Int, payload: [(plane: String, bytes: Int)]) {
    var planes: [(plane: String, bytes: Int, offset: Int)] = []
    var end = 0
    for (plane, bytes) in payload {
      planes.append((plane, bytes, end))
      // Whatever its elements are, each plane is aligned to them.
      end += (bytes + 63) / 64 * 64
    }
    self.capacity = capacity
    self.planes = planes
    windowBytes = end
    memory = Buffer(count: capacity * end)
  }

  public var windowCount: Int { origins.withLock { $0.count } }
  public var isFull: Bool { windowCount == capacity }

  public func withPayload(_ i: Int, epoch: Int, _ body: (Payload) -> Void) {
    precondition(i >= 0 && i < capacity)
    let start = UnsafeRawPointer(memory.pointer + i * windowBytes)
    body(Payload(planes.map { ($0.plane, UnsafeRawBufferPointer(start: start + $0.offset, count: $0.bytes)) }))
  }

  public func origin(_ i: Int, epoch: Int) -> WindowOrigin { origins.withLock { $0[i] } }

  public func append(_ payload: Payload, _ origin: WindowOrigin) {
    precondition(!isFull)
    let place = windowCount
    copy(payload, to: place)
    origins.withLock { $0.append(origin) }
  }

  public func replace(_ i: Int, _ payload: Payload, _ origin: WindowOrigin) {
    copy(payload, to: i)
    origins.withLock { $0[i] = origin }
  }

  /// Removes window `i`; the last one takes its place.
  public func remove(_ i: Int) {
    let last = windowCount - 1
    if i != last { withPayload(last, epoch: 0) { replace(i, $0, origin(last)) } }
    origins.withLock { _ = $0.removeLast() }
  }

  private func copy(_ payload: Payload, to i: Int) {
    for (plane, bytes, offset) in planes {
      let source = payload.elements(plane, as: UInt8.self)
      precondition(source.count == bytes)
      (memory.pointer + i * windowBytes + offset).update(from: source.baseAddress!, count: bytes)
    }
  }
}
