import Corpora
import FileIO
import Manifests
import OrderedJSON
import Shards

/// The shard that is being made, or gone through again because an earlier run has made it.
final class OpenShard {
  let shard: Int
  let first: Int
  let earlier: FinishedShard?
  let writer: ShardWriter?
  let plan = XXH3.Stream()
  private let stamps = XXH3.Stream()
  /// Whether there is one that cannot be had.
  private var lacksStamp = false
  private(set) var rows: [Int32] = []
  private var failures: [(utterance: Int, problem: InputProblem)] = []
  private var counts: [FinishedShard.Count]
  private var unlabelled: [Int] = []

  /// - Parameter expected: how many records it will have, if that can be foreseen.
  init(_ maker: any RecordMaker, shard: Int, first: Int, dataset: String, earlier: FinishedShard?, expected: Int?)
    throws
  {
    self.shard = shard
    self.first = first
    self.earlier = earlier
    counts = maker.counted.map { FinishedShard.Count(key: $0.key) }
    writer = earlier == nil ? try ShardWriter(maker.schema, folder: dataset, shard: shard, expected: expected) : nil
  }

  /// Returns the number of records.
  func append(
    _ utterance: PlannedUtterance, _ result: Result<MadeRecords, Failure>?, strict: Bool, log: ProblemLog
  ) throws -> Int {
    var identity: [JSON] = [
      .string(utterance.entry.id), .int(utterance.group), .int(utterance.entry.range.lowerBound),
      // Where parts of earlier versions have the size of a file that a manifest does not tell: parts of both can be merged.
      .int(utterance.units), .int(-1), .string(utterance.entry.source),
      .string(utterance.entry.member ?? ""),
    ]
    if let labels = utterance.labels { identity.append(.string(XXH3.hash128(labels))) }
    var bytes: [UInt8] = []
    JSON.array(identity).write(to: &bytes)
    bytes.withUnsafeBytes { plan.update($0) }
    if let stamp = utterance.stamp {
      Array("\(stamp)\n".utf8).withUnsafeBytes { stamps.update($0) }
    } else {
      lacksStamp = true
    }

    var count = 0
    switch result {
    case .success(let cut):
      try writer!.append(cut.records)
      count = cut.records.count
      for (i, number) in cut.counts.enumerated() where number > 0 { counts[i].values.append((rows.count, number)) }
      if count > 0, !cut.records.isLabelled { unlabelled.append(rows.count) }
    case .failure(let failure):
      if strict { throw failure }
      let problem = InputProblem(id: utterance.entry.id, failure)
      failures.append((utterance.index, problem))
      log.tell(problem)
    case nil:
      let place = utterance.index - first
      count = earlier!.rows.indices.contains(place) ? Int(earlier!.rows[place]) : 0
      for failure in earlier!.failures where failure.utterance == utterance.index { log.tell(failure.problem) }
    }
    rows.append(Int32(count))
    return count
  }

  /// Of the utterances' stamps; nil where one is not to be had, of which nothing can be said.
  var stamp: String? { lacksStamp ? nil : stamps.digest128 }

  func finish() throws -> FinishedShard {
    FinishedShard(
      shard: shard, first: first, plan: plan.digest128, rows: rows, labels: writer!.labels,
      unlabelled: writer!.labels.labelledCells > 0 ? unlabelled : [], failures: failures, counts: counts,
      file: try writer!.finish())
  }
}
