public import FileIO

/// The records of one utterance, checksums included, ready to be written.
public struct UtteranceRecords: @unchecked Sendable {
  public let schema: RecordSchema
  /// Number of records.
  public let count: Int
  /// Index of the utterance and of its group.
  public let utterance: Int32
  public let group: Int32
  /// Of each plane of the payload, the windows that are full, one after the other, in memory that `owner` keeps.
  private let full: [UnsafeRawBufferPointer]
  private let owner: any AnyObject & Sendable
  /// Of each plane, the last window, padded with zeros, if it is not full.
  private let padded: [[UInt8]]
  let starts: [Int64]
  let valids: [Int32]
  let labels: [UInt8]
  let checksums: [UInt64]

  /// Cuts an utterance into windows.
  ///
  /// - Parameters:
  ///   - payload: all units of the utterance, a buffer for each plane of the schema's payload, in memory that `owner`
  ///     keeps.
  ///   - labels: the elements of the schema's label plane, cell by cell from the utterance's start, little-endian, or nil;
  ///     cells beyond its end are unlabelled.
  ///   - hash: scratch.
  public init(
    _ schema: RecordSchema, payload: [UnsafeRawBufferPointer], owner: any AnyObject & Sendable, tail: RecordSchema.Tail,
    utterance: Int, group: Int, labels: [UInt8]?, hash: XXH3.Stream
  ) {
    let sizes = schema.unitSizes
    let units = payload[0].count / sizes[0]
    precondition(zip(payload, sizes).allSatisfy { $0.count == units * $1 })
    let window = schema.length
    let count = schema.records(units: units, tail: tail)
    let fullCount = units / window
    full = zip(payload, sizes).map { UnsafeRawBufferPointer(rebasing: $0[..<(fullCount * window * $1)]) }
    self.owner = owner
    padded = zip(payload, sizes).map { bytes, size in
      guard count > fullCount else { return [] }
      return bytes[(fullCount * window * size)...] + [UInt8](repeating: 0, count: (count * window - units) * size)
    }
    var all = [UInt8](repeating: UInt8.max, count: count * (schema.label?.rowSize ?? 0))
    if let labels, schema.label != nil {
      let known = min(labels.count, all.count)
      all.replaceSubrange(..<known, with: labels[..<known])
    }
    self.schema = schema
    self.count = count
    self.utterance = Int32(utterance)
    self.group = Int32(group)
    starts = (0..<count).map { Int64($0 * window) }
    valids = (0..<count).map { Int32(min(window, units - $0 * window)) }
    self.labels = all
    let rows = Rows(
      full: full, padded: padded, fullCount: fullCount, starts: starts, valids: valids, utterance: self.utterance,
      group: self.group, labels: all)
    checksums = (0..<count).map { rows.checksum($0, schema, hash) }
  }

  /// Whether a cell has a label.
  public var isLabelled: Bool {
    // All bits of a cell without label are set, whatever its width.
    labels.contains { $0 != UInt8.max }
  }

  /// Hands out the bytes of all windows of a plane of the payload, in order.
  func forEachPiece(ofPayload plane: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    if !full[plane].isEmpty { try body(full[plane]) }
    if !padded[plane].isEmpty { try padded[plane].withUnsafeBytes(body) }
  }
}

/// What a record's checksum is taken of.
private struct Rows {
  var full: [UnsafeRawBufferPointer]
  var padded: [[UInt8]]
  var fullCount: Int
  var starts: [Int64]
  var valids: [Int32]
  var utterance: Int32
  var group: Int32
  var labels: [UInt8]

  /// Of a record's bytes in all other planes, in file order.
  func checksum(_ row: Int, _ schema: RecordSchema, _ hash: XXH3.Stream) -> UInt64 {
    hash.reset()
    for (plane, role) in zip(schema.planes, schema.roles) {
      let bytes = row * plane.rowSize..<(row + 1) * plane.rowSize
      switch role {
      case .payload(let i) where row < fullCount: hash.update(UnsafeRawBufferPointer(rebasing: full[i][bytes]))
      case .payload(let i): padded[i].withUnsafeBytes { hash.update($0) }
      case .start: withUnsafeBytes(of: starts[row].littleEndian) { hash.update($0) }
      case .checksum: continue
      case .valid: withUnsafeBytes(of: valids[row].littleEndian) { hash.update($0) }
      case .utterance: withUnsafeBytes(of: utterance.littleEndian) { hash.update($0) }
      case .group: withUnsafeBytes(of: group.littleEndian) { hash.update($0) }
      case .label: labels.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[bytes])) }
      }
    }
    return hash.digest64
  }
}

/// The planes after the first, which are small enough to be held until a shard or a piece of a stream is complete.
struct SmallPlanes {
  let schema: RecordSchema
  private(set) var count = 0
  private var starts: [Int64] = []
  private var checksums: [UInt64] = []
  private var valids: [Int32] = []
  private var utterances: [Int32] = []
  private var groups: [Int32] = []
  private var labels: [UInt8] = []
  /// Of the payload's planes; the first, which is not small, stays empty.
  private var payload: [[UInt8]]

  init(_ schema: RecordSchema) {
    self.schema = schema
    payload = schema.payload.map { _ in [] }
  }

  mutating func append(_ records: UtteranceRecords) {
    count += records.count
    starts += records.starts
    checksums += records.checksums
    valids += records.valids
    utterances += repeatElement(records.utterance, count: records.count)
    groups += repeatElement(records.group, count: records.count)
    labels += records.labels
    for i in payload.indices.dropFirst() { records.forEachPiece(ofPayload: i) { payload[i] += $0 } }
  }

  /// Hands out each plane's bytes in file order, a filler before them where the schema puts one.
  func forEach(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    let rest = count * schema.payload[0].rowSize % 8
    if rest > 0 { try [UInt8](repeating: 0, count: 8 - rest).withUnsafeBytes(body) }
    for role in schema.roles.dropFirst() {
      switch role {
      case .payload(let i): try payload[i].withUnsafeBytes(body)
      case .start: try starts.withUnsafeBytes(body)
      case .checksum: try checksums.withUnsafeBytes(body)
      case .valid: try valids.withUnsafeBytes(body)
      case .utterance: try utterances.withUnsafeBytes(body)
      case .group: try groups.withUnsafeBytes(body)
      case .label: try labels.withUnsafeBytes(body)
      }
    }
  }
}
