import FileIO
import OrderedJSON
import Shards

/// `part.jsonl`: what a part says of the shards that it has made. Its lines are those of its journal; the last says which
/// part it is.
struct FinishedPart {
  static let fileName = "part.jsonl"

  let folder: String
  private let schema: RecordSchema
  let part: Part
  let shards: [FinishedShard]
  let allShards: Int
  private let command: JSON
  private let facts: JSON

  init(folder: String, _ schema: RecordSchema) throws {
    self.folder = folder
    self.schema = schema
    let path = "\(folder)/\(Self.fileName)"
    guard Folder.kind(of: folder) == .folder else { throw Failure(.badInput, path: folder, "no such folder") }
    guard Folder.kind(of: path) == .file else {
      throw Failure(
        .badInput, path: folder, "it holds no finished part: there is no \(Self.fileName)",
        hint: "\(setting: "part") writes it last; an interrupted one goes on when it is started again")
    }
    let lines = try Journal.lines(at: path)
    guard let command = lines.first?["command"], let facts = lines.last, let index = facts["part"]?.intValue,
      let part = facts["parts"]?.intValue.flatMap({ Part(index: index, count: $0) }),
      let allShards = facts["all_shards"]?.intValue
    else { throw Failure(.corrupt, path: path, "incomplete") }
    // An interrupted run may have made a shard again: the last line counts.
    var latest: [Int: FinishedShard] = [:]
    for (i, line) in lines[1..<lines.count - 1].enumerated() {
      guard let shard = FinishedShard(line, schema) else {
        throw Failure(.corrupt, path: path, at: "line \(i + 2)", "no shard")
      }
      latest[shard.shard] = shard
    }
    shards = latest.values.sorted { $0.shard < $1.shard }
    guard facts["shards"]?.intValue == shards.count else { throw Failure(.corrupt, path: path, "incomplete") }
    self.part = part
    self.command = command
    self.allShards = allShards
    self.facts = facts
  }

  /// Parts 0 to n − 1 of a dataset, in order; throws if one is missing, was made by another command, or is the dataset.
  static func complete(_ folders: [String], to dataset: String, options: ShardingOptions) throws -> [FinishedPart] {
    let parts = try folders.map { try FinishedPart(folder: $0, options.maker.schema) }.sorted {
      $0.part.index < $1.part.index
    }
    guard let first = parts.first else { throw Failure(.usage, "no part to merge") }
    let wanted = relevant(JSON.object(options.fingerprint))
    for (i, part) in parts.enumerated() {
      if let key = difference(relevant(part.command), wanted) {
        throw Failure(
          .badInput, path: part.folder, "the part was made with another setting of '\(key.replacing("_", with: "-"))'",
          hint: "parts and what joins them take the same input and flags")
      }
      guard part.part.count == first.part.count, part.allShards == first.allShards else {
        throw Failure(
          .badInput, path: part.folder,
          "part \(part.part.description) of \(part.allShards) shards does not go with "
            + "part \(first.part.description) of \(first.allShards) (\(first.folder))")
      }
      if i > 0, parts[i - 1].part == part.part {
        throw Failure(.badInput, path: part.folder, "part \(part.part.description) is in \(parts[i - 1].folder), too")
      }
    }
    let missing = Set(0..<first.part.count).subtracting(parts.map(\.part.index)).sorted()
    guard missing.isEmpty else {
      throw Failure(
        .badInput, "missing: part \(missing.map { "\($0)/\(first.part.count)" }.joined(separator: ", "))",
        hint: "\(setting: "part") makes it")
    }
    if let part = try parts.first(where: { try isSameFolder($0.folder, dataset) }) {
      throw Failure(.usage, path: dataset, "it is part \(part.part.description)", hint: "-o NEW names another folder")
    }
    // A dataset that is to be replaced is given up only for parts that are whole.
    if options.force { for part in parts { for shard in part.shards { try part.check(shard) } } }
    return parts
  }

  /// Refuses a shard that is not what the part made.
  ///
  /// - Parameter folder: where it is now; nil is the part's.
  func check(_ shard: FinishedShard, in folder: String? = nil) throws {
    guard shard.isIntact(in: folder ?? self.folder) else {
      throw Failure(
        .corrupt, path: "\(self.folder)/\(shard.file.path)", "damaged: it is not what the part made",
        hint: "make part \(part.description) again, with \(setting: "force")")
    }
  }

  /// What determines the shards: everything but where the files lie and which part it is.
  private static func relevant(_ command: JSON) -> JSONObject {
    var command = command.objectValue ?? JSONObject()
    for key in ["inputs", "root", "part", "corpus", "licence"] { command[key] = nil }
    return command
  }

  /// A key that is another in two commands.
  static func difference(_ a: JSONObject?, _ b: JSONObject) -> String? {
    let a = a ?? JSONObject()
    let keys = a.members.map(\.key) + b.members.map(\.key)
    return keys.first { a[$0] != b[$0] }
  }

  /// Of a part that was complete already.
  var summary: ShardingSummary {
    var summary = ShardingSummary()
    summary.wasComplete = true
    summary.shards = shards.count
    summary.utterances = facts["utterances"]?.intValue ?? 0
    summary.failed = shards.reduce(0) { $0 + Set($1.failures.map(\.utterance)).count }
    summary.groups = facts["groups"]?.intValue ?? 0
    summary.units = facts[schema.unit]?.intValue ?? 0
    summary.records = shards.reduce(0) { $0 + ($1.file.records ?? 0) }
    summary.paddedRecords = facts["padded_records"]?.intValue ?? 0
    summary.paddingUnits = facts["padding_\(schema.unit)"]?.intValue ?? 0
    summary.droppedUnits = facts["dropped_\(schema.unit)"]?.intValue ?? 0
    summary.counts = shards.totals
    summary.problems = shards.flatMap { $0.failures.map(\.problem) }
    return summary
  }
}
