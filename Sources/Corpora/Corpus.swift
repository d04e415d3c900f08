public import Digests
public import FileIO
import Manifests
import Members

/// A corpus that is walked once, front to back. For one caller at a time, from any thread.
public final class Corpus: @unchecked Sendable {
  private let walk: any Walk
  /// Events that have been looked at but not handed out, the next one last.
  private var ahead: [CorpusEvent] = []

  init(_ walk: any Walk) { self.walk = walk }

  /// The utterances of a manifest (JSON Lines), in its order. `head` are bytes already read from it.
  public init(manifest: File, head: [UInt8] = [], options: CorpusOptions = CorpusOptions()) throws {
    walk = try ManifestWalk(manifest: manifest, head: head, options: options)
  }

  /// The utterances of a surveyed manifest from one of them on.
  public init(manifest path: String, _ survey: ManifestSurvey, from utterance: Int, options: CorpusOptions) throws {
    let lines = try ManifestWalk(manifest: path, survey, from: utterance, options: options)
    walk = options.prefixesGroups ? try JoinedWalk([.init(label: path, prefix: corpusName(path), walk: lines)]) : lines
  }

  /// The next event; nil at the end. A `Failure` thrown here ends the walk.
  public func next() throws -> CorpusEvent? { try ahead.popLast() ?? walk.next() }

  /// The archives that have been read to their end, if ``CorpusOptions/digestsSources`` asked for it.
  public func sources() throws -> [FileDigest] { try walk.sources() }

  /// Walks up to the first utterance, so that a corpus without one is refused before anything is made of it. Nothing of
  /// it is lost to ``next()``; if there is none, the first things that were bad in it are reported.
  ///
  /// - Parameter strict: also refuses a corpus that begins with something bad.
  public func requireUtterance(strict: Bool = false, report: (InputProblem) -> Void = { _ in }) throws {
    var seen: [CorpusEvent] = []
    var problems: [InputProblem] = []
    do {
      walk: while let event = try next() {
        seen.append(event)
        switch event {
        case .utterance, .declared: break walk
        case .problem(let problem):
          if strict { throw problem.failure }
          problems.append(problem)
        case .transcript, .speakers: continue
        }
      }
    } catch {
      // With the wrong layout, each of its files is one.
      for problem in problems.prefix(Self.mostNamed) { report(problem) }
      if problems.count > Self.mostNamed {
        report(InputProblem(Failure(.badInput, "\(problems.count - Self.mostNamed) more files or lines")))
      }
      throw error
    }
    ahead = seen.reversed()
  }

  private static let mostNamed = 5

  /// The kind of records that the first utterance becomes, ``Extent/kind``; nil if there is none.
  ///
  /// - Parameters: as ``requireUtterance(strict:report:)``.
  public func kind(strict: Bool, report: (InputProblem) -> Void) throws -> String? {
    if let kind = walk.kind { return kind }
    try requireUtterance(strict: strict, report: report)
    switch ahead.first {
    case .utterance(let utterance): return utterance.entry.extent.kind
    case .declared(let item): return item.entry.extent.kind
    default: return nil
    }
  }

  /// Compressed bytes of archives, files of folders or lines of a manifest: see ``progressUnit``.
  public var progress: (done: Int, total: Int?) { walk.progress }

  public var progressUnit: ProgressUnit { walk.progressUnit }

  /// ``progress`` for people: archives in MiB.
  public func progress(detail: String) -> Progress {
    let (done, total) = progress
    let isBytes = progressUnit == .bytes
    return Progress(
      done: isBytes ? done >> 20 : done, total: isBytes ? total.map { $0 >> 20 } : total,
      unit: isBytes ? "MiB" : progressUnit.rawValue, detail: detail)
  }

  /// Units of records that will come, where that is known before the walk: the sum over a manifest that is a regular file,
  /// or over the headers of a folder's files, which takes up to two seconds each time.
  public var declaredUnits: Int? { walk.declaredUnits }

  /// How many at least, if none turns out bad, where that is known before the walk; nil for pipes.
  public var minimumUnits: Int? { walk.minimumUnits }

  /// The line of a manifest that the utterance which ``next()`` returned last comes from; nil if it comes from none.
  public var manifestLine: (path: String, number: Int)? { walk.manifestLine }

  /// Good utterances for which no transcript has come so far. Manifest lines without text count too.
  public var utterancesWithoutTranscript: Int { walk.utterancesWithoutTranscript }

  /// What there is to say in the end, a line each: what was left out that is no fault, and what was mended.
  public var notes: [String] { walk.notes }
}

public enum ProgressUnit: String, Sendable {
  case bytes
  case files
  case lines
}

/// What a ``Corpus`` walks.
protocol Walk: AnyObject {
  func next() throws -> CorpusEvent?
  func sources() throws -> [FileDigest]
  var progress: (done: Int, total: Int?) { get }
  var progressUnit: ProgressUnit { get }
  var declaredUnits: Int? { get }
  var minimumUnits: Int? { get }
  var utterancesWithoutTranscript: Int { get }
  var notes: [String] { get }
  var manifestLine: (path: String, number: Int)? { get }
  /// The kind of records that utterances become, where that is known before the walk.
  var kind: String? { get }
}

extension Walk {
  var manifestLine: (path: String, number: Int)? { nil }
  func sources() throws -> [FileDigest] { [] }
  var minimumUnits: Int? { declaredUnits }
  var kind: String? { nil }
  var notes: [String] { [] }
}
