import Archives
import CommandSupport
import FileIO
import OrderedJSON
import Safetensors
import Shards
import Training

/// What the suite's tools make beside datasets, as a few facts in their order: runs, checkpoints, acoustic models, parts of
/// datasets, record streams, manifests and labels.
enum OtherThing {
  /// - Throws: a `Failure` that says what `path` is not.
  static func facts(_ path: String) throws -> JSONObject {
    switch Folder.kind(of: path) {
    case .folder?: return try run(path)
    case .file?: break
    default: throw Failure(.badInput, path: path, "no such file or folder")
    }
    var head = [UInt8](repeating: 0, count: 9)
    let count = try head.withUnsafeMutableBytes { try File.reading(path).readFully(into: $0) }
    if count == 9, head[8] == UInt8(ascii: "{"), head[5..<8].allSatisfy({ $0 == 0 }) {
      return try safetensors(path)
    }
    if head.first == UInt8(ascii: "{") { return try lines(path, LineReader(File.reading(path))) }
    // A manifest may be compressed; nothing else that is read here is.
    if CompressedText.isCompressed(head),
      CompressedText.peek(try File.reading(path), head: []).text.first == UInt8(ascii: "{")
    {
      return try lines(path, LineReader(CompressedText(File.reading(path))))
    }
    throw Failure(
      .badInput, path: path, "nothing that these tools make",
      hint:
        "cpc-inspect describes datasets, runs, checkpoints, acoustic models, record streams, and manifests and labels "
        + "in JSON Lines; cpc-scan reads corpora")
  }

  static func text(_ facts: JSONObject) -> String {
    facts.members.map { key, value in
      let heading = String(key.map { $0 == "_" ? " " : $0 })
      return printable(heading + String(repeating: " ", count: max(1, 14 - heading.count)) + words(value)) + "\n"
    }.joined()
  }

  private static func words(_ value: JSON) -> String {
    if let object = value.objectValue {
      return object.members.map { "\($0.key) \(words($0.value))" }.joined(separator: ", ")
    }
    if let array = value.arrayValue { return array.map(words).joined(separator: ", ") }
    return value.intValue.map { grouped($0) } ?? value.stringValue ?? value.compact
  }

  private static func run(_ path: String) throws -> JSONObject {
    guard RunFolder.isRun(path) else {
      throw Failure(
        .badInput, path: path, "not a dataset and not a run: it holds neither dataset.json nor checkpoints",
        hint: "cpc-shard writes dataset.json last: one that was interrupted goes on when it is started again")
    }
    var facts: JSONObject = ["what": .string("a run of cpc-train")]
    let file = "\(path)/config.json"
    if Folder.kind(of: file) != nil, let config = try object(File.contents(of: file), file) {
      let data = ["dataset", "dataset_digest", "training_windows", "held_out_windows", "held_out_from"]
      facts["trained_on"] = .object(part(config) { key in data.contains { isSame($0, key) } })
      facts["settings"] = .object(
        part(config) { key in !(data + ["model", "version", "updates"]).contains { isSame($0, key) } })
      facts["model"] = config["model"]
      facts["updates"] = .string(
        "\(try RunFolder.updates(in: path).last.map { grouped($0) } ?? "none") of \(config["updates"].map(words) ?? "?")"
      )
      facts["made_by"] = .string("cpc-train \(config["version"]?.stringValue ?? "?")")
    }
    if let last = try lastValidation(path) {
      facts["held_out"] = .object(part(last) { key in ["update", "loss"].contains { isSame($0, key) } })
    }
    let checkpoints = try RunFolder.updates(in: path)
    facts["checkpoints"] = .int(checkpoints.count)
    if !checkpoints.isEmpty { facts["best"] = .string(try RunFolder.checkpoint(at: path)) }
    return facts
  }

  private static func object(_ bytes: [UInt8], _ path: String, at place: String? = nil) throws -> JSONObject? {
    do { return try JSON(parsing: bytes).objectValue } catch {
      throw Failure(.badInput, path: path, at: place ?? "byte \(error.offset)", "not JSON: \(error.reason)")
    }
  }

  private static func lastValidation(_ path: String) throws -> JSONObject? {
    let log = "\(path)/log.jsonl"
    guard Folder.kind(of: log) != nil else { return nil }
    let reader = LineReader(try File.reading(log))
    var last: JSONObject?
    while let line = try reader.next() {
      guard let object = try? JSON(parsing: Array(line)).objectValue else { continue }
      if isSame(object["type"]?.stringValue, "validation") { last = object }
    }
    return last
  }

  private static func part(_ object: JSONObject, _ isWanted: (String) -> Bool) -> JSONObject {
    var result = JSONObject()
    for (key, value) in object.members where isWanted(key) && value != .null { result[key] = value }
    return result
  }

  private static func safetensors(_ path: String) throws -> JSONObject {
    do {
      if let stream = try stream(path) { return stream }
    } catch let failure as Failure where failure.kind == .badInput {
      // A safetensors file that is no stream.
    }
    let header = try SafetensorsFile(mapping: path).header
    let numbers = header.tensors.map { tensor in
      (name: tensor.name, count: tensor.shape.reduce(1, *), shape: tensor.shape, type: tensor.type)
    }
    if header[metadata: "cpc.checkpoint"] != nil {
      let checkpoint = try Checkpoint(opening: path)
      let known = checkpoint.facts
      let settings = known.identity.settings
      return [
        "what": .string("a checkpoint of cpc-train"), "model": settings["model"] ?? .null,
        "update": .int(known.state.update),
        "settings": .object(part(settings) { !isSame($0, "model") }),
        "tensors": .int(numbers.count), "numbers": .int(numbers.reduce(0) { $0 + $1.count }),
        "digest": .string(checkpoint.digest ?? "none"),
      ]
    }
    var facts = JSONObject()
    if header[metadata: "cpc.schema"] != nil {
      facts["what"] = .string("a file of a dataset's folder, which cpc-inspect takes as a whole")
    } else if let format = header[metadata: "format"], format.begins(with: "cpc-align acoustic model") {
      facts["what"] = .string("an acoustic model of cpc-align")
    } else {
      facts["what"] = .string("a safetensors file of something else")
    }
    facts["metadata"] = .object(
      header.metadata.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) })
    facts["tensors"] = .array(
      numbers.map { .string("\($0.name) \($0.type.rawValue) [\($0.shape.map { "\($0)" }.joined(separator: ", "))]") })
    return facts
  }

  /// Every record of a stream is read and checked.
  private static func stream(_ path: String) throws -> JSONObject? {
    let reader = RecordStreamReader(try File.reading(path))
    guard let schema = try reader.schema() else { return nil }
    var (records, pieces) = (0, 0)
    while let piece = try reader.next() { (records, pieces) = (records + piece.records.count, pieces + 1) }
    return [
      "what": .string("a record stream of cpc-shard, intact"), "kind": .string(schema.kind),
      "record": .string("\(schema.length) \(schema.unit)"), "records": .int(records), "pieces": .int(pieces),
    ]
  }

  /// A manifest, or labels, told by the keys of its first line; its lines are counted, not checked.
  private static func lines(_ path: String, _ reader: LineReader) throws -> JSONObject {
    var (count, sentences, seconds) = (0, 0, 0.0)
    var (keys, known) = ([String](), Set<Name>())
    var groups: Set<Name> = []
    while let line = try reader.next() {
      guard !line.isEmpty else { continue }
      guard let object = try object(Array(line), path, at: "line \(reader.line)") else {
        throw Failure(.badInput, path: path, at: "line \(reader.line)", "no JSON object")
      }
      if count == 0 {
        guard object["id"] != nil else {
          throw Failure(.badInput, path: path, at: "line 1", "an object without \"id\": no manifest and no labels")
        }
      }
      count += 1
      for (key, _) in object.members where known.insert(Name(key)).inserted { keys.append(key) }
      sentences &+= object["sentences"]?.intValue ?? 0
      if let samples = object["samples"]?.intValue, let rate = object["rate"]?.intValue, rate > 0 {
        let length = object["length"]?.intValue ?? samples &- (object["offset"]?.intValue ?? 0)
        seconds += Double(length) / Double(rate)
      }
      if let group = (object["group"] ?? object["speaker"])?.stringValue { groups.insert(Name(group)) }
    }
    let isManifest = keys.contains { isSame($0, "source") }
    var facts: JSONObject = [
      "what": .string(isManifest ? "a manifest of cpc-scan" : "labels, or keys of utterances"), "lines": .int(count),
    ]
    if !groups.isEmpty { facts["groups"] = .int(groups.count) }
    if sentences > 0 { facts["sentences"] = .int(sentences) }
    if seconds > 0 { facts["hours"] = .real((seconds / 3.6).rounded() / 1000) }
    facts["keys"] = .array(keys.map { .string($0) })
    return facts
  }
}
