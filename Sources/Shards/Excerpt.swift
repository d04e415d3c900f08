public import OrderedJSON

/// A record, or a whole utterance, taken out of a dataset or a record stream.
public struct Excerpt {
  public var schema: RecordSchema
  /// Number of the record; nil for a whole utterance.
  public var record: Int?
  public var id: String
  public var group: String
  /// Offset in the utterance, in units.
  public var start: Int
  /// Units, without padding.
  public var count: Int
  /// The bytes of those units, of each plane of the schema's payload.
  public var payload: [[UInt8]]
  /// Labels of the cells that hold units.
  public var labels: [Int]
  /// What was added to the dataset: the values of the same cells, or of the first row.
  public var planes: [(overlay: Overlay, values: [Int])]
  public var session: String?
  public var text: String?
  /// Of a whole utterance of a dataset: what its list carries besides.
  public var facts = JSONObject()

  public var isLabelled: Bool { labels.contains { $0 != schema.unlabelled } }
}
