import FileIO
public import OrderedJSON
import Safetensors
public import Sharding
public import Shards

/// What a dataset of features says of itself. It is made from another, by ``FeatureConversion``.
public struct FeatureMaker: RecordMaker {
  public static let kind = "features"
  /// The key in a card of what there is to say of the features.
  public static let factsKey = "features"

  public let schema: RecordSchema
  private let extractor: any FrameExtractor
  private let source: any RecordMaker
  public let files: [(name: String, bytes: [UInt8])]

  /// - Parameters:
  ///   - dataset: what they are made of.
  ///   - source: what makes its records.
  /// - Throws: a `Failure` if these features are not made of such records.
  public init(
    _ extractor: any FrameExtractor, storage: FeatureConversion.Storage, of dataset: Dataset,
    from source: any RecordMaker
  ) throws {
    try extractor.check(dataset)
    files = try extractor.files(for: dataset)
    self.extractor = extractor
    self.source = source
    let length = extractor.grid.count(units: source.schema.length)
    var facts = JSONObject()
    if case .frames(centre: let centre) = extractor.grid {
      facts = ["rate": .int(AudioRecords.rate), "hop": .int(AudioRecords.cell), "centre": .int(centre)]
    }
    schema = RecordSchema(
      kind: Self.kind, unit: extractor.grid == .units ? source.schema.unit : "frames", length: length,
      payload: [RecordSchema.Plane("features", storage == .half ? .f16 : .f32, [length, extractor.dimension])],
      label: source.schema.label, facts: facts)
  }

  public let counted: [Counted] = []
  public let batch = 1

  public func cost(of utterance: PlannedUtterance) -> Int { 0 }

  public func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker {
    throw Failure(.usage, "features are made of a dataset")
  }

  public var recordFacts: JSONObject {
    var facts: JSONObject = [schema.unit: .int(schema.length), "dimension": .int(extractor.dimension)]
    if extractor.grid != .units { facts["hop"] = .int(AudioRecords.cell) }
    return facts
  }

  public var numbersLabels: Bool { source.numbersLabels }

  public func makeLabels(classes: [String]) -> (any UtteranceLabels)? {
    numbersLabels ? source.makeLabels(classes: classes) : nil
  }

  public func counts(_ summary: ShardingSummary) -> JSONObject {
    guard extractor.grid != .units else { return JSONObject() }
    let hours = Double(summary.units * AudioRecords.cell) / Double(AudioRecords.rate) / 3600
    return ["hours": .real((hours * 1000).rounded() / 1000)]
  }

  public func facts(_ summary: ShardingSummary) -> JSONObject { [Self.factsKey: .object(extractor.facts)] }

  public func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? {
    source.labelFacts(labels)
  }

  public func amount(units: Int) -> String {
    extractor.grid == .units ? source.amount(units: units) : "\(units) frames"
  }
}
