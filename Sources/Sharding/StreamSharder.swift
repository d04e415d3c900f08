import Audio
public import Corpora
public import FileIO
import Pipelines
import Shards

/// Turns a corpus into a record stream.
///
/// - Returns: the summary; its problems are those of the corpus, in corpus order.
public func streamRecords(of corpus: Corpus, to output: File, options: ShardingOptions) throws -> ShardingSummary {
  let writer = RecordStreamWriter(output)
  var summary = ShardingSummary()
  let utterances = PlannedUtterances(corpus, options: options)
  let pool = LoanPool { SampleBuffer() }
  let effort = DecodingEffort()
  let outcome = Result {
    try runOrderedPipeline(
      threads: options.threads, batch: UtteranceWorker.batch, maximumCost: pipelineMemory, cost: \.cost,
      read: { try utterances.next() },
      makeWorker: {
        let worker = try UtteranceWorker(tail: options.tail, pool: pool, effort: effort)
        return { worker.work($0) }
      },
      commit: { utterance, result in
        utterances.log.tell(before: utterance.index)
        switch result {
        case .success(let cut):
          summary.add(records: cut.records.count, samples: utterance.samples)
          summary.clipped += cut.clipped
          summary.clippedUtterances += cut.clipped > 0 ? 1 : 0
          try writer.append(cut.records, id: utterance.entry.id, group: utterance.entry.group)
        case .failure(let failure):
          if options.strict { throw failure }
          utterances.log.tell(InputProblem(id: utterance.entry.id, failure))
        case nil: break
        }
        summary.utterances += 1
      })
  }
  utterances.log.tell(before: summary.utterances)
  try outcome.get()
  if let labels = options.labels, utterances.unlabelled == summary.utterances { throw labels.uselessness }
  try writer.finish()
  summary.groups = utterances.groupNames.count
  summary.openedFiles = effort.opens
  summary.decodedFrames = effort.frames
  summary.unlabelled = utterances.unlabelled
  summary.unknownIDs = utterances.unknownIDs
  summary.mends = utterances.mends
  summary.problems = utterances.log.problems
  return summary
}

/// Bytes of encoded and decoded audio that may be under way at once.
let pipelineMemory = 256 << 20

extension ShardingSummary {
  /// Counts a decoded utterance.
  mutating func add(records: Int, samples: Int) {
    self.records += records
    self.samples += samples
    let excess = records * RecordSchema.window - samples
    if excess > 0 {
      paddedRecords += 1
      paddingSamples += excess
    } else {
      droppedSamples -= excess
    }
  }
}
