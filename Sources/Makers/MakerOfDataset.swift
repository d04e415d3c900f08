import FileIO
import Images
import OrderedJSON
import Pixels
public import Sharding
public import Shards
import Text

extension Dataset {
  /// What makes records like those of this dataset, so far as copying them needs it.
  public func recordMaker() throws -> any RecordMaker {
    let record = card.facts["record"]?.objectValue ?? JSONObject()
    switch schema.kind {
    case "audio": return AudioMaker()
    case "image": return ImageMaker(framing: ImageFraming(record))
    case "text":
      let rules = try? record["rules"].map { try TextRules($0) }
      let file = try intactFile(Vocabulary.fileName)
      return TextMaker(
        try Vocabulary(reading: file), rules: rules ?? TextRules(), sentences: schema.length,
        words: schema.payload[0].row.last ?? 1)
    default: return CopyMaker(schema: schema, recordFacts: record, labelSet: labelSet)
    }
  }
}

extension Dataset {
  /// What the card says of the records' own labels, without counts.
  fileprivate var labelSet: (key: String, facts: JSONObject)? {
    for key in ["phone_sets", "label_sets"] {
      for set in card.facts[key]?.arrayValue ?? [] where isSame(set["plane"]?.stringValue, schema.label?.name) {
        return (key, ["name": set["name"] ?? .null, "classes": set["classes"] ?? .array([])])
      }
    }
    return nil
  }
}

extension ImageFraming {
  /// As ``ImageMaker/recordFacts`` says it.
  fileprivate init(_ facts: JSONObject) {
    let defaults = ImageFraming()
    let colour = facts["background"]?.arrayValue?.compactMap { $0.intValue.flatMap { UInt8(exactly: $0) } } ?? []
    self.init(
      width: facts["width"]?.intValue ?? defaults.width, height: facts["height"]?.intValue ?? defaults.height,
      fit: facts["fit"]?.stringValue.flatMap { Fit(rawValue: $0) } ?? defaults.fit,
      filter: facts["filter"]?.stringValue.flatMap { ResamplingFilter(rawValue: $0) } ?? defaults.filter,
      background: colour.count == 3 ? RGB8(colour[0], colour[1], colour[2]) : defaults.background)
  }
}

/// Of records of a kind that this version does not make.
private struct CopyMaker: RecordMaker {
  let schema: RecordSchema
  let recordFacts: JSONObject
  let labelSet: (key: String, facts: JSONObject)?
  let counted: [Counted] = []
  let batch = 1

  func cost(of utterance: PlannedUtterance) -> Int { 0 }

  func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker {
    throw Failure(.usage, "records of the kind \"\(schema.kind)\" can be copied, but not made")
  }

  func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? { labelSet }

  /// Where a unit is so many samples, there are hours.
  func counts(_ summary: ShardingSummary) -> JSONObject {
    guard let hop = schema.facts["hop"]?.intValue, let rate = schema.facts["rate"]?.intValue, rate > 0 else {
      return JSONObject()
    }
    let hours = Double(summary.units) * Double(hop) / Double(rate) / 3600
    return ["hours": .real((hours * 1000).rounded() / 1000)]
  }

  func amount(units: Int) -> String { "\(units) \(schema.unit)" }
}
