import Archives
public import Audio
import Corpora
public import FileIO
import Labels
import Manifests
public import OrderedJSON
import Pipelines
public import Planes
public import Sharding
public import Shards

/// Makes records of speech.
public struct AudioMaker: RecordMaker {
  /// What was asked for when the corpus was opened, for the card.
  private let conversion: AudioConversion
  /// Labels that replace those of the manifest.
  private let store: LabelStore?
  /// What the workers have done.
  public let effort = DecodingEffort()
  private let pool = LoanPool { SampleBuffer() }

  public init(conversion: AudioConversion = AudioConversion(), labels: LabelStore? = nil) {
    self.conversion = conversion
    store = labels
  }

  public let schema = RecordSchema.audio
  /// Samples that were beyond the range of 16 bits and became the largest or the smallest.
  public let counted = [Counted("clipped", "samples")]
  public let batch = AudioWorker.batch
  public let hasTranscripts = true

  /// Its encoded bytes, its samples, a padded window, and what comes with any utterance. Of a file on disk that it is a
  /// piece of, only the piece is held.
  public func cost(of utterance: PlannedUtterance) -> Int {
    guard case .success(let source) = utterance.source else { return 8192 }
    let isWhole = (try? source.piece.isWhole) ?? true
    return (isWhole ? source.file.byteCount : utterance.sharesFile ? 0 : source.file.heldBytes) + 2
      * (max(utterance.units, SampleBuffer.leastCapacity) + AudioRecords.window) + 8192
  }

  public func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker {
    try AudioWorker(tail: tail, pool: pool, effort: effort)
  }

  public func makeLabels(classes: [String]) -> (any UtteranceLabels)? { AudioLabels(store) }

  public var labelSource: String? { store.map { Folder.name(of: $0.path) } }
  public var uselessLabels: Failure? { store?.uselessness }

  public let recordFacts: JSONObject = [
    "samples": .int(AudioRecords.window), "rate": .int(AudioRecords.rate), "cell": .int(AudioRecords.cell),
  ]

  public func counts(_ summary: ShardingSummary) -> JSONObject {
    let hours = Double(summary.units) / Double(AudioRecords.rate) / 3600
    return ["hours": .real((hours * 1000).rounded() / 1000)]
  }

  public func facts(_ summary: ShardingSummary) -> JSONObject {
    conversion == AudioConversion()
      ? JSONObject() : ["conversion": .object(facts(ofConversion: summary.counts[Name("clipped")]?.total ?? 0))]
  }

  public func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? {
    ("phone_sets", ["name": .string(PhoneSet.cmu41.name), "classes": .array(PhoneSet.cmu41.names.map { .string($0) })])
  }

  /// How audio of other rates and with several channels was converted.
  private func facts(ofConversion clipped: Int) -> JSONObject {
    var object = JSONObject()
    if conversion.mixesDown { object["mixdown"] = .string("mean of the channels") }
    if conversion.resamples {
      object["resample"] = .object([
        "rate": .int(speechRate), "library": .string(AudioConversion.resamplingLibrary), "quality": .string("VHQ"),
        "length": .string("samples · \(speechRate) / rate, halves rounded up"),
      ])
    }
    object["rounding"] = .string("nearest, halves to even, no dither")
    object["clipped_samples"] = .int(clipped)
    return object
  }

  public func amount(units: Int) -> String {
    let tenths = units * 10 / AudioRecords.rate / 3600
    return "\(tenths / 10).\(tenths % 10) h"
  }
}
