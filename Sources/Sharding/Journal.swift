import FileIO
import Glibc
import OrderedJSON
import Shards

/// A finished shard as the journal keeps it: everything that a later run needs to go on without reading its audio again.
struct FinishedShard {
  var shard: Int
  /// Index of the first utterance.
  var first: Int
  /// Digest of the utterances planned into it.
  var plan: String
  /// Records of each utterance; 0 where it could not be decoded.
  var rows: [Int32]
  var labels: ClassCounts
  /// Places in ``rows`` of utterances without labels, of a shard that has labels.
  var unlabelled: [Int] = []
  var failures: [(utterance: Int, problem: InputProblem)]
  /// What ``RecordMaker/counted`` names.
  var counts: [Count] = []
  var file: FileEntry

  struct Count {
    var key: String
    /// Places in ``rows`` of utterances that had some, and how many.
    var values: [(utterance: Int, number: Int)] = []
  }
}

/// The record of an unfinished run: a line for the command, then a line for each finished shard, each durable before the
/// next shard begins. A line is JSON, a TAB and the XXH3-128 of the JSON.
final class Journal {
  private(set) var shards: [Int: FinishedShard] = [:]
  private let file: File
  private let schema: RecordSchema
  private let command: JSON
  private var end = 0

  /// The command of an existing journal; nil if there is no readable one.
  static func command(at path: String) -> JSON? {
    guard Folder.kind(of: path) == .file, let file = try? File.reading(path), let line = try? LineReader(file).next(),
      let json = parse(line)
    else { return nil }
    return json["command"]
  }

  /// All lines of a journal; throws if one is damaged.
  static func lines(at path: String) throws -> [JSON] {
    let reader = LineReader(try File.reading(path))
    var lines: [JSON] = []
    while let line = try reader.next() {
      guard let json = parse(line) else {
        throw Failure(.corrupt, path: path, at: "line \(reader.line)", "damaged: its digest does not match its content")
      }
      lines.append(json)
    }
    return lines
  }

  /// Opens the journal at `path`, or starts one.
  init(path: String, command: JSON, dataset: String, schema: RecordSchema) throws {
    self.schema = schema
    self.command = command
    file = try File.open(path, flags: O_RDWR | O_CREAT, action: "open the journal")
    let bytes = try file.remainder()
    var start = 0
    while let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      // A line that a crash cut or garbled, and what follows it, is written again.
      guard let json = Self.parse(Array(bytes[start..<newline])) else { break }
      if start > 0 {
        guard let shard = FinishedShard(json, schema) else { break }
        // What the system refused then may be there now.
        let mayHeal = shard.failures.contains { $0.problem.failure.isOfSystem }
        shards[shard.shard] = !mayHeal && shard.isIntact(in: dataset) ? shard : nil
      }
      start = newline + 1
    }
    end = start
    guard ftruncate(file.descriptor, off_t(end)) == 0 else { throw Failure.system("truncate", path: path) }
    if end == 0 { try append([.object(["command": command])]) }
  }

  private static func parse(_ line: [UInt8]) -> JSON? {
    let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard parts.count == 2, XXH3.hash128(Array(parts[0])).utf8.elementsEqual(parts[1]) else { return nil }
    return try? JSON(parsing: parts[0])
  }

  /// Shards that are to be made again: what is appended then counts.
  func forget(_ isForgotten: (Int) -> Bool) {
    for shard in shards.keys where isForgotten(shard) { shards[shard] = nil }
  }

  func append(_ shard: FinishedShard) throws { try append([shard]) }

  /// Appends what has been finished elsewhere, durable at once.
  func append(_ finished: [FinishedShard]) throws {
    try append(finished.map { $0.json(schema) })
    for shard in finished { shards[shard.shard] = shard }
  }

  /// Writes what is known to another file, and a last line: shards that were made twice stand in it once, as in the
  /// journal of a run that nothing interrupted.
  func publish(_ last: JSON, as path: String) throws {
    let lines = shards.values.sorted { $0.shard < $1.shard }.map { $0.json(schema) }
    let bytes = Self.bytes([.object(["command": command])] + lines + [last])
    try writeAtomically(to: path) { try $0.write(bytes) }
  }

  private static func bytes(_ lines: [JSON]) -> [UInt8] {
    lines.flatMap { line in
      let text = line.compact
      return Array("\(text)\t\(XXH3.hash128(Array(text.utf8)))\n".utf8)
    }
  }

  private func append(_ lines: [JSON]) throws {
    let bytes = Self.bytes(lines)
    try bytes.withUnsafeBytes { try file.write($0, at: end) }
    try file.synchronize()
    end += bytes.count
  }
}

extension [FinishedShard] {
  /// Of all shards together.
  func labels(_ schema: RecordSchema) -> ClassCounts {
    reduce(into: ClassCounts(none: schema.unlabelled)) { $0 += $1.labels }
  }

  /// What was counted of each utterance, by its index, in the order of the keys.
  var counts: [Int: [(key: String, number: Int)]] {
    var counts: [Int: [(key: String, number: Int)]] = [:]
    for shard in self {
      for count in shard.counts {
        for (place, number) in count.values { counts[shard.first + place, default: []].append((count.key, number)) }
      }
    }
    return counts
  }

  /// By key, and how many utterances had some.
  var totals: [Name: (total: Int, utterances: Int)] {
    var totals: [Name: (total: Int, utterances: Int)] = [:]
    for count in flatMap(\.counts) where !count.values.isEmpty {
      let (total, utterances) = totals[Name(count.key)] ?? (0, 0)
      totals[Name(count.key)] = (total + count.values.reduce(0) { $0 + $1.number }, utterances + count.values.count)
    }
    return totals
  }

  /// Which utterances have labels, by index.
  var isLabelled: [Bool] {
    flatMap { shard in
      let isLabelled = shard.labels.labelledCells > 0
      var flags = shard.rows.map { isLabelled && $0 > 0 }
      for i in shard.unlabelled where flags.indices.contains(i) { flags[i] = false }
      return flags
    }
  }
}

extension FinishedShard {
  /// Whether the file is still what the journal says.
  func isIntact(in dataset: String) -> Bool {
    let path = "\(dataset)/\(file.path)"
    guard let size = try? File.reading(path).size(), size == file.bytes else { return false }
    return (try? XXH3.hash128(ofFile: path)) == file.digest
  }

  private static let keys = ["shard", "first", "plan", "rows", "unlabelled", "failures", "file"]

  func json(_ schema: RecordSchema) -> JSON {
    var object: JSONObject = [
      "shard": .int(shard), "first": .int(first), "plan": .string(plan), "rows": .array(rows.map { .int($0) }),
    ]
    if let label = schema.label {
      object[label.name] = .array(
        labels.counted.map { .array([.int($0.label), .int($0.cells), .int($0.segments)]) })
    }
    object["unlabelled"] = .array(unlabelled.map { .int($0) })
    object["failures"] = .array(failures.map { Self.json($0.utterance, $0.problem) })
    for count in counts {
      object[count.key] = .array(count.values.map { .array([.int($0.utterance), .int($0.number)]) })
    }
    object["file"] = file.json
    return .object(object)
  }

  init?(_ json: JSON, _ schema: RecordSchema) {
    guard let shard = json["shard"]?.intValue, let first = json["first"]?.intValue,
      let plan = json["plan"]?.stringValue, let rows = json["rows"]?.arrayValue,
      let unlabelled = json["unlabelled"]?.arrayValue,
      let failures = json["failures"]?.arrayValue,
      let file = json["file"].flatMap({ FileEntry($0) })
    else { return nil }
    self.shard = shard
    self.first = first
    self.plan = plan
    self.rows = rows.map { Int32($0.intValue ?? 0) }
    labels = ClassCounts(none: schema.unlabelled)
    if let label = schema.label {
      guard let counted = json[label.name]?.arrayValue else { return nil }
      for count in counted {
        guard let numbers = count.arrayValue?.compactMap(\.intValue), numbers.count == 3,
          (0...labels.none).contains(numbers[0])
        else { return nil }
        labels.add(numbers[0], cells: numbers[1], segments: numbers[2])
      }
    }
    self.unlabelled = unlabelled.compactMap(\.intValue)
    self.failures = failures.compactMap { json in
      guard let utterance = json["utterance"]?.intValue, let reason = json["reason"]?.stringValue else { return nil }
      var failure = Failure(
        .badInput, path: json["path"]?.stringValue, at: json["position"]?.stringValue, reason,
        hint: json["hint"]?.stringValue)
      failure.isOfSystem = json["of_system"] == .bool(true)
      return (utterance, InputProblem(id: json["id"]?.stringValue, failure))
    }
    for (key, value) in json.objectValue?.members ?? []
    where !(Self.keys + [schema.label?.name ?? ""]).contains(where: { isSame($0, key) }) {
      counts.append(
        Count(
          key: key,
          values: (value.arrayValue ?? []).compactMap { pair in
            guard let numbers = pair.arrayValue?.compactMap(\.intValue), numbers.count == 2 else { return nil }
            return (numbers[0], numbers[1])
          }))
    }
    self.file = file
  }

  private static func json(_ utterance: Int, _ problem: InputProblem) -> JSON {
    var object: JSONObject = ["utterance": .int(utterance)]
    if let id = problem.id { object["id"] = .string(id) }
    if let path = problem.failure.path { object["path"] = .string(path) }
    if let position = problem.failure.position { object["position"] = .string(position) }
    object["reason"] = .string(problem.failure.reason)
    if let hint = problem.failure.hint { object["hint"] = .string(hint) }
    if problem.failure.isOfSystem { object["of_system"] = .bool(true) }
    return .object(object)
  }
}
