import FileIO
import OrderedJSON
import Shards

extension SubsetWriter {
  /// What the source skipped of the utterances that were chosen.
  private var skipped: [JSON] {
    let isChosen = Set(chosen.ids)
    return (source.card.facts["skipped"]?.arrayValue ?? []).filter { problem in
      problem["id"]?.stringValue.map { isChosen.contains(XXH3.key128($0)) } ?? false
    }
  }

  /// Utterances without records because they could not be decoded.
  private func failed(_ members: Range<Int>, rows: [Int32]) -> Set<Int> {
    let named = Set(skipped.compactMap { $0["id"]?.stringValue.map { XXH3.key128($0) } })
    return Set(zip(members, rows).filter { $1 == 0 && named.contains(chosen.ids[$0]) }.map(\.0))
  }

  /// What came of these utterances, with as many records each.
  func summary(of members: Range<Int>, rows: [Int32]) -> ShardingSummary {
    let failed = failed(members, rows: rows)
    var summary = ShardingSummary()
    summary.utterances = members.count
    summary.failed = failed.count
    summary.groups = chosen.groupNames.count
    summary.shards = shards.count
    summary.reusedShards = reused
    for (member, count) in zip(members, rows) where !failed.contains(member) {
      summary.add(records: Int(count), units: units[member], schema)
    }
    return summary
  }

  /// What came of it, and the card without its list of files: what is counted, counted anew; what else the source says of
  /// itself, as it is; and where it came from.
  func facts(_ rows: [Int32], in folder: String) throws -> (ShardingSummary, JSONObject) {
    let origin = source.card.facts
    let skipped = skipped
    let failed = failed(units.indices, rows: rows)
    var summary = summary(of: units.indices, rows: rows)
    summary.untranscribed = chosen.untranscribed
    summary.counts = chosen.counts
    var unitsOfGroup = [Int](repeating: 0, count: summary.groups)
    var recordsOfGroup = unitsOfGroup
    var utterancesOfGroup = unitsOfGroup
    for (member, count) in rows.enumerated() {
      let group = Int(chosen.groups[member])
      utterancesOfGroup[group] += 1
      recordsOfGroup[group] += Int(count)
      if !failed.contains(member) { unitsOfGroup[group] += units[member] }
    }
    var options = options
    options.tail = tail
    options.corpusName = options.corpusName ?? origin["corpus"]?.stringValue
    options.licence = options.licence ?? origin["licence"]?.stringValue
    var facts = try cardFacts(
      summary, options: options, groups: [], labels: (shards.labels(schema), chosen.numbering),
      isLabelled: shards.isLabelled, folder: folder)
    if var counts = facts["counts"]?.objectValue {
      counts["skipped"] = .int(skipped.count)
      facts["counts"] = .object(counts)
    }
    facts["skipped"] = .array(skipped)
    let groupsByName = Dictionary(
      (origin["groups"]?.arrayValue ?? []).map { (XXH3.key128($0["name"]?.stringValue ?? ""), $0) },
      uniquingKeysWith: { a, _ in a })
    facts["groups"] = .array(
      chosen.groupNames.enumerated().map { i, name in
        var object = groupsByName[XXH3.key128(name)]?.objectValue ?? ["name": .string(name)]
        if !isSame(schema.unit, source.schema.unit) { object[source.schema.unit] = nil }
        object["utterances"] = .int(utterancesOfGroup[i])
        object["records"] = .int(recordsOfGroup[i])
        object[schema.unit] = .int(unitsOfGroup[i])
        return .object(object)
      })
    // What else the source says of itself travels, but for what is derived from its records.
    for (key, value) in origin.members
    where facts[key] == nil && !["overlays", "source"].contains(where: { isSame($0, key) }) {
      facts[key] = value
    }
    if var conversion = facts["conversion"]?.objectValue {
      conversion["clipped_samples"] = .int(summary.counts[Name("clipped")]?.total ?? 0)
      facts["conversion"] = .object(conversion)
    }
    var from: JSONObject = [
      "dataset": .string(Folder.name(of: source.folder)), "digest": .string(source.digest),
      "command": origin["command"] ?? .null,
    ]
    if let earlier = origin["source"] { from["source"] = earlier }
    facts["source"] = .object(from)
    return (summary, facts)
  }
}
