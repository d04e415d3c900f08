import FileIO
import Safetensors

/// What the dataset card says of a file.
public struct FileEntry: Sendable, Equatable {
  /// Relative to the dataset folder.
  public var path: String
  public var bytes: Int
  /// XXH3-128 of the whole file, as `xxhsum -H2` prints it.
  public var digest: String
  /// For shards: XXH3-128 of each plane, in file order.
  public var planes: [Plane]
  /// For shards: number of records.
  public var records: Int?

  public struct Plane: Sendable, Equatable {
    public var name: String
    public var digest: String
    public init(name: String, digest: String) {
      self.name = name
      self.digest = digest
    }
  }

  public init(path: String, bytes: Int, digest: String, planes: [Plane] = [], records: Int? = nil) {
    self.path = path
    self.bytes = bytes
    self.digest = digest
    self.planes = planes
    self.records = records
  }

  /// Describes a finished file.
  public init(of path: String, in folder: String) throws {
    let file = "\(folder)/\(path)"
    self.init(path: path, bytes: try File.reading(file).size(), digest: try XXH3.hash128(ofFile: file))
  }
}

/// Writes one shard under a temporary name and publishes it when it is complete.
///
/// Rows of the first plane go to the file as they come; the small planes and the header follow at the end. A file without its header
/// is no safetensors file, so that even a stray temporary file cannot be taken for a shard.
public final class ShardWriter {
  /// `shards/00000.safetensors`, relative to the dataset folder.
  public static func path(shard: Int) -> String {
    let digits = String(shard)
    return "shards/" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".safetensors"
  }

  private let folder: String
  private let path: String
  private let file: File
  private let schema: RecordSchema
  private var planes: SmallPlanes
  private let payloadDigest = XXH3.Stream()
  /// Of the whole file, taken as it is written.
  private var fileDigest: (records: Int, hash: XXH3.Stream)?

  public var count: Int { planes.count }
  /// How often each class of the labels occurs.
  public private(set) var labels: ClassCounts

  /// - Parameters:
  ///   - folder: the dataset folder, which holds a folder `shards`.
  ///   - expected: how many records there will be, if that can be foreseen. The header, which comes first, tells their
  ///     number: if it is right, the file need not be read again for its digest.
  public init(_ schema: RecordSchema, folder: String, shard: Int, expected: Int? = nil) throws {
    self.folder = folder
    self.schema = schema
    planes = SmallPlanes(schema)
    labels = ClassCounts(none: schema.unlabelled)
    path = Self.path(shard: shard)
    file = try File.writing("\(folder)/\(path).partial")
    guard let expected else { return }
    let hash = XXH3.Stream()
    Self.header(schema, records: expected).encoded.withUnsafeBytes { hash.update($0) }
    fileDigest = (expected, hash)
  }

  public func append(_ records: UtteranceRecords) throws {
    var offset = RecordSchema.shardAlignment + planes.count * schema.payload[0].rowSize
    try records.forEachPiece(ofPayload: 0) { piece in
      payloadDigest.update(piece)
      fileDigest?.hash.update(piece)
      try file.write(piece, at: offset)
      offset += piece.count
    }
    planes.append(records)
    guard let label = schema.label else { return }
    records.labels.withUnsafeBytes { bytes in
      _ =
        label.type == .u16
        ? labels.add(bytes.assumingMemoryBound(to: UInt16.self)) : labels.add(bytes.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// Completes the file, makes it durable and gives it its name.
  public func finish() throws -> FileEntry {
    let header = Self.header(schema, records: count)
    var digests = [payloadDigest.digest128]
    var offset = header.tensors[0].range.upperBound
    try planes.forEach { plane in
      try file.write(plane, at: offset)
      offset += plane.count
      digests.append(XXH3.hash128(plane))
      fileDigest?.hash.update(plane)
    }
    try header.encoded.withUnsafeBytes { try file.write($0, at: 0) }
    try file.synchronize()
    try file.close()
    let temporary = "\(folder)/\(path).partial"
    let digest =
      if let (records, hash) = fileDigest, records == count { hash.digest128 } else {
        try XXH3.hash128(ofFile: temporary)
      }
    try Folder.publish(temporary, as: "\(folder)/\(path)")
    return FileEntry(
      path: path, bytes: header.fileSize, digest: digest,
      planes: zip(header.tensors, digests).map { .init(name: $0.name, digest: $1) }, records: count)
  }

  private static func header(_ schema: RecordSchema, records: Int) -> SafetensorsHeader {
    let header = schema.header(records: records, metadata: [], alignment: RecordSchema.shardAlignment)
    precondition(header.dataStart == RecordSchema.shardAlignment)
    return header
  }

  /// Removes the unfinished file.
  public func abandon() {
    try? file.close()
    try? Folder.remove(file: "\(folder)/\(path).partial")
  }
}
