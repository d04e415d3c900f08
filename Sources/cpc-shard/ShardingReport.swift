import CommandSupport
import FileIO
import Labels
import OrderedJSON
import Sharding
import Shards

/// Puts into words what has been made.
struct ShardingReport {
  let maker: any RecordMaker
  let output: String
  var tail = RecordSchema.Tail.pad
  /// The labels that the user gave.
  var phones: String?
  private var words: KindWords { KindWords(maker.schema.kind) }

  init(maker: any RecordMaker, output: String, tail: RecordSchema.Tail = .pad, phones: String? = nil) {
    (self.maker, self.output, self.tail, self.phones) = (maker, output, tail, phones)
  }

  func conclude(_ summary: ShardingSummary, asJSON: Bool, _ console: Console) throws {
    console.finish()
    if summary.wasComplete { console.note("\(output): an interrupted run of this command had finished it") }
    console.note("\(output): \(describe(summary)) in \(counted(summary.shards, "shard"))")
    noteReused(summary, console)
    if summary.untranscribed > 0, maker.hasTranscripts {
      console.note("  \(counted(summary.untranscribed, "utterance")) without transcript")
    }
    for counted in maker.counted {
      guard let (total, items) = summary.counts[Name(counted.key)] else { continue }
      let unit = String(counted.unit.dropLast())
      console.note(
        "  \(counted.key) "
          + (unit == words.item
            ? CommandSupport.counted(total, unit)
            : "\(CommandSupport.counted(total, unit)) of \(CommandSupport.counted(items, words.item))"))
    }
    noteMends(summary, console)
    if let phones {
      console.note(
        "  \(grouped(summary.unlabelled)) of \(counted(summary.utterances, "utterance")) without labels in \(phones)")
    }
    let training = maker.schema.kind == "audio" ? ", cpc-train \(output) -o run" : ""
    console.note("  next: cpc-inspect \(output)\(training)")
    if asJSON { try write(summary) }
  }

  func conclude(_ summary: ShardingSummary, of part: Part, asJSON: Bool, _ console: Console) throws {
    console.finish()
    if summary.wasComplete {
      let again = summary.problems.allSatisfy(\.isWarning) ? "" : "; --force makes it again"
      console.note("\(output): part \(part.description) was finished already\(again)")
    }
    console.note(
      "\(output): part \(part.description): \(describe(summary)) in \(counted(summary.shards, "shard"))")
    noteReused(summary, console)
    if asJSON { try write(summary) }
  }

  func concludeStream(_ summary: ShardingSummary, _ console: Console) {
    console.finish()
    console.note("standard output: \(describe(summary))")
    noteMends(summary, console)
  }

  private func noteReused(_ summary: ShardingSummary, _ console: Console) {
    guard summary.reusedShards > 0 else { return }
    console.note("  reused \(counted(summary.reusedShards, "shard")) of an interrupted run")
  }

  private func noteMends(_ summary: ShardingSummary, _ console: Console) {
    if let mends = summary.mends.description { console.note("  labels: \(mends)") }
  }

  private func describe(_ summary: ShardingSummary) -> String {
    var text = "\(counted(summary.made, words.item)) of \(counted(summary.groups, words.group))"
    // One record is one picture.
    if maker.schema.unit != "\(words.item)s" { text += ", \(amount(summary.units))" }
    text += " in \(counted(summary.records, "record"))"
    switch tail {
    case .pad: text += " (\(grouped(summary.paddedRecords)) padded)"
    case .drop: text += " (\(amount(summary.droppedUnits)) dropped)"
    }
    let warnings = summary.problems.count(where: \.isWarning)
    let skipped = summary.problems.count - warnings
    return text + (skipped > 0 ? ", \(grouped(skipped)) skipped" : "")
      + (warnings > 0 ? ", \(counted(warnings, "warning"))" : "")
  }

  private func amount(_ units: Int) -> String {
    maker.schema.kind == "audio" ? "\(hours(samples: units)) h" : counted(units, String(maker.schema.unit.dropLast()))
  }

  private func write(_ summary: ShardingSummary) throws {
    let unit = maker.schema.unit
    var object: JSONObject = [
      "dataset": .string(output), "utterances": .int(summary.utterances), "failed": .int(summary.failed),
      "groups": .int(summary.groups),
      "records": .int(summary.records), "shards": .int(summary.shards), "reused_shards": .int(summary.reusedShards),
    ]
    for (key, value) in maker.counts(summary).members { object[key] = value }
    object["padded_records"] = .int(summary.paddedRecords)
    object["padding_\(unit)"] = .int(summary.paddingUnits)
    object["dropped_\(unit)"] = .int(summary.droppedUnits)
    if maker.hasTranscripts { object["untranscribed"] = .int(summary.untranscribed) }
    for counted in maker.counted {
      object["\(counted.key)_\(counted.unit)"] = .int(summary.counts[Name(counted.key)]?.total ?? 0)
    }
    object["skipped"] = .int(summary.problems.count)
    if phones != nil {
      object["unlabelled"] = .int(summary.unlabelled)
      object["unknown_ids"] = .int(summary.unknownIDs)
    }
    try File.standardOutput.write(JSON.object(object).compact + "\n")
  }
}
