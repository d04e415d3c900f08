public import Corpora
public import FileIO
import Shards

/// Turns a corpus into a record stream.
///
/// - Returns: the summary; its problems are those of the corpus, in corpus order.
public func streamRecords(of corpus: Corpus, to output: File, options: ShardingOptions) throws -> ShardingSummary {
  let writer = RecordStreamWriter(output)
  var summary = ShardingSummary()
  // Commits come in corpus order, and so do failures.
  var failures: [(utterance: Int, problem: InputProblem)] = []
  let utterances = PlannedUtterances(corpus, options: options)
  let pool = SampleBufferPool()
  let effort = DecodingEffort()
  try runOrderedPipeline(
    threads: options.threads, batch: UtteranceWorker.batch, maximumCost: pipelineMemory, cost: \.cost,
    read: { try utterances.next() },
    makeWorker: {
      let worker = try UtteranceWorker(tail: options.tail, pool: pool, effort: effort)
      return { worker.work($0) }
    },
    commit: { utterance, result in
      summary.utterances += 1
      switch result {
      case .success(let cut):
        summary.add(records: cut.records.count, samples: utterance.samples)
        summary.clipped += cut.clipped
        try writer.append(cut.records, id: utterance.entry.id, group: utterance.entry.group)
      case .failure(let failure):
        if options.strict { throw failure }
        let problem = InputProblem(id: utterance.entry.id, failure)
        failures.append((utterance.index, problem))
        options.report(problem)
      case nil: break
      }
    })
  try writer.finish()
  summary.groups = utterances.groupNames.count
  summary.openedFiles = effort.opens
  summary.decodedFrames = effort.frames
  summary.unlabelled = utterances.unlabelled
  summary.unknownIDs = utterances.unknownIDs
  summary.problems = utterances.merged(with: failures)
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

extension PlannedUtterances {
  /// All problems in corpus order: what was found before utterance i comes before what was wrong with it.
  func merged(with failures: [(utterance: Int, problem: InputProblem)]) -> [InputProblem] {
    var result: [InputProblem] = []
    var rest = problems[...]
    for (utterance, problem) in failures {
      while let first = rest.first, first.before <= utterance { result.append(rest.removeFirst().problem) }
      result.append(problem)
    }
    return result + rest.map(\.problem)
  }
}
