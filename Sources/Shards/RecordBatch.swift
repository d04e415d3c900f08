public import FileIO
import Glibc
public import Safetensors

/// Some records, row by row, in the memory of a mapped shard or of a piece of a record stream.
///
/// Nothing but the layout has been checked: values such as ``valid(_:)`` come as the file has them, within their type.
public struct RecordBatch: @unchecked Sendable {
  public let count: Int
  public let header: SafetensorsHeader
  private let bytes: UnsafeRawBufferPointer
  /// Keeps `bytes` alive.
  private let owner: AnyObject
  private let sampleRows: UnsafePointer<Int16>
  private let starts: UnsafePointer<Int64>
  private let checksums: UnsafePointer<UInt64>
  private let valids: UnsafePointer<Int32>
  private let utterances: UnsafePointer<Int32>
  private let groups: UnsafePointer<Int32>
  private let phoneRows: UnsafePointer<UInt8>
  /// Planes that were added to the dataset, in the order of their names.
  public internal(set) var overlays: [RecordPlane] = []

  /// `bytes` is a whole safetensors file that `owner` keeps alive.
  init(header: SafetensorsHeader, bytes: UnsafeRawBufferPointer, owner: AnyObject, path: String) throws {
    guard header[metadata: "cpc.schema"] == "\(RecordSchema.version)", header[metadata: "cpc.kind"] == "audio" else {
      throw Failure(.corrupt, path: path, "not a shard of audio records of schema \(RecordSchema.version)")
    }
    guard let count = header.tensor("samples")?.shape.first else {
      throw Failure(.corrupt, path: path, "no tensor \"samples\"")
    }
    // Checks of a record go through all planes.
    guard header.tensors.count <= 1_000 else {
      throw Failure(.corrupt, path: path, "\(header.tensors.count) planes")
    }
    func plane<Element>(_ name: String, _ element: Element.Type) throws -> UnsafePointer<Element> {
      let expected = RecordSchema.planes.first { isSame($0.name, name) }!
      guard let tensor = header.tensor(name), tensor.type == expected.type, tensor.shape == [count] + expected.row
      else {
        throw Failure(
          .corrupt, path: path, "plane \"\(name)\" is not \(expected.type.rawValue) \([count] + expected.row)")
      }
      let address = bytes.baseAddress! + tensor.range.lowerBound
      guard Int(bitPattern: address) % MemoryLayout<Element>.alignment == 0 else {
        throw Failure(.corrupt, path: path, "plane \"\(name)\" is not aligned to its elements")
      }
      return address.assumingMemoryBound(to: Element.self)
    }
    // A plane without a row for each record could not be checked or handed out record by record.
    guard header.tensors.allSatisfy({ $0.name.begins(with: "_pad") || $0.shape.first == count }) else {
      throw Failure(.corrupt, path: path, "planes of different length")
    }
    self.count = count
    self.header = header
    self.bytes = bytes
    self.owner = owner
    sampleRows = try plane("samples", Int16.self)
    starts = try plane("start", Int64.self)
    checksums = try plane("checksum", UInt64.self)
    valids = try plane("valid", Int32.self)
    utterances = try plane("utterance", Int32.self)
    groups = try plane("group", Int32.self)
    phoneRows = try plane("phones", UInt8.self)
  }

  /// The window of `row`: ``RecordSchema/window`` samples, zero beyond ``valid(_:)``.
  public func withSamples<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<Int16>) throws -> Result
  ) rethrows -> Result {
    precondition(row >= 0 && row < count)
    return try withExtendedLifetime(owner) {
      try body(UnsafeBufferPointer(start: sampleRows + row * RecordSchema.window, count: RecordSchema.window))
    }
  }

  /// `count` samples from `offset` after the start of `row`; they may reach into the rows that follow.
  public func withSamples<Result>(
    _ row: Int, offset: Int, count: Int, _ body: (UnsafeBufferPointer<Int16>) throws -> Result
  ) rethrows -> Result {
    let start = row * RecordSchema.window + offset
    precondition(row >= 0 && offset >= 0 && count >= 0 && start + count <= self.count * RecordSchema.window)
    return try withExtendedLifetime(owner) {
      try body(UnsafeBufferPointer(start: sampleRows + start, count: count))
    }
  }

  /// Throws if the shard's file has been cut short since it was mapped.
  public func checkSize() throws { try (owner as? MappedFile)?.checkSize() }

  /// Advises the kernel that these samples will be read soon.
  func willNeed(_ row: Int, offset: Int, count: Int) {
    withSamples(row, offset: offset, count: count) { samples in
      let start = UInt(bitPattern: samples.baseAddress) & ~4095
      let end = UInt(bitPattern: samples.baseAddress! + count)
      madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_WILLNEED)
    }
  }

  /// The phone label of each cell of `row`, ``RecordSchema/unlabelled`` where there is none.
  public func phones(_ row: Int) -> [UInt8] {
    precondition(row >= 0 && row < count)
    return withExtendedLifetime(owner) {
      Array(UnsafeBufferPointer(start: phoneRows + row * RecordSchema.cells, count: RecordSchema.cells))
    }
  }

  /// Offset of the window in its utterance, in samples.
  public func start(_ row: Int) -> Int { Int(element(starts, row)) }
  /// Samples before the zero padding.
  public func valid(_ row: Int) -> Int { Int(element(valids, row)) }
  /// Index of the utterance in the dataset's list.
  public func utterance(_ row: Int) -> Int { Int(element(utterances, row)) }
  /// Index of the group (speaker).
  public func group(_ row: Int) -> Int { Int(element(groups, row)) }

  /// Whether the window of `row` holds nothing but speech of its utterance.
  public func isFull(_ row: Int) -> Bool { valid(row) == RecordSchema.window }

  private func element<Element>(_ plane: UnsafePointer<Element>, _ row: Int) -> Element {
    precondition(row >= 0 && row < count)
    return withExtendedLifetime(owner) { plane[row] }
  }

  /// The plane of integers `name`, from the shard itself or added later; nil if there is none.
  public func plane(_ name: String) -> RecordPlane? {
    if let overlay = overlays.first(where: { isSame($0.name, name) }) { return overlay }
    guard RecordSchema.planes.contains(where: { isSame($0.name, name) }) else { return nil }
    return header.tensor(name).map { RecordPlane($0, count: count, bytes: bytes, owner: owner) }
  }

  /// Whether the checksum of `row` is that of its bytes in all other planes, in file order.
  public func isIntact(_ row: Int, hash: XXH3.Stream) -> Bool {
    withExtendedLifetime(owner) { header.isIntact(row: row, of: count, in: bytes, hash: hash) }
  }
}
