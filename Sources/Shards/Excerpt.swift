/// A record, or a whole utterance, taken out of a dataset or a record stream.
public struct Excerpt {
  /// Number of the record; nil for a whole utterance.
  public var record: Int?
  public var id: String
  public var group: String
  /// Offset in the utterance, in samples.
  public var start: Int
  /// Samples without padding.
  public var samples: [Int16]
  /// Labels of the cells that hold samples.
  public var phones: [UInt8]
  /// What was added to the dataset: the values of the same cells, or of the first row.
  public var planes: [(overlay: Overlay, values: [Int])]
  public var session: String?
  public var text: String?
}
