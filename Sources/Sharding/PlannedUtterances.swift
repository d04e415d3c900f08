import Archives
import Audio
import Corpora
import FileIO
import Labels
import Shards

/// An utterance that has its place: everything that a worker and the writer need.
struct PlannedUtterance: Sendable {
  var index: Int
  var group: Int
  /// The class of each cell, from the store of labels if there is one, else from the manifest.
  var labels: [UInt8]?
  var shard: Int
  var entry: ManifestEntry
  /// Bytes of the encoded file, where the corpus was looked at; manifests only declare.
  var bytes: Int?
  /// The audio, or why there is none; nil if nobody needs it, because an earlier run has written the shard.
  var source: Result<CorpusUtterance, Failure>?

  /// Length in samples of a record.
  var samples: Int { entry.convertedSamples }

  /// For messages.
  var name: String { (try? source?.get().audio.name) ?? entry.member ?? entry.source }

  /// Whether the utterance before it is a piece of the same file.
  var sharesFile = false

  /// Memory that the utterance takes on its way: its encoded bytes, its samples, a padded window, and what comes with
  /// any utterance. Of a file on disk that it is a piece of, only the piece is held.
  var cost: Int {
    guard case .success(let source) = source else { return 8192 }
    return (source.piece.isWhole ? source.audio.byteCount : sharesFile ? 0 : source.audio.heldBytes) + 2
      * (max(samples, SampleBuffer.leastCapacity) + RecordSchema.window) + 8192
  }
}

/// Walks a corpus and gives each utterance its index, group and shard. Indices are in corpus order and groups are
/// numbered by first appearance, whatever fails later.
final class PlannedUtterances {
  private let corpus: Corpus
  private let options: ShardingOptions
  private let isReused: (Int) -> Bool
  private let onUtterance: (ManifestEntry, _ group: Int) throws -> Void
  private let onTranscript: (_ id: String, _ text: String) throws -> Void
  private var planner: ShardPlanner
  /// By the bytes of the name: Swift's strings are equal already if they look alike.
  private var groupIndices: [SIMD2<UInt64>: Int] = [:]
  private(set) var groupNames: [String] = []
  private(set) var speakers: [Speaker] = []
  /// Utterances so far, and those before the first one.
  private(set) var count: Int
  private let lastUtterance: Int
  /// Which utterances of a store of labels have come, whatever came of them: two of the corpus may be one there.
  private lazy var found = [Bool](repeating: false, count: options.labels?.count ?? 0)
  private(set) var unlabelled = 0
  private(set) lazy var mends = options.labels?.mends ?? LabelMends()
  private var samples = 0
  private var last: EncodedFile?
  /// Of the walk; those of decoding are for whoever commits the utterances.
  let log: ProblemLog

  /// - Parameters:
  ///   - isReused: whether an earlier run has written a shard.
  ///   - onUtterance: sees each utterance as it is planned, with its group.
  ///   - onTranscript: sees each transcript that comes on its own, before or after its utterance.
  ///   - part: what is to be made; nil is all.
  init(
    _ corpus: Corpus, options: ShardingOptions, part: PartPlan? = nil,
    isReused: @escaping (Int) -> Bool = { _ in false },
    onUtterance: @escaping (ManifestEntry, _ group: Int) throws -> Void = { _, _ in },
    onTranscript: @escaping (_ id: String, _ text: String) throws -> Void = { _, _ in }
  ) {
    self.corpus = corpus
    self.options = options
    self.isReused = isReused
    self.onUtterance = onUtterance
    self.onTranscript = onTranscript
    count = part?.utterances.lowerBound ?? 0
    lastUtterance = part?.utterances.upperBound ?? Int.max
    planner = ShardPlanner(recordsPerShard: options.recordsPerShard, first: part?.shards.lowerBound ?? 0)
    log = ProblemLog(report: options.report)
    for name in part?.groups ?? [] { _ = group(name) }
    for problem in options.labels?.problems ?? [] { log.add(problem, before: count) }
  }

  /// Labels of utterances that have not come.
  var unknownIDs: Int { found.count { !$0 } }

  func next() throws -> PlannedUtterance? {
    while count < lastUtterance, let event = try corpus.next() {
      switch event {
      case .utterance(let utterance):
        return try plan(utterance.entry, bytes: utterance.audio.byteCount) { utterance }
      case .declared(let entry): return try plan(entry) { [corpus] in try corpus.find(entry) }
      case .transcript(let id, let text): try onTranscript(id, text)
      case .speakers(let found): speakers += found
      case .problem(let problem): try skip(problem)
      }
    }
    return nil
  }

  private func plan(
    _ entry: ManifestEntry, bytes: Int? = nil, source: () throws -> CorpusUtterance
  ) throws -> PlannedUtterance {
    let group = group(entry.group)
    let labels = try labels(of: entry)
    try onUtterance(entry, group)
    let shard = planner.assign(records: RecordSchema.records(samples: entry.convertedSamples, tail: options.tail))
    defer { count += 1 }
    samples += entry.convertedSamples
    report()
    var planned = PlannedUtterance(index: count, group: group, labels: labels, shard: shard, entry: entry, bytes: bytes)
    if !isReused(shard) {
      do {
        let source = try source()
        planned.source = .success(source)
        planned.sharesFile = last?.isSame(as: source.audio) == true
        last = source.audio
      } catch let failure as Failure where failure.kind == .badInput {
        planned.source = .failure(failure)
      }
    }
    return planned
  }

  /// An utterance whose labels are bad goes on without. Where there is a store, those of the manifest do not count.
  private func labels(of entry: ManifestEntry) throws -> [UInt8]? {
    guard let store = options.labels else { return try manifestLabels(of: entry) }
    var result: [UInt8]?
    for place in store.places(of: entry.id) { found[place] = true }
    do { result = try store.labels(of: entry.id, samples: entry.convertedSamples) } catch let failure as Failure {
      try skip(InputProblem(id: entry.id, failure))
    }
    if result?.contains(where: { $0 != RecordSchema.unlabelled }) != true { unlabelled += 1 }
    return result
  }

  private func manifestLabels(of entry: ManifestEntry) throws -> [UInt8]? {
    guard let phones = entry.phones else { return nil }
    do {
      try LabelLength.seconds(end: phones.last?.end ?? 0, declared: nil)
        .check(samples: entry.convertedSamples, rate: RecordSchema.rate, cell: RecordSchema.cell)
      let sequence = try IntervalSequence(phones)
      mends += sequence.mends
      return try LabelGrid.cells(
        sequence.intervals, samples: entry.convertedSamples, rate: RecordSchema.rate, cell: RecordSchema.cell,
        phoneSet: .cmu41,
        unlabelled: RecordSchema.unlabelled)
    } catch var failure as Failure {
      failure.path = corpus.manifestLine?.path
      failure.position = [corpus.manifestLine.map { "line \($0.number)" }, failure.position]
        .compactMap { $0 }.joined(separator: ", ")
      try skip(InputProblem(id: entry.id, failure))
      return nil
    }
  }

  private func skip(_ problem: InputProblem) throws {
    if options.strict { throw problem.failure }
    log.add(problem, before: count)
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
    let noun = count == 1 ? "utterance" : "utterances"
    options.progress(corpus.progress(detail: "\(count) \(noun), \(tenths / 10).\(tenths % 10) h"))
  }
}
