import Corpora
import Digests
import FileIO
import Labels
import Manifests
import OrderedJSON
import Planes
import Shards

/// What the card says of a group.
struct GroupFacts {
  var name: String
  var utterances = 0
  var records = 0
  var units = 0
  let unit: String
  var speaker: Speaker?

  init(name: String, unit: String) {
    self.name = name
    self.unit = unit
  }

  var json: JSON {
    var object: JSONObject = [
      "name": .string(name), "utterances": .int(utterances), "records": .int(records), unit: .int(units),
    ]
    if let speaker {
      object["sex"] = .string(speaker.sex)
      object["speaker"] = .string(speaker.name)
    }
    return .object(object)
  }
}

/// The card without its list of files.
///
/// - Parameters:
///   - labels: counts of the records' own labels, and what they are; nil if they have none.
///   - isLabelled: of each utterance.
///   - folder: the dataset's, in which its utterance list is complete.
func cardFacts(
  _ summary: ShardingSummary, sources: [FileDigest] = [], options: ShardingOptions, groups: [GroupFacts],
  labels: (counts: ClassCounts, of: (any UtteranceLabels)?)?, isLabelled: [Bool],
  folder: String
) throws -> JSONObject {
  let maker = options.maker
  let schema = maker.schema
  var record = maker.recordFacts
  record["tail"] = .string(options.tail.rawValue)
  record["records_per_shard"] = .int(options.recordsPerShard)
  var counts: JSONObject = [
    "utterances": .int(summary.utterances), "failed_utterances": .int(summary.failed),
    "untranscribed_utterances": .int(summary.untranscribed), "groups": .int(summary.groups),
    "records": .int(summary.records), "full_records": .int(summary.records - summary.paddedRecords),
    "padded_records": .int(summary.paddedRecords), "padding_\(schema.unit)": .int(summary.paddingUnits),
    "dropped_\(schema.unit)": .int(summary.droppedUnits), schema.unit: .int(summary.units),
  ]
  if !maker.hasTranscripts { counts["untranscribed_utterances"] = nil }
  for (key, value) in maker.counts(summary).members { counts[key] = value }
  counts["skipped"] = .int(summary.problems.count)
  for counted in maker.counted {
    guard let (total, utterances) = summary.counts[Name(counted.key)] else { continue }
    counts["\(counted.key)_\(counted.unit)"] = .int(total)
    counts["\(counted.key)_utterances"] = .int(utterances)
  }
  var facts: JSONObject = [
    "schema": .int(RecordSchema.version),
    "kind": .string(schema.kind),
    "corpus": options.corpusName.map { .string($0) } ?? .null,
    "licence": options.licence.map { .string($0) } ?? .null,
    "command": .string(options.command),
    "record": .object(record),
    "counts": .object(counts),
    "groups": .array(groups.map(\.json)),
  ]
  if let labels, let (key, known) = maker.labelFacts(labels.of) {
    let set = try labelSet(
      known, labels.counts, summary, options: options, isLabelled: isLabelled, folder: folder)
    facts[key] = .array(set.map { [.object($0)] } ?? [])
  }
  facts["skipped"] = .array(summary.problems.map { json($0, inputs: options.inputs) })
  if !sources.isEmpty {
    facts["sources"] = .array(
      sources.map { .object(["name": .string($0.name), "bytes": .int($0.bytes), "md5": .string($0.md5)]) })
  }
  for (key, value) in maker.facts(summary).members { facts[key] = value }
  return facts
}

/// What there is to say of the records' own labels; nil if there are none.
private func labelSet(
  _ known: JSONObject, _ counts: ClassCounts, _ summary: ShardingSummary, options: ShardingOptions,
  isLabelled: [Bool], folder: String
) throws -> JSONObject? {
  guard counts.labelledCells > 0, let plane = options.maker.schema.label else { return nil }
  var set: JSONObject = ["plane": .string(plane.name)]
  for (key, value) in known.members { set[key] = value }
  set["labelled_cells"] = .int(counts.labelledCells)
  set["unlabelled_cells"] = .int(counts.unlabelledCells)
  if let source = summary.labelSource {
    set["unlabelled_utterances"] = .int(summary.unlabelled)
    set["unknown_ids"] = .int(summary.unknownIDs)
    set["from"] = .string(source)
  }
  if summary.mends.overlaps > 0 { set["overlaps"] = .int(summary.mends.overlaps) }
  if summary.mends.unmapped > 0 { set["left_out"] = .int(summary.mends.unmapped) }
  let classes = known["classes"]?.arrayValue?.map { $0.stringValue ?? "" } ?? []
  var histogram = counts.histogram(classes: classes.count)
  if hasPhonesOfEnglish(set: known["name"]?.stringValue, classes: classes) {
    try TranscriptCounts.complete(
      &histogram, in: folder, unit: options.maker.schema.unit, isLabelled: isLabelled, options.pronunciation)
  }
  set["histogram"] = .object(histogram)
  return set
}

private func json(_ problem: InputProblem, inputs: [String]) -> JSON {
  var object = JSONObject()
  if let id = problem.id { object["id"] = .string(id) }
  if let path = problem.failure.path { object["path"] = .string(inside(inputs, path)) }
  if let position = problem.failure.position { object["position"] = .string(position) }
  object["reason"] = .string(withoutFolders(problem.failure.reason, inputs))
  if problem.isWarning { object["warning"] = .bool(true) }
  return .object(object)
}

/// The path without the input that it lies in: the card holds no absolute paths, and is the same for an archive and the
/// folder that was unpacked from it.
private func inside(_ inputs: [String], _ path: String) -> String {
  for input in inputs {
    for separator in ["/", ": "] {
      let prefix = input.ends(with: "/") && separator == "/" ? input : input + separator
      if path.begins(with: prefix) { return String(path.dropping(first: prefix.utf8.count)) }
    }
  }
  return path.begins(with: "/") ? Folder.name(of: path) : path
}

/// A reason that names files, without the folders that they lie in on this machine.
private func withoutFolders(_ reason: String, _ inputs: [String]) -> String {
  var words = reason.pieces(at: " ").map { String($0) }
  for i in words.indices where words[i].begins(with: "/") || inputs.contains(where: { words[i].begins(with: $0) }) {
    words[i] = inside(inputs, words[i])
  }
  return words.joined(separator: " ")
}
