import Corpora
public import FileIO
public import Labels
public import Manifests
public import OrderedJSON
public import Shards

/// What a kind of record has of its own: how an utterance, a picture or a document becomes its payload and labels, and
/// what there is to say of that. Planning, journal, shards, parts and subsets are the same for all.
public protocol RecordMaker: Sendable {
  var schema: RecordSchema { get }
  /// What is counted of each utterance while it is made.
  var counted: [Counted] { get }
  /// How many utterances a worker takes at once.
  var batch: Int { get }
  /// Memory that an utterance takes on its way, in bytes.
  func cost(of utterance: PlannedUtterance) -> Int
  /// What one thread does.
  func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker
  /// What finds the labels of one run's utterances; nil if their records have none.
  ///
  /// - Parameter classes: names of classes that come before this part of the corpus, or in it, by number.
  func makeLabels(classes: [String]) -> (any UtteranceLabels)?
  /// Whether labels are numbers of names that the utterance list has, by first appearance: a subset numbers them anew.
  var numbersLabels: Bool { get }
  /// Whether utterances have transcripts, so that a card counts those without.
  var hasTranscripts: Bool { get }
  /// What a card says of records, beside their length, tail and shards.
  var recordFacts: JSONObject { get }
  /// What else a card counts, beside what is ``counted``.
  func counts(_ summary: ShardingSummary) -> JSONObject
  /// What else a card says, after all that every dataset has.
  func facts(_ summary: ShardingSummary) -> JSONObject
  /// The key in the card of what there is to say of labels, and that itself, without counts; nil if records have none.
  func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)?
  /// Where labels that replace the corpus's own come from; nil if there are none.
  var labelSource: String? { get }
  /// What there is to say if they label nothing of the corpus.
  var uselessLabels: Failure? { get }
  /// Files that belong to the dataset beside its records, by name.
  var files: [(name: String, bytes: [UInt8])] { get }
  /// Units for people, for example `1.5 h`.
  func amount(units: Int) -> String
}

/// Something that utterances may have, for example samples that were clipped. `key` stands in the journal and in the
/// utterance list where the count is not 0; a card has the sum as `KEY_UNIT`, and `KEY_utterances`.
public struct Counted: Sendable, Equatable {
  public let key: String
  public let unit: String

  public init(_ key: String, _ unit: String) {
    self.key = key
    self.unit = unit
  }
}

/// Makes records on one thread.
public protocol RecordWorker: AnyObject {
  /// The records of each utterance, all or none; nil where an earlier run has written them.
  func work(_ utterances: [PlannedUtterance]) -> [Result<MadeRecords, Failure>?]
}

/// An utterance that has become records.
public struct MadeRecords: Sendable {
  public var records: UtteranceRecords
  /// As ``RecordMaker/counted``.
  public var counts: [Int]

  public init(records: UtteranceRecords, counts: [Int]) {
    self.records = records
    self.counts = counts
  }
}

/// Finds the labels of utterances as they are planned, in their order.
public protocol UtteranceLabels: AnyObject {
  /// The elements of the schema's label plane as ``UtteranceRecords`` takes them; nil if there are none. A `Failure` says
  /// what is wrong with them: the utterance goes on without.
  func labels(of entry: ManifestEntry) throws -> [UInt8]?
  /// What was wrong before the first utterance.
  var problems: [InputProblem] { get }
  var unlabelled: Int { get }
  /// Labels of utterances that have not come.
  var unknownIDs: Int { get }
  var mends: LabelMends { get }
  /// Names of the classes by number, where the corpus has names of its own.
  var classes: [String] { get }
}

extension RecordMaker {
  public func counts(_ summary: ShardingSummary) -> JSONObject { JSONObject() }
  public func facts(_ summary: ShardingSummary) -> JSONObject { JSONObject() }
  public func makeLabels(classes: [String]) -> (any UtteranceLabels)? { nil }
  public func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? { nil }
  public var numbersLabels: Bool { false }
  public var hasTranscripts: Bool { false }
  public var files: [(name: String, bytes: [UInt8])] { [] }
  public var labelSource: String? { nil }
  public var uselessLabels: Failure? { nil }
}
