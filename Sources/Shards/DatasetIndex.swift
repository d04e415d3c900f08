import FileIO
import Safetensors

/// `index.safetensors`: which records belong to which utterance and group, in compressed sparse rows.
///
/// Records are numbered through all shards in order. Tensors, all I64: `utterance_offsets` [U + 1] (records of utterance
/// u: offsets u ..< u + 1), `group_offsets` [G + 1] and `group_records` [N] (records of group g), `shard_offsets`
/// [S + 1], and where records have labels, as ``labelHistogram``, for example `phone_histogram` [256].
public struct DatasetIndex: Sendable {
  public static let fileName = "index.safetensors"

  private let file: SafetensorsFile
  private let tensors: [Name: SafetensorsHeader.Tensor]
  private var histogramName: String?
  private static let histogramSuffix = "_histogram"

  public let utteranceCount: Int
  public let groupCount: Int
  public let recordCount: Int
  public let shardCount: Int

  /// Maps and validates the index: all offsets ascend and lie in range.
  init(folder: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    let file = try SafetensorsFile(mapping: path)
    var tensors: [Name: SafetensorsHeader.Tensor] = [:]
    func check(_ name: String, count: Int = -1, _ body: (UnsafeBufferPointer<Int64>) throws -> Int) throws -> Int {
      tensors[Name(name)] = file.header.tensor(name)
      return try file.withElements(name, .i64, shape: [count], as: Int64.self, body)
    }
    func offsets(_ name: String, last: Int) throws -> Int {
      try check(name) { values in
        guard values.first == 0, values.last == Int64(last), zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw Failure(.corrupt, path: path, "tensor \"\(name)\" does not ascend from 0 to \(last)") }
        return values.count - 1
      }
    }
    recordCount = try check("group_records") { values in
      guard values.allSatisfy({ $0 >= 0 && $0 < Int64(values.count) }) else {
        throw Failure(.corrupt, path: path, "tensor \"group_records\" names records that do not exist")
      }
      return values.count
    }
    utteranceCount = try offsets("utterance_offsets", last: recordCount)
    groupCount = try offsets("group_offsets", last: recordCount)
    shardCount = try offsets("shard_offsets", last: recordCount)
    for tensor in file.header.tensors where tensor.name.ends(with: Self.histogramSuffix) {
      histogramName = tensor.name
      _ = try check(tensor.name) { $0.count }
    }
    self.file = file
    self.tensors = tensors
  }

  private func with<Result>(_ name: String, _ body: (UnsafeBufferPointer<Int64>) -> Result) -> Result {
    file.withBytes(of: tensors[Name(name)]!) { body($0.bindMemory(to: Int64.self)) }
  }

  /// Row `row` of compressed sparse rows.
  private func range(_ name: String, _ row: Int) -> Range<Int> {
    with(name) { Int($0[row])..<Int($0[row + 1]) }
  }

  public func records(ofUtterance utterance: Int) -> Range<Int> { range("utterance_offsets", utterance) }

  /// Records of a group, ascending.
  public func records(ofGroup group: Int) -> [Int] {
    let rows = range("group_offsets", group)
    return with("group_records") { $0[rows].map { Int($0) } }
  }

  public func records(ofShard shard: Int) -> Range<Int> { range("shard_offsets", shard) }

  /// How many cells have each class, those without label last; empty where records have no labels.
  public var labelHistogram: [Int] { histogramName.map { with($0) { $0.map { Int($0) } } } ?? [] }

  /// The shard that holds a record.
  public func shard(ofRecord record: Int) -> Int { row(holding: record, in: "shard_offsets") }

  /// The utterance that a record belongs to.
  public func utterance(ofRecord record: Int) -> Int { row(holding: record, in: "utterance_offsets") }

  /// The last row that begins at or before `record`: after rows without records, the one that holds it.
  private func row(holding record: Int, in name: String) -> Int {
    with(name) { offsets in
      var low = 0
      var high = offsets.count - 1
      while high - low > 1 {
        let middle = (low + high) / 2
        if Int(offsets[middle]) <= record { low = middle } else { high = middle }
      }
      return low
    }
  }

  /// Builds and writes the index.
  ///
  /// - Parameters:
  ///   - utteranceRows: number of records of each utterance, in order.
  ///   - utteranceGroups: group of each utterance.
  ///   - shardRecords: number of records of each shard.
  ///   - labels: counts of the label plane, if the records of `schema` have one.
  public static func write(
    _ schema: RecordSchema, folder: String, utteranceRows: [Int32], utteranceGroups: [Int32], groupCount: Int,
    shardRecords: [Int], labels: ClassCounts
  ) throws {
    func offsets(_ counts: some Sequence<Int>) -> [Int64] {
      var sum: Int64 = 0
      return [0]
        + counts.map { count in
          sum += Int64(count); return sum
        }
    }
    let utteranceOffsets = offsets(utteranceRows.lazy.map { Int($0) })
    var groupCounts = [Int](repeating: 0, count: groupCount)
    for (rows, group) in zip(utteranceRows, utteranceGroups) { groupCounts[Int(group)] += Int(rows) }
    let groupOffsets = offsets(groupCounts)
    var next = groupOffsets
    var groupRecords = [Int64](repeating: 0, count: Int(utteranceOffsets.last!))
    for (utterance, group) in utteranceGroups.enumerated() {
      for record in utteranceOffsets[utterance]..<utteranceOffsets[utterance + 1] {
        groupRecords[Int(next[Int(group)])] = record
        next[Int(group)] += 1
      }
    }
    var tensors = [
      ("utterance_offsets", utteranceOffsets), ("group_offsets", groupOffsets), ("group_records", groupRecords),
      ("shard_offsets", offsets(shardRecords)),
    ]
    if let label = schema.label {
      // `phones` have a `phone_histogram`.
      let one = label.name.ends(with: "s") ? String(label.name.dropping(last: 1)) : label.name
      tensors.append((one + histogramSuffix, labels.histogram.map { Int64($0) }))
    }
    let header = SafetensorsHeader(tensors: tensors.map { ($0.0, .i64, [$0.1.count]) })
    try writeAtomically(to: "\(folder)/\(fileName)") { file in
      try file.write(header.encoded)
      for (_, values) in tensors { try values.withUnsafeBytes { try file.write($0) } }
    }
  }
}
