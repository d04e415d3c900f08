public import FileIO
import Glibc
public import Safetensors

/// Some records, row by row, in the memory of a mapped shard or of a piece of a record stream.
///
/// Nothing but the layout has been checked: values such as ``valid(_:)`` come as the file has them, within their type.
public struct RecordBatch: @unchecked Sendable {
  public let count: Int
  public let schema: RecordSchema
  public let header: SafetensorsHeader
  private let bytes: UnsafeRawBufferPointer
  /// Keeps `bytes` alive.
  private let owner: AnyObject
  /// Of each plane of the payload, its rows and the bytes of a unit.
  private let payload: [(rows: UnsafeRawPointer, unit: Int)]
  private let starts: UnsafePointer<Int64>
  private let valids: UnsafePointer<Int32>
  private let utterances: UnsafePointer<Int32>
  private let groups: UnsafePointer<Int32>
  /// Labels of the records, where they have some.
  public let labels: RecordPlane?
  /// Planes that were added to the dataset, in the order of their names.
  public internal(set) var overlays: [RecordPlane] = []

  /// `bytes` is a whole safetensors file that `owner` keeps alive.
  init(header: SafetensorsHeader, bytes: UnsafeRawBufferPointer, owner: AnyObject, path: String) throws {
    schema = try RecordSchema(header, path: path)
    // Checks of a record go through all planes.
    guard header.tensors.count <= 1_000 else {
      throw Failure(.corrupt, path: path, "\(header.tensors.count) planes")
    }
    let count = header.tensor(schema.payload[0].name)!.shape[0]
    // A plane without a row for each record could not be checked or handed out record by record.
    guard header.tensors.allSatisfy({ $0.name.begins(with: "_pad") || $0.shape.first == count }) else {
      throw Failure(.corrupt, path: path, "planes of different length")
    }
    let planes = schema.planes.map { header.tensor($0.name)! }
    for plane in planes where Int(bitPattern: bytes.baseAddress! + plane.range.lowerBound) % plane.type.size != 0 {
      throw Failure(.corrupt, path: path, "plane \"\(plane.name)\" is not aligned to its elements")
    }
    let roles = schema.roles
    func rows(_ role: RecordSchema.Role) -> UnsafeRawPointer {
      bytes.baseAddress! + planes[roles.firstIndex(of: role)!].range.lowerBound
    }
    self.count = count
    self.header = header
    self.bytes = bytes
    self.owner = owner
    payload = schema.unitSizes.enumerated().map { (rows(.payload($0)), $1) }
    starts = rows(.start).assumingMemoryBound(to: Int64.self)
    valids = rows(.valid).assumingMemoryBound(to: Int32.self)
    utterances = rows(.utterance).assumingMemoryBound(to: Int32.self)
    groups = rows(.group).assumingMemoryBound(to: Int32.self)
    labels = roles.indices.first { roles[$0] == .label }.map {
      RecordPlane(planes[$0], count: count, bytes: bytes, owner: owner)
    }
  }

  /// The bytes of `count` units from `offset` after the start of `row`; they may reach into the rows that follow. Zero
  /// beyond ``valid(_:)``.
  ///
  /// - Parameter plane: which of the schema's planes of payload.
  public func withPayload<Result>(
    _ row: Int, plane: Int = 0, offset: Int = 0, count: Int? = nil, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let count = count ?? schema.length
    let start = row * schema.length + offset
    precondition(row >= 0 && offset >= 0 && count >= 0 && start + count <= self.count * schema.length)
    let (rows, unit) = payload[plane]
    return try withExtendedLifetime(owner) {
      try body(UnsafeRawBufferPointer(start: rows + start * unit, count: count * unit))
    }
  }

  /// As ``withPayload(_:plane:offset:count:_:)``, of all planes of the payload, by name.
  public func withPayloads<Result>(
    _ row: Int, offset: Int = 0, count: Int, _ body: ([(name: String, bytes: UnsafeRawBufferPointer)]) throws -> Result
  ) rethrows -> Result {
    let planes = schema.payload.indices.map { plane in
      (schema.payload[plane].name, withPayload(row, plane: plane, offset: offset, count: count) { $0 })
    }
    return try withExtendedLifetime(owner) { try body(planes) }
  }

  /// Throws if the shard's file has been cut short since it was mapped.
  public func checkSize() throws { try (owner as? MappedFile)?.checkSize() }

  /// Advises the kernel that these units will be read soon.
  func willNeed(_ row: Int, offset: Int, count: Int) {
    withPayload(row, offset: offset, count: count) { bytes in
      let start = UInt(bitPattern: bytes.baseAddress) & ~4095
      let end = UInt(bitPattern: bytes.baseAddress! + bytes.count)
      madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_WILLNEED)
    }
  }

  /// Offset of the window in its utterance, in units.
  public func start(_ row: Int) -> Int { Int(element(starts, row)) }
  /// Units before the zero padding.
  public func valid(_ row: Int) -> Int { Int(element(valids, row)) }
  /// Index of the utterance in the dataset's list.
  public func utterance(_ row: Int) -> Int { Int(element(utterances, row)) }
  /// Index of the group (speaker, class, book).
  public func group(_ row: Int) -> Int { Int(element(groups, row)) }

  /// Whether the window of `row` holds nothing but what its utterance has.
  public func isFull(_ row: Int) -> Bool { valid(row) == schema.length }

  private func element<Element>(_ plane: UnsafePointer<Element>, _ row: Int) -> Element {
    precondition(row >= 0 && row < count)
    return withExtendedLifetime(owner) { plane[row] }
  }

  /// The plane `name`, from the shard itself or added later; nil if there is none.
  public func plane(_ name: String) -> RecordPlane? {
    if let overlay = overlays.first(where: { isSame($0.name, name) }) { return overlay }
    guard schema.planes.contains(where: { isSame($0.name, name) }) else { return nil }
    return header.tensor(name).map { RecordPlane($0, count: count, bytes: bytes, owner: owner) }
  }

  /// Whether the checksum of `row` is that of its bytes in all other planes, in file order.
  public func isIntact(_ row: Int, hash: XXH3.Stream) -> Bool {
    withExtendedLifetime(owner) { header.isIntact(row: row, of: count, in: bytes, hash: hash) }
  }
}
