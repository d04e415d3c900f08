import CommandSupport
import FileIO
import Labels
import OrderedJSON
import Sharding
import Shards

/// Puts into words what has been made.
struct ShardingReport {
  let output: String
  var tail = RecordSchema.Tail.pad
  /// The labels that the user gave.
  var phones: String?

  func conclude(_ summary: ShardingSummary, asJSON: Bool, _ console: Console) throws {
    console.finish()
    if summary.wasComplete { console.note("\(output): an interrupted run of this command had finished it") }
    console.note("\(output): \(describe(summary)) in \(counted(summary.shards, "shard"))")
    noteReused(summary, console)
    if summary.untranscribed > 0 { console.note("  \(counted(summary.untranscribed, "utterance")) without transcript") }
    if let clipped = summary.counts["clipped"] {
      console.note(
        "  clipped \(counted(clipped.total, "sample")) of \(counted(clipped.utterances, "utterance"))")
    }
    noteMends(summary, console)
    if let phones {
      console.note(
        "  \(grouped(summary.unlabelled)) of \(counted(summary.utterances, "utterance")) without labels in \(phones)")
    }
    console.note("  next: cpc-inspect \(output), cpc-train \(output) -o run")
    if asJSON { try write(summary) }
  }

  func conclude(_ summary: ShardingSummary, of part: Part, asJSON: Bool, _ console: Console) throws {
    console.finish()
    if summary.wasComplete {
      let again = summary.problems.isEmpty ? "" : "; --force makes it again"
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
    var text = "\(counted(summary.utterances, "utterance")) of \(counted(summary.groups, "speaker")), "
    text += "\(hours(samples: summary.units)) h in \(counted(summary.records, "record"))"
    switch tail {
    case .pad: text += " (\(grouped(summary.paddedRecords)) padded)"
    case .drop: text += " (\(hours(samples: summary.droppedUnits)) h dropped)"
    }
    return summary.problems.isEmpty ? text : text + ", \(grouped(summary.problems.count)) skipped"
  }

  private func write(_ summary: ShardingSummary) throws {
    var object: JSONObject = [
      "dataset": .string(output), "utterances": .int(summary.utterances), "groups": .int(summary.groups),
      "records": .int(summary.records), "shards": .int(summary.shards), "reused_shards": .int(summary.reusedShards),
      "hours": .real((Double(summary.units) / 57_600).rounded() / 1000), "padded_records": .int(summary.paddedRecords),
      "padding_samples": .int(summary.paddingUnits), "dropped_samples": .int(summary.droppedUnits),
      "untranscribed": .int(summary.untranscribed), "clipped_samples": .int(summary.counts["clipped"]?.total ?? 0),
      "skipped": .int(summary.problems.count),
    ]
    if phones != nil {
      object["unlabelled"] = .int(summary.unlabelled)
      object["unknown_ids"] = .int(summary.unknownIDs)
    }
    try File.standardOutput.write(JSON.object(object).compact + "\n")
  }
}
