import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Safetensors
import Shards

struct CardCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract: "What a dataset is: counts, hours, splits, what was skipped. The default.",
    discussion: """
      A run, a checkpoint, an acoustic model, a record stream, a manifest or labels are described briefly, too.

      EXAMPLES
        cpc-inspect dev
        cpc-inspect run
        cpc-inspect run/checkpoints/0000400.safetensors
        cpc-inspect dev.jsonl --json
      """)

  @OptionGroup var input: InspectOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    guard Folder.kind(of: "\(input.dataset)/\(Card.fileName)") != nil else {
      let facts = try OtherThing.facts(input.dataset)
      try File.standardOutput.write(input.json ? JSON.object(facts).compact + "\n" : OtherThing.text(facts))
      return true
    }
    let dataset = try Dataset(opening: input.dataset)
    let card = dataset.card
    if input.json {
      try File.standardOutput.write(JSON.object(card.facts).compact + "\n")
      return true
    }
    func count(_ key: String) -> Int { card.facts["counts"]?[key]?.intValue ?? 0 }
    func fact(_ key: String) -> String { card.facts[key]?.stringValue ?? "not stated" }
    let record = card.facts["record"]
    var lines = [
      "corpus        \(fact("corpus")), licence: \(fact("licence"))",
      "made by       \(fact("command"))" + (origin(card).map { ", from \($0)" } ?? ""),
    ]
    for source in card.facts["sources"]?.arrayValue ?? [] {
      lines.append("made of       \(source["name"]?.stringValue ?? "?"), MD5 \(source["md5"]?.stringValue ?? "?")")
    }
    let schema = dataset.schema
    let words = KindWords(schema.kind)
    func heading(_ name: String) -> String { name + String(repeating: " ", count: max(1, 14 - name.count)) }
    let tail = "tail: \(record?["tail"]?.stringValue ?? "?")"
    lines.append(
      heading("record")
        + (schema == .audio
          ? "\(record?["samples"]?.intValue ?? 0) samples at \(record?["rate"]?.intValue ?? 0) Hz, \(tail)"
          : describe(schema, record?.objectValue ?? JSONObject())))
    lines.append(
      heading("\(words.item)s") + "\(grouped(count("utterances"))), \(grouped(count("failed_utterances"))) failed"
        + (schema == .audio ? ", \(grouped(count("untranscribed_utterances"))) without transcript" : ""))
    lines.append(heading("\(words.group)s") + grouped(count("groups")))
    if schema == .audio { lines.append(heading("hours") + hours(samples: count("samples"))) }
    lines.append(
      heading("records")
        + "\(grouped(count("records"))) in \(counted(card.shards.count, "shard")): "
        + "\(grouped(count("full_records"))) full, \(grouped(count("padded_records"))) padded")
    lines.append(
      heading("left out")
        + "\(counted(count("dropped_\(schema.unit)"), String(schema.unit.dropLast()))) dropped, "
        + "\(counted(count("padding_\(schema.unit)"), String(schema.unit.dropLast()))) of padding")
    for (key, unit) in dataset.recordCounts {
      guard count("\(key)_\(unit)") > 0 else { continue }
      lines.append(
        heading(key) + "\(grouped(count("\(key)_\(unit)"))) \(unit) of "
          + counted(count("\(key)_utterances"), words.item))
    }
    let label = schema.label?.name ?? "labels"
    let sets = (card.facts["phone_sets"] ?? card.facts["label_sets"])?.arrayValue ?? []
    for set in sets {
      let classes = schema == .audio ? "" : ", \(counted(set["classes"]?.arrayValue?.count ?? 0, "class", "classes"))"
      lines.append(heading(label) + "\(set["name"]?.stringValue ?? "?")\(classes), \(labelledShare(set.objectValue))")
    }
    if sets.isEmpty { lines.append(heading(label) + "none") }
    lines += dataset.overlays.map { "added         " + describe($0) }
    lines.append("splits        " + (dataset.splitNames.isEmpty ? "none" : dataset.splitNames.joined(separator: ", ")))
    lines.append("size          \(grouped(card.files.reduce(0) { $0 + $1.bytes } >> 20)) MiB, digest \(card.digest)")
    let skipped = card.facts["skipped"]?.arrayValue ?? []
    lines.append("skipped       \(grouped(skipped.count))")
    for problem in skipped {
      // Of pictures and texts, the id mostly is the path.
      let isSamePath = isSame(problem["id"]?.stringValue, problem["path"]?.stringValue)
      let keys = isSamePath ? ["id", "position", "reason"] : ["id", "path", "position", "reason"]
      let words = keys.compactMap { problem[$0]?.stringValue }
      lines.append("  " + words.joined(separator: ": "))
    }
    try File.standardOutput.write(lines.joined(separator: "\n") + "\n")
    for facts in sets + (card.facts["overlays"]?.arrayValue ?? []) {
      let plane = facts["name"]?.stringValue ?? ""
      guard let table = PhoneTable(plane: facts["plane"]?.stringValue ?? plane, facts) else { continue }
      try File.standardOutput.write("\n" + table.text)
    }
    return true
  }

  /// The planes of a record, and how they were made.
  private func describe(_ schema: RecordSchema, _ record: JSONObject) -> String {
    let planes = schema.payload.map { plane in
      "\(plane.name) \(plane.type.rawValue) [\((["N"] + plane.row.map { "\($0)" }).joined(separator: ", "))]"
    }
    let known = [schema.unit, "height", "width", "tail", "records_per_shard"]
    let facts = record.members.filter { member in !known.contains { isSame($0, member.key) } }
    return (planes + facts.map { "\($0.key): \($0.value.stringValue ?? $0.value.compact)" }).joined(separator: ", ")
  }

  /// What a subset was made of.
  private func origin(_ card: Card) -> String? {
    guard let source = card.facts["source"], let name = source["dataset"]?.stringValue,
      let digest = source["digest"]?.stringValue
    else { return nil }
    return "\(name), digest \(digest)"
  }

  private func labelledShare(_ counts: JSONObject?) -> String {
    let labelled = counts?["labelled_cells"]?.doubleValue ?? 0
    let all = labelled + (counts?["unlabelled_cells"]?.doubleValue ?? 0)
    return "\((1000 * labelled / max(1, all)).rounded() / 10) % of the cells labelled"
  }

  private func describe(_ overlay: Overlay) -> String {
    let shape = (["N"] + overlay.row.map { "\($0)" }).joined(separator: ", ")
    let plane = "\(overlay.name), \(overlay.type.rawValue) [\(shape)]: "
    func count(_ key: String) -> Int { overlay.statistics[key]?.intValue ?? 0 }
    switch overlay.content {
    case .labels(let phoneSet, let classes):
      return plane
        + "\(phoneSet), \(counted(classes.count, "class", "classes")), \(labelledShare(overlay.statistics)), "
        + "\(counted(count("unlabelled_utterances"), "utterance")) without"
    case .key(let key, _):
      return plane + "'\(key)' of the utterance, \(counted(count("utterances_without"), "utterance")) without"
    }
  }
}
