import Archives
public import Corpora
public import FileIO
import Labels
public import Manifests
import Shards

/// An utterance that has its place: everything that a worker and the writer need.
public struct PlannedUtterance: Sendable {
  public var index: Int
  public var group: Int
  /// As ``UtteranceLabels/labels(of:)``.
  public var labels: [UInt8]?
  var shard: Int
  public var entry: ManifestEntry
  /// As ``EncodedFile/stamp``.
  var stamp: String?
  /// The file, or why there is none; nil if nobody needs it, because an earlier run has written the shard.
  public var source: Result<CorpusUtterance, Failure>?

  /// Length in the unit of records.
  public var units: Int { entry.units }

  /// For messages.
  public var name: String { (try? source?.get().file.name) ?? entry.member ?? entry.source }

  /// Whether the utterance before it is a piece of the same file.
  public var sharesFile = false

  /// What `body` makes of it; any error becomes one that names it.
  public func result<Value>(_ body: () throws -> Value) -> Result<Value, Failure> {
    do { return .success(try body()) } catch let failure as Failure { return .failure(failure) } catch {
      return .failure(Failure(.badInput, path: name, "\(error)"))
    }
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
  /// Nil if records have none.
  let labels: (any UtteranceLabels)?
  private var units = 0
  private var last: EncodedFile?
  /// The file whose stamp was asked for last.
  private var stamped: (file: EncodedFile, stamp: String?)?
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
    labels = options.maker.makeLabels(classes: part?.classes ?? [])
    count = part?.utterances.lowerBound ?? 0
    lastUtterance = part?.utterances.upperBound ?? Int.max
    planner = ShardPlanner(recordsPerShard: options.recordsPerShard, first: part?.shards.lowerBound ?? 0)
    log = ProblemLog(report: options.report)
    for name in part?.groups ?? [] { _ = group(name) }
    for problem in options.problems + (labels?.problems ?? []) { log.add(problem, before: count) }
  }

  func next() throws -> PlannedUtterance? {
    while count < lastUtterance, let event = try corpus.next() {
      switch event {
      case .utterance(let utterance):
        // Pieces of a recording share its stamp, which may be the digest of an hour.
        if stamped?.file.isSame(as: utterance.file) != true { stamped = (utterance.file, utterance.file.stamp) }
        return try plan(utterance.entry, stamp: stamped!.stamp) { utterance }
      case .declared(let item): return try plan(item.entry, stamp: item.stamp, source: item.open)
      case .transcript(let id, let text): try onTranscript(id, text)
      case .speakers(let found): speakers += found
      case .problem(let problem): try skip(problem)
      }
    }
    return nil
  }

  private func plan(
    _ entry: ManifestEntry, stamp: String?, source: () throws -> CorpusUtterance
  ) throws -> PlannedUtterance {
    let group = group(entry.group)
    let labels = try labels(of: entry)
    try onUtterance(entry, group)
    let shard = planner.assign(records: options.maker.schema.records(units: entry.units, tail: options.tail))
    defer { count += 1 }
    units += entry.units
    report()
    var planned = PlannedUtterance(
      index: count, group: group, labels: labels, shard: shard, entry: entry, stamp: stamp)
    if !isReused(shard) {
      do {
        let source = try source()
        planned.source = .success(source)
        planned.sharesFile = last?.isSame(as: source.file) == true
        last = source.file
      } catch let failure as Failure where failure.kind == .badInput {
        planned.source = .failure(failure)
      }
    }
    return planned
  }

  /// An utterance whose labels are bad goes on without.
  private func labels(of entry: ManifestEntry) throws -> [UInt8]? {
    do { return try labels?.labels(of: entry) } catch var failure as Failure {
      if failure.path == nil, let line = corpus.manifestLine {
        failure.path = line.path
        failure.position = ["line \(line.number)", failure.position].compactMap { $0 }.joined(separator: ", ")
      }
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

  /// What the groups come to.
  ///
  /// - Parameters: of each utterance its group, records and length; `failed` are the utterances that gave nothing.
  func groupFacts(of groups: [Int32], rows: [Int32], units: [Int32], failed: Set<Int>, unit: String) -> [GroupFacts] {
    var facts = groupNames.map { GroupFacts(name: $0, unit: unit) }
    let speakers = Dictionary(speakers.map { (XXH3.key128($0.id), $0) }, uniquingKeysWith: { first, _ in first })
    for i in facts.indices { facts[i].speaker = speakers[XXH3.key128(facts[i].name)] }
    for (utterance, group) in groups.enumerated() {
      facts[Int(group)].utterances += 1
      facts[Int(group)].records += Int(rows[utterance])
      if !failed.contains(utterance) { facts[Int(group)].units += Int(units[utterance]) }
    }
    return facts
  }

  private func report() {
    options.progress(
      corpus.progress(detail: "\(count) utterance\(count == 1 ? "" : "s"), \(options.maker.amount(units: units))"))
  }
}
