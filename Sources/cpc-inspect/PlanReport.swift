import CommandSupport
import OrderedJSON
import Sampling
import Shards
import Training

/// What a run takes in which order, for people and for programs.
struct PlanReport {
  private let dataset: Dataset
  private let division: DatasetDivision
  private let configuration: TrainingConfiguration
  private let options: PlanOptions
  private let plan: BatchPlan
  private var schema: RecordSchema { dataset.schema }
  private var words: KindWords { KindWords(schema.kind) }

  init(
    _ dataset: Dataset, _ division: DatasetDivision, _ configuration: TrainingConfiguration, _ options: PlanOptions
  ) throws {
    self.dataset = dataset
    self.division = division
    self.configuration = configuration
    self.options = options
    plan = try division.training.plan(
      configuration.negatives, batch: configuration.batch, seed: configuration.seed)
  }

  var head: String {
    let heldOut = division.heldOut?.windowCount ?? 0
    let leftOut =
      configuration.negatives.batchesOneGroup
      ? "\(counted(plan.leftOut.records, "window")) of \(counted(plan.leftOut.groups, words.group)) with fewer than a "
        + "batch takes" : "none"
    return """
      epoch         \(counted(plan.batchesPerEpoch, "batch", "batches")) of \(counted(configuration.batch, "window")), \
      \(configuration.negatives.rawValue), seed \(configuration.seed)
      repeated      \(counted(plan.repeatedPerEpoch, "window")) twice in an epoch, to fill last batches
      left out      \(leftOut)
      windows       \(grouped(division.training.windowCount)) to train on, \(grouped(heldOut)) held out \
      (\(division.heldOutFrom)), \(grouped(division.unused)) of other parts
      left over     \(counted(division.shortEnds, "short end")) of \(words.item)s, \(leftOver), \
      each shorter than a window

      """
  }

  private var leftOver: String {
    schema == .audio
      ? "\(hours(samples: division.leftOver)) h" : counted(division.leftOver, String(schema.unit.dropLast()))
  }

  var headJSON: JSON {
    .object([
      "type": .string("plan"), "negatives": .string(configuration.negatives.rawValue),
      "batch": .int(configuration.batch),
      "seed": .int(configuration.seed), "batches_per_epoch": .int(plan.batchesPerEpoch),
      "repeated_windows": .int(plan.repeatedPerEpoch), "left_out_windows": .int(plan.leftOut.records),
      "left_out_\(words.group)s": .int(plan.leftOut.groups), "training_windows": .int(division.training.windowCount),
      "held_out_windows": .int(division.heldOut?.windowCount ?? 0), "held_out_from": .string(division.heldOutFrom),
      "short_ends": .int(division.shortEnds), "left_over_\(schema.unit)": .int(division.leftOver),
      "other_windows": .int(division.unused),
    ])
  }

  func batch(_ number: Int, update: Int) throws -> String {
    var title = "\nupdate \(update): batch \(number % plan.batchesPerEpoch) of epoch \(plan.epoch(of: number))"
    if options.ranks > 1 { title += ", rank \(options.rank) of \(options.ranks)" }
    let rows = try windows(number).map { window in
      ["\(window.origin.record)", window.origin.utterance, window.group, "\(window.origin.start)"]
    }
    return title + "\n" + table([["record", words.item, words.group, "start"]] + rows)
  }

  func batchJSON(_ number: Int, update: Int) throws -> JSON {
    let windows = try windows(number).map { window in
      JSON.object([
        "record": .int(window.origin.record), "utterance": .string(window.origin.utterance),
        words.group: .string(window.group), "start": .int(window.origin.start),
      ])
    }
    return .object([
      "type": .string("batch"), "update": .int(update), "rank": .int(options.rank), "batch": .int(number),
      "epoch": .int(plan.epoch(of: number)), "windows": .array(windows),
    ])
  }

  private func windows(_ number: Int) throws -> [(origin: WindowOrigin, group: String)] {
    try plan.batch(number).map { i in
      let origin = division.training.origin(i, epoch: plan.epoch(of: number))
      return (origin, dataset.groups[try dataset.group(origin.record)])
    }
  }
}
