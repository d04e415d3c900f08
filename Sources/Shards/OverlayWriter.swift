public import FileIO
import Glibc
public import OrderedJSON
import Safetensors

extension Overlay {
  private static let kind = "overlay"

  /// The header of one of its files.
  func header(records: Int) -> SafetensorsHeader {
    var metadata = [("cpc.schema", "\(RecordSchema.version)"), ("cpc.kind", Self.kind)]
    switch content {
    case .labels(let phoneSet, let classes):
      metadata.append(("cpc.phone_set", phoneSet))
      metadata.append(("cpc.classes", JSON.array(classes.map { .string($0) }).compact))
    case .key(let key, _): metadata.append(("cpc.key", key))
    }
    return SafetensorsHeader(
      tensors: [("checksum", .u64, [records]), (name, type, [records] + row)], metadata: metadata)
  }

  /// Whether a header is that of an added plane, whichever.
  static func isOverlay(_ header: SafetensorsHeader) -> Bool {
    header[metadata: "cpc.schema"] == "\(RecordSchema.version)" && header[metadata: "cpc.kind"] == kind
  }

  /// Rows of a file of any added plane, whose tensors all have as many.
  static func recordCount(_ header: SafetensorsHeader, path: String) throws -> Int {
    guard isOverlay(header), let checksum = header.tensor("checksum"), checksum.type == .u64, checksum.shape.count == 1,
      header.tensors.allSatisfy({ $0.shape.first == checksum.shape[0] })
    else { throw Failure(.corrupt, path: path, "not an added plane of schema \(RecordSchema.version)") }
    return checksum.shape[0]
  }

  /// The file must hold this plane with a row for each of the `records` of its shard.
  func check(_ header: SafetensorsHeader, records: Int, path: String) throws {
    let count = try Self.recordCount(header, path: path)
    guard count == records else {
      throw Failure(.corrupt, path: path, "\(count) rows, the shard has \(records)")
    }
    guard let tensor = header.tensor(name), tensor.type == type, tensor.shape == [records] + row else {
      throw Failure(.corrupt, path: path, "plane \"\(name)\" is not \(type.rawValue) \([records] + row)")
    }
    guard tensor.range.lowerBound % type.size == 0 else {
      throw Failure(.corrupt, path: path, "plane \"\(name)\" is not aligned to its elements")
    }
  }
}

/// Writes the files of an added plane, in any order of records. They have their names after ``finish()``, but belong to
/// the dataset only when the card lists them.
public final class OverlayWriter {
  private let folder: String
  private let overlay: Overlay
  private let utteranceRows: [Int32]
  /// The first record of each shard, and the number of all.
  private let offsets: [Int]
  private let isReplacing: Bool
  private var current: (shard: Int, file: File)?

  /// Makes files in which every record has no value.
  ///
  /// - Parameters:
  ///   - folder: the dataset folder with its shards.
  ///   - utteranceRows: number of records of each utterance.
  ///   - shardRecords: number of records of each shard.
  ///   - isReplacing: a plane of this name is there: the files get other names until the card knows them.
  public init(
    _ overlay: Overlay, folder: String, utteranceRows: [Int32], shardRecords: [Int], isReplacing: Bool = false
  ) throws {
    self.overlay = overlay
    self.folder = folder
    self.utteranceRows = utteranceRows
    self.isReplacing = isReplacing
    offsets = shardRecords.reduce(into: [0]) { $0.append($0.last! + $1) }
    do {
      for shard in shardRecords.indices { try prepare(shard) }
    } catch {
      abandon()
      throw error
    }
  }

  private func path(_ shard: Int) -> String {
    let path = Overlay.path(shard: shard, name: overlay.name)
    return isReplacing ? FileEntry.pendingPath(path) : path
  }
  private func temporary(_ shard: Int) -> String { "\(folder)/\(path(shard)).partial" }
  private func header(_ shard: Int) -> SafetensorsHeader {
    overlay.header(records: offsets[shard + 1] - offsets[shard])
  }

  private func prepare(_ shard: Int) throws {
    let file = try File.writing(temporary(shard))
    let plane = header(shard).tensors[1]
    let none = withUnsafeBytes(of: overlay.none.littleEndian) { Array($0[..<overlay.type.size]) }
    let chunk = Array(repeatElement(none, count: 1 << 14).joined())
    var offset = plane.range.lowerBound
    while offset < plane.range.upperBound {
      let count = min(chunk.count, plane.range.upperBound - offset)
      try chunk[..<count].withUnsafeBytes { try file.write($0, at: offset) }
      offset += count
    }
    try file.close()
  }

  /// Writes the values of records that follow one another in one shard.
  ///
  /// - Parameters:
  ///   - record: number of the first, through all shards.
  ///   - bytes: whole rows, little-endian.
  public func write(record: Int, _ bytes: UnsafeRawBufferPointer) throws {
    guard !bytes.isEmpty else { return }
    precondition(bytes.count % overlay.rowSize == 0 && record >= 0 && record < offsets.last!)
    let shard =
      current.map { offsets[$0.shard]..<offsets[$0.shard + 1] }?.contains(record) == true
      ? current!.shard : offsets.lastIndex { $0 <= record }!
    precondition(record + bytes.count / overlay.rowSize <= offsets[shard + 1])
    if current?.shard != shard {
      try current?.file.close()
      current = (shard, try File.open(temporary(shard), flags: O_RDWR, action: "open"))
    }
    let start = header(shard).tensors[1].range.lowerBound + (record - offsets[shard]) * overlay.rowSize
    try current!.file.write(bytes, at: start)
  }

  /// As above, from integers, which must be in the range of the plane's type.
  public func write(record: Int, _ values: [Int]) throws {
    func write<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) throws {
      try values.map { Element($0) }.withUnsafeBytes { try self.write(record: record, $0) }
    }
    switch overlay.type {
    case .u8: try write(UInt8.self)
    case .u16: try write(UInt16.self)
    case .i32: try write(Int32.self)
    default: try write(Int64.self)
    }
  }

  /// Completes the files and makes them durable under their names.
  ///
  /// - Parameters:
  ///   - progress: called for each shard.
  ///   - completing: takes the histogram of labels, and which utterances have one, for what else it can tell.
  /// - Returns: the plane with its counts, and its files for the card.
  public func finish(
    progress: ProgressHandler = { _ in },
    completing: (_ histogram: inout JSONObject, _ isLabelled: [Bool]) throws -> Void = { _, _ in }
  ) throws -> (overlay: Overlay, files: [FileEntry]) {
    try current?.file.close()
    current = nil
    let classCount: Int? = if case .labels(_, let classes) = overlay.content { classes.count } else { nil }
    var counts = ClassCounts(none: classCount == nil ? 0 : overlay.none)
    var hasValue = utteranceRows.map { _ in false }
    var utterance = 0
    var files: [FileEntry] = []
    for shard in 0..<offsets.count - 1 {
      progress(Progress(done: shard, total: offsets.count - 1, unit: "shards", detail: "completing \(overlay.name)"))
      files.append(
        try finish(shard) { plane in
          var row = 0
          while row < plane.count {
            let rows = row..<row + Int(utteranceRows[utterance])
            hasValue[utterance] =
              classCount == nil
              ? plane.count(of: self.overlay.none, in: rows) < rows.count * plane.width
              : plane.count(rows, into: &counts)
            row = rows.upperBound
            utterance += 1
          }
        })
    }
    var overlay = overlay
    let without = JSON.int(zip(utteranceRows, hasValue).count { $0 > 0 && !$1 })
    if let classCount {
      overlay.statistics["labelled_cells"] = .int(counts.labelledCells)
      overlay.statistics["unlabelled_cells"] = .int(counts.unlabelledCells)
      overlay.statistics["unlabelled_utterances"] = without
      var histogram = counts.histogram(classes: classCount)
      try completing(&histogram, hasValue)
      overlay.statistics["histogram"] = .object(histogram)
    } else {
      overlay.statistics["utterances_without"] = without
    }
    return (overlay, files)
  }

  private func finish(_ shard: Int, count: (RecordPlane) -> Void) throws -> FileEntry {
    let header = header(shard)
    let records = offsets[shard + 1] - offsets[shard]
    let file = try File.open(temporary(shard), flags: O_RDWR, action: "open")
    // A shard without records has nothing after its header, and is no longer than that.
    try header.encoded.withUnsafeBytes { try file.write($0, at: 0) }
    let mapped = try MappedFile(temporary(shard))
    let (checksums, digest) = mapped.withBytes { bytes in
      let plane = RecordPlane(header.tensors[1], count: records, bytes: bytes, owner: mapped)
      count(plane)
      return (
        (0..<records).map { plane.withBytes($0..<$0 + 1) { XXH3.hash64($0).littleEndian } },
        plane.withBytes(0..<records) { XXH3.hash128($0) }
      )
    }
    try checksums.withUnsafeBytes { try file.write($0, at: header.tensors[0].range.lowerBound) }
    try file.synchronize()
    try file.close()
    let path = path(shard)
    let entry = FileEntry(
      path: path, bytes: header.fileSize, digest: try XXH3.hash128(ofFile: temporary(shard)),
      planes: [
        .init(name: "checksum", digest: checksums.withUnsafeBytes { XXH3.hash128($0) }),
        .init(name: overlay.name, digest: digest),
      ])
    try Folder.publish(temporary(shard), as: "\(folder)/\(path)")
    return entry
  }

  /// Removes what has been written.
  public func abandon() {
    try? current?.file.close()
    for shard in 0..<offsets.count - 1 {
      try? Folder.remove(file: temporary(shard))
    }
  }
}
