public import FileIO
public import Labels
public import OrderedJSON
public import Planes
public import Shards

/// What a user may choose when a corpus becomes records.
public struct ShardingOptions: Sendable {
  /// A shard closes before the utterance that would take it past this many records.
  public var recordsPerShard = 4096
  public var tail = RecordSchema.Tail.pad
  public var threads = 1
  /// Stop at the first bad input.
  public var strict = false
  /// Replace a dataset, or what an interrupted run of another command left.
  public var force = false
  /// The command line for the card: no absolute paths, nothing that does not change the result.
  public var command = ""
  /// Everything that determines the result; an interrupted run goes on only if it is the same.
  public var fingerprint = JSONObject()
  /// The inputs as given, to be left out of the paths that the card names.
  public var inputs: [String] = []
  public var corpusName: String?
  public var licence: String?
  public var maker: any RecordMaker
  /// What was wrong with the corpus before it was walked.
  public var problems: [InputProblem] = []
  /// Makes what says the phones of words, which the card counts in the transcripts beside those of the labels.
  public var pronunciation: (@Sendable () -> Pronunciation)?
  /// Called from any thread.
  public var progress: ProgressHandler = { _ in }
  public var report: @Sendable (InputProblem) -> Void = { _ in }

  public init(_ maker: any RecordMaker) { self.maker = maker }
}

/// What came of it.
public struct ShardingSummary: Sendable {
  public var utterances = 0
  /// Of these, those that gave nothing, because their file could not be decoded: they keep their places in the list.
  public var failed = 0
  public var made: Int { utterances - failed }
  public var groups = 0
  public var records = 0
  public var units = 0
  public var shards = 0
  /// Shards of an interrupted run that were kept.
  public var reusedShards = 0
  public var paddedRecords = 0
  public var paddingUnits = 0
  public var droppedUnits = 0
  public var untranscribed = 0
  /// What ``RecordMaker/counted`` names, and the utterances that had some.
  public var counts: [Name: (total: Int, utterances: Int)] = [:]
  /// Where labels that replace the corpus's own came from.
  public var labelSource: String?
  /// With such: utterances without labels, and labels of utterances that the corpus lacks.
  public var unlabelled = 0
  public var unknownIDs = 0
  /// What was put right in the labels of the manifest, or of the store.
  public var mends = LabelMends()
  public var problems: [InputProblem] = []
  /// The dataset was there already, made by the same command; nothing was made.
  public var wasComplete = false
  public init() {}
}

extension ShardingSummary {
  /// Of a dataset that was complete already.
  init(_ card: Card, _ maker: any RecordMaker) {
    let schema = maker.schema
    func count(_ key: String) -> Int { card.facts["counts"]?[key]?.intValue ?? 0 }
    wasComplete = true
    utterances = count("utterances")
    failed = count("failed_utterances")
    groups = count("groups")
    records = count("records")
    units = count(schema.unit)
    shards = card.shards.count
    paddedRecords = count("padded_records")
    paddingUnits = count("padding_\(schema.unit)")
    droppedUnits = count("dropped_\(schema.unit)")
    untranscribed = count("untranscribed_utterances")
    for counted in maker.counted {
      let total = count("\(counted.key)_\(counted.unit)")
      if total > 0 { counts[Name(counted.key)] = (total, count("\(counted.key)_utterances")) }
    }
    let phones = card.facts["phone_sets"]?.arrayValue?.first
    unlabelled = phones?["unlabelled_utterances"]?.intValue ?? 0
    unknownIDs = phones?["unknown_ids"]?.intValue ?? 0
    problems = (card.facts["skipped"]?.arrayValue ?? []).map { problem in
      InputProblem(
        id: problem["id"]?.stringValue,
        Failure(
          .badInput, path: problem["path"]?.stringValue, at: problem["position"]?.stringValue,
          problem["reason"]?.stringValue ?? ""), isWarning: problem["warning"] == .bool(true))
    }
  }
}
