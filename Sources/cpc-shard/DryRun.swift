import CommandSupport
import Corpora
import Manifests
import OrderedJSON
import Sharding
import Shards

/// What a run would make, as far as a manifest tells.
struct DryRun {
  private let plan: PartPlan
  private let part: Part
  private let groups: Int

  init(manifest: String, part: Part?, options: ShardingOptions) throws {
    maker = options.maker
    self.part = part ?? Part(index: 0, count: 1)!
    let survey = try ManifestSurvey(manifest: manifest, progress: options.progress)
    plan = PartPlan(survey, self.part, options: options)
    groups = survey.groups.count
  }

  private let maker: any RecordMaker
  private var bytes: Int { plan.records * maker.schema.payloadSize }

  var text: String {
    """
    part          \(part.description)
    shards        \(shards), of \(grouped(plan.allShards)) in all
    utterances    \(grouped(plan.utterances.count)), from number \(grouped(plan.utterances.lowerBound))
    records       \(grouped(plan.records)), \(grouped(bytes >> 20)) MiB
    \(amount)
    groups        \(grouped(groups)) in all

    """
  }

  private var amount: String {
    let unit = maker.schema.unit
    guard maker.schema != .audio else { return "audio         \(hours(samples: plan.units)) h" }
    return unit + String(repeating: " ", count: max(1, 14 - unit.count)) + grouped(plan.units)
  }

  private var shards: String {
    plan.shards.isEmpty ? "none" : "\(plan.shards.lowerBound) to \(plan.shards.upperBound - 1)"
  }

  var json: JSON {
    .object([
      "part": .int(part.index), "parts": .int(part.count), "first_shard": .int(plan.shards.lowerBound),
      "shards": .int(plan.shards.count), "all_shards": .int(plan.allShards),
      "first_utterance": .int(plan.utterances.lowerBound), "utterances": .int(plan.utterances.count),
      "records": .int(plan.records), (maker.schema == .audio ? "sample_bytes" : "payload_bytes"): .int(bytes),
      maker.schema.unit: .int(plan.units),
      "groups": .int(groups),
    ])
  }
}
