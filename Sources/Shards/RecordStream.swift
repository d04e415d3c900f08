public import FileIO
import OrderedJSON
import Safetensors

// A record stream is small whole safetensors files back to back, each with the planes of a shard. The metadata of each
// name the utterances and groups that occur in it; the last has no records, `cpc.stream` = `end`, the counts, and the
// XXH3-128 of everything before it.

private let streamKey = "cpc.stream"
private let utterancesKey = "cpc.utterances"
private let groupsKey = "cpc.groups"

/// Names of what a piece of a stream refers to by index.
public struct StreamNames: Sendable, Equatable {
  private var names: [Int: String] = [:]

  public subscript(index: Int) -> String? { names[index] }

  /// Of an index that has a name already, that stays.
  mutating func insert(_ index: Int, _ name: String) { if names[index] == nil { names[index] = name } }

  /// Pairs of index and name, ascending by index.
  fileprivate var json: String {
    JSON.array(names.sorted { $0.key < $1.key }.map { .array([.int($0.key), .string($0.value)]) }).compact
  }

  fileprivate init?(_ text: String) {
    guard let pairs = (try? JSON(parsing: text))?.arrayValue else { return nil }
    for pair in pairs {
      guard let pair = pair.arrayValue, pair.count == 2, let index = pair[0].intValue, let name = pair[1].stringValue
      else { return nil }
      insert(index, name)
    }
  }

  init() {}
}

/// Writes a record stream.
public final class RecordStreamWriter {
  private let file: File
  private let schema: RecordSchema
  private var planes: SmallPlanes
  private var pending: [UtteranceRecords] = []
  private var utterances = StreamNames()
  private var groups = StreamNames()
  private var records = 0
  private let digest = XXH3.Stream()
  /// A piece is closed before the utterance that would take it past this many records; memory on both sides is bounded
  /// by it.
  private let recordsPerPiece: Int

  public init(_ schema: RecordSchema, _ file: File, recordsPerPiece: Int = 64) {
    self.schema = schema
    planes = SmallPlanes(schema)
    self.file = file
    self.recordsPerPiece = recordsPerPiece
  }

  public func append(_ records: UtteranceRecords, id: String, group: String) throws {
    guard records.count > 0 else { return }
    if planes.count > 0, planes.count + records.count > recordsPerPiece { try flush() }
    planes.append(records)
    pending.append(records)
    utterances.insert(Int(records.utterance), id)
    groups.insert(Int(records.group), group)
  }

  /// Writes what is pending and the end mark.
  public func finish() throws {
    if planes.count > 0 { try flush() }
    try file.write(endMark(schema, records: records, digest: digest.digest128))
  }

  private func flush() throws {
    let metadata = [(streamKey, "records"), (utterancesKey, utterances.json), (groupsKey, groups.json)]
    let header = schema.header(records: planes.count, metadata: metadata, alignment: 64)
    try header.encoded.withUnsafeBytes { try write($0) }
    for records in pending { try records.forEachPiece(ofPayload: 0) { try write($0) } }
    try planes.forEach { try write($0) }
    records += planes.count
    planes = SmallPlanes(schema)
    pending = []
    utterances = StreamNames()
    groups = StreamNames()
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    digest.update(bytes)
    try file.write(bytes)
  }
}

private func endMark(_ schema: RecordSchema, records: Int, digest: String) -> [UInt8] {
  let metadata = [(streamKey, "end"), ("cpc.records", "\(records)"), ("cpc.xxh3_128", digest)]
  return schema.header(records: 0, metadata: metadata, alignment: 64).encoded
}

/// A piece of a record stream.
public struct StreamPiece: Sendable {
  public var records: RecordBatch
  public var utterances: StreamNames
  public var groups: StreamNames
}

/// Reads a record stream, checking each piece's layout and each record's checksum.
public final class RecordStreamReader {
  private let file: File
  private var offset = 0
  private var records = 0
  private var finished = false
  /// A piece that was read before it was asked for.
  private var ahead: StreamPiece?
  private let hash = XXH3.Stream()
  private let digest = XXH3.Stream()

  /// A piece larger than this is refused rather than read into memory.
  private static let maximumPiece = 1 << 30

  public init(_ file: File) { self.file = file }

  /// What the records of the stream are; nil if it has none. What was read for it is the next piece.
  public func schema() throws -> RecordSchema? {
    if ahead == nil { ahead = try readPiece() }
    return ahead?.records.schema
  }

  /// The next piece; nil after the end mark. A stream that ends without one is an error.
  public func next() throws -> StreamPiece? {
    defer { ahead = nil }
    return try ahead ?? readPiece()
  }

  private func readPiece() throws -> StreamPiece? {
    guard !finished else { return nil }
    let place = "byte \(offset)"
    func corrupt(_ reason: String) -> Failure { Failure(.corrupt, path: file.path, at: place, reason) }
    let prefix = try read(8, place: place)
    let headerLength = try prefix.withUnsafeBytes { try SafetensorsHeader.length(prefix: $0, path: file.path) }
    guard headerLength <= Self.maximumPiece / 16 else { throw corrupt("header of \(headerLength) bytes") }
    let rest = try read(headerLength - 8, place: place)
    let head = prefix + rest
    let header = try head.withUnsafeBytes { try SafetensorsHeader(parsing: $0, path: file.path) }
    guard header.fileSize <= Self.maximumPiece else { throw corrupt("a piece of \(header.fileSize) bytes") }
    guard let kind = header[metadata: streamKey] else {
      throw Failure(
        .badInput, path: file.path, at: place, "a safetensors file, but not a record stream",
        hint: "cpc-shard … -o - writes one")
    }
    if kind == "end" {
      guard header[metadata: "cpc.records"] == "\(records)" else {
        throw corrupt("the end mark counts \(header[metadata: "cpc.records"] ?? "no") records, \(records) came")
      }
      let schema = try RecordSchema(header, path: file.path)
      guard head == endMark(schema, records: records, digest: digest.digest128) else {
        throw corrupt("damaged: the stream's digest does not match its content")
      }
      finished = true
      var more: UInt8 = 0
      guard try withUnsafeMutableBytes(of: &more, { try file.read(into: $0) }) == 0 else {
        throw corrupt("something follows the end of the record stream")
      }
      return nil
    }
    let memory = PieceMemory(count: header.fileSize)
    memory.bytes.copyBytes(from: head)
    let body = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[header.dataStart...])
    let count = try file.readFully(into: body)
    guard count == body.count else { throw truncated(place) }
    offset += header.fileSize
    digest.update(UnsafeRawBufferPointer(memory.bytes))
    let batch = try RecordBatch(
      header: header, bytes: UnsafeRawBufferPointer(memory.bytes), owner: memory, path: file.path)
    guard let utterances = StreamNames(header[metadata: utterancesKey] ?? ""),
      let groups = StreamNames(header[metadata: groupsKey] ?? "")
    else { throw corrupt("the piece does not name its utterances and groups") }
    for row in 0..<batch.count {
      guard batch.isIntact(row, hash: hash) else { throw corrupt("row \(row): wrong checksum") }
      guard (0...batch.schema.length).contains(batch.valid(row)) else { throw corrupt("row \(row): bad valid count") }
      guard utterances[batch.utterance(row)] != nil, groups[batch.group(row)] != nil else {
        throw corrupt("row \(row): utterance or group without a name")
      }
    }
    records += batch.count
    return StreamPiece(records: batch, utterances: utterances, groups: groups)
  }

  private func read(_ count: Int, place: String) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try file.readFully(into: $0) }
    guard got == count else { throw truncated(place) }
    return bytes
  }

  private func truncated(_ place: String) -> Failure {
    Failure(
      .corrupt, path: file.path, at: place,
      "the record stream ends without its end mark, after \(records) record\(records == 1 ? "" : "s")",
      hint: "the writing program failed or was stopped")
  }
}

/// Memory of one piece, aligned like a mapped file.
private final class PieceMemory {
  let bytes: UnsafeMutableRawBufferPointer
  init(count: Int) { bytes = .allocate(byteCount: count, alignment: 64) }
  deinit { bytes.deallocate() }
}
