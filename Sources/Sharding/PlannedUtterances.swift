import Corpora
import FileIO
import Shards

/// An utterance that has its place: everything that a worker and the writer need.
struct PlannedUtterance: Sendable {
  var index: Int
  var group: Int
  var entry: ManifestEntry
  var audio: EncodedAudio
  var shard: Int
  /// Nothing needs to be decoded: an earlier run has written the shard.
  var isReused: Bool

  /// Memory that the utterance takes on its way.
  var cost: Int { audio.byteCount + 2 * entry.samples }
}

/// Walks a corpus and gives each utterance its index, group and shard. Indices are in corpus order and groups are
/// numbered by first appearance, whatever fails later.
final class PlannedUtterances {
  private let corpus: Corpus
  private let options: ShardingOptions
  private let isReused: (Int) -> Bool
  /// Takes each utterance as it is planned, and each transcript, which may come later.
  private let note: (CorpusEvent) throws -> Void
  private var planner: ShardPlanner
  private var groupIndices: [String: Int] = [:]
  private(set) var groupNames: [String] = []
  private(set) var speakers: [Speaker] = []
  private(set) var count = 0
  private var samples = 0
  /// Problems found while walking, each with the number of utterances before it.
  private(set) var problems: [(before: Int, problem: InputProblem)] = []

  init(
    _ corpus: Corpus, options: ShardingOptions, recordsPerShard: Int,
    isReused: @escaping (Int) -> Bool = { _ in false },
    note: @escaping (CorpusEvent) throws -> Void = { _ in }
  ) {
    self.corpus = corpus
    self.options = options
    self.isReused = isReused
    self.note = note
    planner = ShardPlanner(recordsPerShard: recordsPerShard)
  }

  func next() throws -> PlannedUtterance? {
    while let event = try corpus.next() {
      switch event {
      case .utterance(let utterance):
        let entry = utterance.entry
        guard entry.offset == nil, entry.length == nil else {
          try skip(
            InputProblem(
              id: entry.id,
              Failure(.badInput, path: utterance.audio.name, "pieces of files (offset, length) cannot be read yet")))
          continue
        }
        try note(event)
        let planned = PlannedUtterance(
          index: count, group: group(entry.group), entry: entry, audio: utterance.audio,
          shard: planner.assign(records: RecordSchema.records(samples: entry.samples, tail: options.tail)),
          isReused: false)
        count += 1
        samples += entry.samples
        report()
        var result = planned
        result.isReused = isReused(planned.shard)
        return result
      case .transcript: try note(event)
      case .speakers(let found): speakers += found
      case .problem(let problem): try skip(problem)
      }
    }
    return nil
  }

  private func skip(_ problem: InputProblem) throws {
    if options.strict { throw problem.failure }
    problems.append((count, problem))
    options.report(problem)
  }

  private func group(_ name: String) -> Int {
    if let index = groupIndices[name] { return index }
    groupIndices[name] = groupNames.count
    groupNames.append(name)
    return groupNames.count - 1
  }

  private func report() {
    let (done, total) = corpus.progress
    let tenths = samples * 10 / RecordSchema.rate / 3600
    let detail = "\(count) utterances, \(tenths / 10).\(tenths % 10) h"
    let isBytes = corpus.progressUnit == .bytes
    options.progress(
      Progress(
        done: isBytes ? done >> 20 : done, total: total.map { isBytes ? $0 >> 20 : $0 },
        unit: isBytes ? "MiB" : corpus.progressUnit.rawValue, detail: detail))
  }
}
