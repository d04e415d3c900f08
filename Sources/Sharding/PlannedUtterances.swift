import Corpora
import FileIO
import Shards

/// An utterance that has its place: everything that a worker and the writer need.
struct PlannedUtterance: Sendable {
  var index: Int
  var group: Int
  var source: CorpusUtterance
  var shard: Int
  /// Nothing needs to be decoded: an earlier run has written the shard.
  var isReused: Bool

  var entry: ManifestEntry { source.entry }
  var audio: EncodedAudio { source.audio }
  /// Length in samples of a record.
  var samples: Int { source.samples }

  /// Whether the utterance before it is a piece of the same file.
  var sharesFile: Bool

  /// Memory that the utterance takes on its way: its encoded bytes, its samples, a padded window, and what comes with
  /// any utterance. Of a file on disk that it is a piece of, only the piece is held.
  var cost: Int {
    (source.isWhole ? audio.byteCount : sharesFile ? 0 : audio.heldBytes) + 2
      * (max(samples, SampleBuffer.leastCapacity) + RecordSchema.window) + 8192
  }
}

/// Walks a corpus and gives each utterance its index, group and shard. Indices are in corpus order and groups are
/// numbered by first appearance, whatever fails later.
final class PlannedUtterances {
  private let corpus: Corpus
  private let options: ShardingOptions
  private let isReused: (Int) -> Bool
  private let onUtterance: (CorpusUtterance, _ group: Int) throws -> Void
  private let onTranscript: (_ id: String, _ text: String) throws -> Void
  private var planner: ShardPlanner
  /// By the bytes of the name: Swift's strings are equal already if they look alike.
  private var groupIndices: [SIMD2<UInt64>: Int] = [:]
  private(set) var groupNames: [String] = []
  private(set) var speakers: [Speaker] = []
  private(set) var count = 0
  private var samples = 0
  private var last: EncodedAudio?
  /// Problems found while walking, each with the number of utterances before it.
  private(set) var problems: [(before: Int, problem: InputProblem)] = []

  /// - Parameters:
  ///   - isReused: whether an earlier run has written a shard.
  ///   - onUtterance: sees each utterance as it is planned, with its group.
  ///   - onTranscript: sees each transcript that comes on its own, before or after its utterance.
  init(
    _ corpus: Corpus, options: ShardingOptions, isReused: @escaping (Int) -> Bool = { _ in false },
    onUtterance: @escaping (CorpusUtterance, _ group: Int) throws -> Void = { _, _ in },
    onTranscript: @escaping (_ id: String, _ text: String) throws -> Void = { _, _ in }
  ) {
    self.corpus = corpus
    self.options = options
    self.isReused = isReused
    self.onUtterance = onUtterance
    self.onTranscript = onTranscript
    planner = ShardPlanner(recordsPerShard: options.recordsPerShard)
  }

  func next() throws -> PlannedUtterance? {
    while let event = try corpus.next() {
      switch event {
      case .utterance(let utterance):
        let group = group(utterance.entry.group)
        try onUtterance(utterance, group)
        let shard = planner.assign(records: RecordSchema.records(samples: utterance.samples, tail: options.tail))
        defer { count += 1 }
        samples += utterance.samples
        report()
        defer { last = utterance.audio }
        return PlannedUtterance(
          index: count, group: group, source: utterance, shard: shard, isReused: isReused(shard),
          sharesFile: last?.isSame(as: utterance.audio) == true)
      case .transcript(let id, let text): try onTranscript(id, text)
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
    let key = XXH3.key128(name)
    if let index = groupIndices[key] { return index }
    groupIndices[key] = groupNames.count
    groupNames.append(name)
    return groupNames.count - 1
  }

  private func report() {
    let tenths = samples * 10 / RecordSchema.rate / 3600
    options.progress(corpus.progress(detail: "\(count) utterances, \(tenths / 10).\(tenths % 10) h"))
  }
}
