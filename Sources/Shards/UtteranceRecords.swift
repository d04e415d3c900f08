public import FileIO

/// The records of one utterance, checksums included, ready to be written.
public struct UtteranceRecords: @unchecked Sendable {
  /// Number of records.
  public let count: Int
  /// Index of the utterance and of its group.
  public let utterance: Int32
  public let group: Int32
  /// The windows that are full, one after the other, in memory that `owner` keeps.
  private let full: UnsafeBufferPointer<Int16>
  private let owner: any AnyObject & Sendable
  /// The last window, padded with zeros, if it is not full.
  private let padded: [Int16]
  let starts: [Int64]
  let valids: [Int32]
  let phones: [UInt8]
  let checksums: [UInt64]

  /// Cuts an utterance into windows.
  ///
  /// - Parameters:
  ///   - samples: the whole utterance, in memory that `owner` keeps.
  ///   - labels: one phone class per cell from the utterance's start, or nil; cells beyond its end are unlabelled.
  ///   - hash: scratch.
  public init(
    samples: UnsafeBufferPointer<Int16>, owner: any AnyObject & Sendable, tail: RecordSchema.Tail, utterance: Int,
    group: Int, labels: [UInt8]?, hash: XXH3.Stream
  ) {
    let length = samples.count
    let window = RecordSchema.window
    let count = RecordSchema.records(samples: length, tail: tail)
    let fullCount = length / window
    full = UnsafeBufferPointer(rebasing: samples[..<(fullCount * window)])
    self.owner = owner
    padded =
      count > fullCount
      ? samples[(fullCount * window)...] + [Int16](repeating: 0, count: count * window - length) : []
    var phones = [UInt8](repeating: RecordSchema.unlabelled, count: count * RecordSchema.cells)
    if let labels {
      let known = min(labels.count, phones.count)
      phones.replaceSubrange(..<known, with: labels[..<known])
    }
    self.count = count
    self.utterance = Int32(utterance)
    self.group = Int32(group)
    starts = (0..<count).map { Int64($0 * window) }
    valids = (0..<count).map { Int32(min(window, length - $0 * window)) }
    var checksums: [UInt64] = []
    for row in 0..<count {
      hash.reset()
      if row < fullCount {
        hash.update(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: full[row * window..<(row + 1) * window])))
      } else {
        padded.withUnsafeBytes { hash.update($0) }
      }
      withUnsafeBytes(of: starts[row].littleEndian) { hash.update($0) }
      withUnsafeBytes(of: valids[row].littleEndian) { hash.update($0) }
      withUnsafeBytes(of: self.utterance.littleEndian) { hash.update($0) }
      withUnsafeBytes(of: self.group.littleEndian) { hash.update($0) }
      phones.withUnsafeBytes {
        hash.update(UnsafeRawBufferPointer(rebasing: $0[row * RecordSchema.cells..<(row + 1) * RecordSchema.cells]))
      }
      checksums.append(hash.digest64)
    }
    self.phones = phones
    self.checksums = checksums
  }

  /// Whether a cell has a label.
  public var isLabelled: Bool { phones.contains { $0 != RecordSchema.unlabelled } }

  /// Hands out the bytes of all windows in order.
  func forEachSamplePiece(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    if !full.isEmpty { try body(UnsafeRawBufferPointer(full)) }
    if !padded.isEmpty { try padded.withUnsafeBytes(body) }
  }
}

/// The planes after the samples, which are small enough to be held until a shard or a piece of a stream is complete.
struct SmallPlanes {
  private(set) var count = 0
  private var starts: [Int64] = []
  private var checksums: [UInt64] = []
  private var valids: [Int32] = []
  private var utterances: [Int32] = []
  private var groups: [Int32] = []
  private var phones: [UInt8] = []

  mutating func append(_ records: UtteranceRecords) {
    count += records.count
    starts += records.starts
    checksums += records.checksums
    valids += records.valids
    utterances += repeatElement(records.utterance, count: records.count)
    groups += repeatElement(records.group, count: records.count)
    phones += records.phones
  }

  /// Hands out each plane's bytes in file order.
  func forEach(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try starts.withUnsafeBytes(body)
    try checksums.withUnsafeBytes(body)
    try valids.withUnsafeBytes(body)
    try utterances.withUnsafeBytes(body)
    try groups.withUnsafeBytes(body)
    try phones.withUnsafeBytes(body)
  }
}
