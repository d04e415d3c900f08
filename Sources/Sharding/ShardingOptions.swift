public import Audio
public import FileIO
public import Labels
public import OrderedJSON
public import Shards

/// What a user may choose when a corpus becomes records.
public struct ShardingOptions: Sendable {
  /// A shard closes before the utterance that would take it past this many records.
  public var recordsPerShard = 4096
  public var tail = RecordSchema.Tail.pad
  /// What was asked for when the corpus was opened, for the card.
  public var conversion = AudioConversion()
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
  /// Replaces the phones of the manifest.
  public var labels: LabelStore?
  /// Makes what says the phones of words, which the card counts in the transcripts beside those of the labels.
  public var pronunciation: (@Sendable () -> Pronunciation)?
  /// Called from any thread.
  public var progress: ProgressHandler = { _ in }
  public var report: @Sendable (InputProblem) -> Void = { _ in }

  public init() {}
}

/// What came of it.
public struct ShardingSummary: Sendable {
  public var utterances = 0
  public var groups = 0
  public var records = 0
  public var samples = 0
  public var shards = 0
  /// Shards of an interrupted run that were kept.
  public var reusedShards = 0
  public var paddedRecords = 0
  public var paddingSamples = 0
  public var droppedSamples = 0
  public var untranscribed = 0
  /// Samples that were beyond the range of 16 bits and became the largest or the smallest, and utterances with such.
  public var clipped = 0
  public var clippedUtterances = 0
  /// How often an audio file was opened to be decoded, and the frames decoded of all of them. A long file that is cut into
  /// pieces is opened once by each thread.
  public var openedFiles = 0
  public var decodedFrames = 0
  /// Where a store of labels was given: utterances without labels, and labels of utterances that the corpus lacks.
  public var unlabelled = 0
  public var unknownIDs = 0
  /// What was put right in the labels of the manifest, or of the store.
  public var mends = LabelMends()
  public var problems: [InputProblem] = []
  /// The dataset was there already, made by the same command; nothing was made.
  public var wasComplete = false
  public var hours: Double { Double(samples) / Double(RecordSchema.rate) / 3600 }

  public init() {}
}

extension ShardingSummary {
  /// Of a dataset that was complete already.
  init(_ card: Card) {
    func count(_ key: String) -> Int { card.facts["counts"]?[key]?.intValue ?? 0 }
    wasComplete = true
    utterances = count("utterances")
    groups = count("groups")
    records = count("records")
    samples = count("samples")
    shards = card.shards.count
    paddedRecords = count("padded_records")
    paddingSamples = count("padding_samples")
    droppedSamples = count("dropped_samples")
    untranscribed = count("untranscribed_utterances")
    clipped = count("clipped_samples")
    clippedUtterances = count("clipped_utterances")
    let phones = card.facts["phone_sets"]?.arrayValue?.first
    unlabelled = phones?["unlabelled_utterances"]?.intValue ?? 0
    unknownIDs = phones?["unknown_ids"]?.intValue ?? 0
    problems = (card.facts["skipped"]?.arrayValue ?? []).map { problem in
      InputProblem(
        id: problem["id"]?.stringValue,
        Failure(
          .badInput, path: problem["path"]?.stringValue, at: problem["position"]?.stringValue,
          problem["reason"]?.stringValue ?? ""))
    }
  }
}
