public import FileIO
import OrderedJSON
import Safetensors

/// A dataset folder opened for reading. Records are numbered through all shards in order.
///
/// Opening reads the card and the index and checks the size and header of every shard against the card, so that no
/// truncated file is ever mapped and read. It does not read the samples; ``verify(_:progress:)`` does.
public final class Dataset: Sendable {
  public let folder: String
  public let card: Card
  public let schema: RecordSchema
  public let index: DatasetIndex
  /// Planes that were added to the shards, by name.
  public let overlays: [Overlay]
  private let shards: [RecordBatch]

  public init(opening folder: String) throws {
    self.folder = folder
    card = try Card.read(folder: folder)
    groups = card.groups
    for entry in card.files { try Self.checkSize(entry, folder: folder) }
    guard card.file(DatasetIndex.fileName) != nil, card.file(UtteranceList.fileName) != nil else {
      throw Failure(.corrupt, path: "\(folder)/\(Card.fileName)", "it does not list its index and utterances")
    }
    index = try DatasetIndex(folder: folder)
    overlays = card.overlays
    var shards = try card.shards.map { try Self.open($0, folder: folder) }
    for overlay in overlays {
      try Self.attach(overlay, files: card.files(ofOverlay: overlay.name), to: &shards, folder)
    }
    self.shards = shards
    guard let schema = shards.first?.schema, shards.allSatisfy({ $0.schema == schema }) else {
      throw Failure(
        .corrupt, path: "\(folder)/\(Card.fileName)",
        shards.isEmpty ? "it lists no shard" : "its shards hold records of different kinds")
    }
    self.schema = schema
    guard index.shardCount == shards.count,
      shards.indices.allSatisfy({ index.records(ofShard: $0).count == shards[$0].count }),
      index.groupCount == groups.count
    else {
      throw Failure(.corrupt, path: "\(folder)/\(DatasetIndex.fileName)", "it does not fit the shards of the card")
    }
  }

  static func checkSize(_ entry: FileEntry, folder: String) throws {
    let path = "\(folder)/\(entry.path)"
    let size = try File.reading(path).size()
    guard size == entry.bytes else {
      throw Failure(
        .corrupt, path: path,
        "\(size < entry.bytes ? "cut short" : "too long"): \(size) bytes, the card says \(entry.bytes)")
    }
  }

  static func open(_ entry: FileEntry, folder: String) throws -> RecordBatch {
    let mapped = try MappedFile("\(folder)/\(entry.path)")
    let file = try SafetensorsFile(mapped)
    let batch = try mapped.withBytes {
      try RecordBatch(header: file.header, bytes: $0, owner: mapped, path: file.path)
    }
    guard batch.count == entry.records else {
      throw Failure(.corrupt, path: file.path, "\(batch.count) records, the card says \(entry.records ?? 0)")
    }
    return batch
  }

  /// Adds the plane of `overlay` to each shard.
  private static func attach(
    _ overlay: Overlay, files: [FileEntry], to shards: inout [RecordBatch], _ folder: String
  ) throws {
    guard files.map({ Overlay.parse($0.path)?.shard }) == Array(shards.indices) else {
      throw Failure(
        .corrupt, path: "\(folder)/\(Card.fileName)", "plane \"\(overlay.name)\" is not listed for every shard",
        hint: hint)
    }
    for (i, entry) in files.enumerated() {
      let mapped = try MappedFile("\(folder)/\(entry.path)")
      let header = try SafetensorsFile(mapped).header
      try overlay.check(header, records: shards[i].count, path: mapped.path)
      let plane = mapped.withBytes {
        RecordPlane(header.tensor(overlay.name)!, count: shards[i].count, bytes: $0, owner: mapped)
      }
      shards[i].overlays.append(plane)
    }
  }

  public var recordCount: Int { index.recordCount }
  public var utteranceCount: Int { index.utteranceCount }
  /// Names of the groups (speakers), by index.
  public let groups: [String]
  /// Identifies this state of the dataset.
  public var digest: String { card.digest }

  /// The shard of a record and its row there.
  public func locate(_ record: Int) -> (shard: RecordBatch, row: Int) {
    precondition(record >= 0 && record < recordCount)
    let shard = index.shard(ofRecord: record)
    return (shards[shard], record - index.records(ofShard: shard).lowerBound)
  }

  /// Throws if a record's checksum is not that of its bytes: what goes out of a dataset has none any more.
  ///
  /// - Parameter records: of one utterance, or one.
  public func requireIntact(_ records: Range<Int>, hash: XXH3.Stream) throws {
    guard let first = records.first else { return }
    let (batch, row) = locate(first)
    guard let bad = records.indices.first(where: { !batch.isIntact(row + $0 - first, hash: hash) }) else { return }
    throw Failure(
      .corrupt, path: folder, at: "record \(bad)", "its checksum differs from its content",
      hint: "cpc-inspect verify names what is damaged")
  }

  /// The bytes of `count` units of a plane of the payload from `offset` after the start of a record, mapped. All records
  /// of an utterance lie one after another, so any part of one can be had.
  public func withPayload<Result>(
    _ record: Int, plane: Int = 0, offset: Int = 0, count: Int? = nil, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let (shard, row) = locate(record)
    return try shard.withPayload(row, plane: plane, offset: offset, count: count, body)
  }

  /// Advises the kernel that these units will be read soon.
  public func willNeed(_ record: Int, offset: Int, count: Int) {
    let (shard, row) = locate(record)
    shard.willNeed(row, offset: offset, count: count)
  }

  /// Identifies the payload of all records and whose it is, whatever else is in the dataset.
  public var payloadDigest: String {
    let hash = XXH3.Stream()
    let names = zip(schema.planes, schema.roles).filter { $1 != .label && $1 != .checksum }.map(\.0.name)
    for shard in card.shards {
      let planes = shard.planes.filter { plane in names.contains { isSame($0, plane.name) } }
      for digest in planes.isEmpty ? [shard.digest] : planes.map(\.digest) {
        Array("\(digest)\n".utf8).withUnsafeBytes { hash.update($0) }
      }
    }
    return hash.digest128
  }

  /// Units of an utterance that the dataset has.
  public func unitCount(ofUtterance utterance: Int) -> Int {
    let records = records(ofUtterance: utterance)
    return records.isEmpty ? 0 : (records.count - 1) * schema.length + valid(records.upperBound - 1)
  }

  /// Units before the zero padding; values that no writer makes are clamped to the window.
  public func valid(_ record: Int) -> Int {
    let (shard, row) = locate(record)
    return min(schema.length, max(0, shard.valid(row)))
  }

  /// Whether the window holds nothing but what its utterance has.
  public func isFull(_ record: Int) -> Bool { valid(record) == schema.length }

  /// Index of the utterance of a record, from the index.
  public func utterance(_ record: Int) -> Int { index.utterance(ofRecord: record) }

  /// Index of the group of a record.
  public func group(_ record: Int) throws -> Int {
    let (shard, row) = locate(record)
    let group = shard.group(row)
    guard groups.indices.contains(group) else {
      throw Failure(
        .corrupt, path: folder, at: "record \(record)", "group \(group) of \(groups.count)", hint: Self.hint)
    }
    return group
  }

  public func records(ofUtterance utterance: Int) -> Range<Int> { index.records(ofUtterance: utterance) }

  /// The utterance list, from its beginning.
  public func utterances() throws -> UtteranceList { try UtteranceList(folder: folder, unit: schema.unit) }

  /// All utterance ids, by index.
  public func utteranceIDs() throws -> [String] {
    let list = try utterances()
    var ids: [String] = []
    ids.reserveCapacity(utteranceCount)
    while let line = try list.next() { ids.append(line.id) }
    guard ids.count == utteranceCount else {
      throw Failure(
        .corrupt, path: "\(folder)/\(UtteranceList.fileName)",
        "\(ids.count) lines, the index counts \(utteranceCount) utterances", hint: Self.hint)
    }
    return ids
  }

  /// A file that belongs to the dataset, if it is what the card says; a `Failure` says what is wrong with it.
  public func intactFile(_ name: String) throws -> File {
    let path = "\(folder)/\(name)"
    guard let entry = card.file(name) else {
      throw Failure(.corrupt, path: path, "the card does not list it", hint: Self.hint)
    }
    guard try XXH3.hash128(ofFile: path) == entry.digest else {
      throw Failure(.corrupt, path: path, "its digest differs from the card's", hint: Self.hint)
    }
    return try File.reading(path)
  }

  /// What the card counts of utterances that had some, for example `clipped` samples: those of which it has both
  /// `KEY_UNIT` and `KEY_utterances`.
  public var recordCounts: [(key: String, unit: String)] {
    let counts = card.facts["counts"]?.objectValue?.members.map(\.key) ?? []
    return counts.compactMap { name in
      guard let parts = name.divided(atLast: "_"), !isSame(parts.tail, "utterances") else { return nil }
      let key = String(parts.head)
      return counts.contains { isSame($0, "\(key)_utterances") } ? (key, String(parts.tail)) : nil
    }
  }

  static let hint = "cpc-inspect verify names what is damaged"
}
