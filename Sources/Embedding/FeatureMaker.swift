import FileIO
public import OrderedJSON
import Safetensors
public import Sharding
public import Shards

/// What a dataset of features says of itself. It is made from one of audio, by ``FeatureConversion``.
public struct FeatureMaker: RecordMaker {
  public static let kind = "features"
  /// The key in a card of what there is to say of the features.
  public static let factsKey = "features"

  public let schema: RecordSchema
  private let extractor: any FrameExtractor
  private let source: any RecordMaker
  public let files: [(name: String, bytes: [UInt8])]

  /// - Parameters:
  ///   - dataset: the audio.
  ///   - source: what makes its records.
  /// - Throws: a `Failure` if they are not of audio.
  public init(
    _ extractor: any FrameExtractor, storage: FeatureConversion.Storage, of dataset: Dataset,
    from source: any RecordMaker
  ) throws {
    try requireAudio(dataset)
    files = try extractor.files(for: dataset)
    self.extractor = extractor
    self.source = source
    schema = RecordSchema(
      kind: Self.kind, unit: "frames", length: source.schema.cells,
      payload: [
        RecordSchema.Plane(
          "features", storage == .half ? .f16 : .f32, [source.schema.cells, extractor.dimension])
      ],
      label: source.schema.label,
      facts: ["rate": .int(AudioRecords.rate), "hop": .int(AudioRecords.cell), "centre": .int(extractor.centre)])
  }

  public let counted: [Counted] = []
  public let batch = 1

  public func cost(of utterance: PlannedUtterance) -> Int { 0 }

  public func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker {
    throw Failure(.usage, "features are made of a dataset of audio")
  }

  public var recordFacts: JSONObject {
    ["frames": .int(schema.length), "dimension": .int(extractor.dimension), "hop": .int(AudioRecords.cell)]
  }

  public func counts(_ summary: ShardingSummary) -> JSONObject {
    let hours = Double(summary.units * AudioRecords.cell) / Double(AudioRecords.rate) / 3600
    return ["hours": .real((hours * 1000).rounded() / 1000)]
  }

  public func facts(_ summary: ShardingSummary) -> JSONObject { [Self.factsKey: .object(extractor.facts)] }

  public func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? {
    source.labelFacts(labels)
  }

  public func amount(units: Int) -> String { "\(units) frames" }
}
