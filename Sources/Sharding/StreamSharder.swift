public import Corpora
public import FileIO
import Manifests
import Pipelines
import Shards

/// Turns a corpus into a record stream.
///
/// - Returns: the summary; its problems are those of the corpus, in corpus order.
public func streamRecords(of corpus: Corpus, to output: File, options: ShardingOptions) throws -> ShardingSummary {
  let writer = RecordStreamWriter(options.maker.schema, output)
  var summary = ShardingSummary()
  let utterances = PlannedUtterances(corpus, options: options)
  let maker = options.maker
  let outcome = Result {
    try runOrderedPipeline(
      threads: options.threads, batch: maker.batch, maximumCost: pipelineMemory, cost: { maker.cost(of: $0) },
      read: { try utterances.next() },
      makeWorker: {
        let worker = try maker.makeWorker(tail: options.tail)
        return { worker.work($0) }
      },
      commit: { utterance, result in
        utterances.log.tell(before: utterance.index)
        switch result {
        case .success(let cut):
          summary.add(records: cut.records.count, units: utterance.units, maker.schema)
          for (counted, number) in zip(maker.counted, cut.counts) where number > 0 {
            let (total, utterances) = summary.counts[Name(counted.key)] ?? (0, 0)
            summary.counts[Name(counted.key)] = (total + number, utterances + 1)
          }
          try writer.append(cut.records, id: utterance.entry.id, group: utterance.entry.group)
        case .failure(let failure):
          if options.strict { throw failure }
          summary.failed += 1
          utterances.log.tell(InputProblem(id: utterance.entry.id, failure))
        case nil: break
        }
        summary.utterances += 1
      })
  }
  utterances.log.tell(before: summary.utterances)
  try outcome.get()
  if let failure = maker.uselessLabels, utterances.labels?.unlabelled == summary.utterances { throw failure }
  try writer.finish()
  summary.groups = utterances.groupNames.count
  summary.take(maker, utterances.labels)
  summary.problems = utterances.log.problems
  return summary
}

/// Bytes of encoded and decoded files that may be under way at once.
let pipelineMemory = 256 << 20

extension ShardingSummary {
  /// Counts a decoded utterance.
  mutating func add(records: Int, units: Int, _ schema: RecordSchema) {
    self.records += records
    self.units += units
    let excess = records * schema.length - units
    if excess > 0 {
      paddedRecords += 1
      paddingUnits += excess
    } else {
      droppedUnits -= excess
    }
  }

  /// What came of the labels.
  mutating func take(_ maker: any RecordMaker, _ labels: (any UtteranceLabels)?) {
    guard let labels else { return }
    labelSource = maker.labelSource
    unlabelled = labels.unlabelled
    unknownIDs = labels.unknownIDs
    mends = labels.mends
  }
}
