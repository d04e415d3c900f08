import Audio
import FileIO
import OrderedJSON
import Pixels
public import Shards
import Text

/// Makes files of items, each as programs for its kind read it, and what people see of one.
public struct ItemContent {
  /// Of a dataset of texts.
  private var vocabulary: Vocabulary?
  /// Names of the classes of a dataset of images.
  private var classes: [String]

  /// - Parameter dataset: nil for a record stream, which has neither words nor names.
  public init(_ dataset: Dataset?) throws {
    if let dataset, dataset.schema.kind == "text" {
      vocabulary = try Vocabulary(reading: dataset.intactFile(Vocabulary.fileName))
    }
    let names = dataset?.card.facts["label_sets"]?.arrayValue?.first?["classes"]?.arrayValue
    classes = (names ?? []).map { $0.stringValue ?? $0.compact }
  }

  public func raw(_ item: Excerpt) -> [UInt8] { item.payload.flatMap { $0 } }

  public func wav(_ item: Excerpt) throws -> [UInt8] {
    guard item.schema == .audio else { throw other(item, "\(setting: "wav") is for audio") }
    return try item.samples.withUnsafeBufferPointer { try encodeWAV($0, rate: AudioRecords.rate) }
  }

  public func png(_ item: Excerpt) throws -> [UInt8] {
    guard item.schema.kind == "image", let row = item.schema.payload.first?.row, row.count == 3, row[2] == 3 else {
      throw other(item, "\(setting: "png") is for images")
    }
    return try item.payload[0].withUnsafeBufferPointer { try PNGWriter.encode($0, width: row[1], height: row[0]) }
  }

  /// A sentence a line.
  public func text(_ item: Excerpt) throws -> [UInt8] { try sentences(item).flatMap { $0 + [UInt8(ascii: "\n")] } }

  /// The words of each sentence with spaces between them, UTF-8.
  public func sentences(_ item: Excerpt) throws -> [[UInt8]] {
    guard item.schema.kind == "text", item.schema.payload.count == 2 else {
      throw other(item, "\(setting: "text") is for texts")
    }
    guard let vocabulary else {
      throw Failure(.usage, "a record stream has no vocabulary", hint: "give a dataset, which has one")
    }
    let (tokens, lengths) = (item.schema.payload[0], item.schema.payload[1])
    let ids = tokens.integers(item.payload[0]).map { UInt16($0) }
    let words = tokens.row.last ?? 1
    return lengths.integers(item.payload[1]).enumerated().map { i, length in
      vocabulary.text(ids[i * words..<i * words + min(length, words)])
    }
  }

  /// The name of an item's class, or its number where it has no name; nil of one without.
  public func className(_ item: Excerpt) -> String? {
    guard item.isLabelled else { return nil }
    let label = item.labels[0]
    return classes.indices.contains(label) ? classes[label] : "\(label)"
  }

  /// The files of a WebDataset sample by their endings, and what else its JSON says; nil if its planes are as good.
  public func sample(_ item: Excerpt) throws -> WebDatasetWriter.Content? {
    switch item.schema.kind {
    case "image":
      let picture: WebDatasetWriter.Content.File = ("png", try png(item))
      guard item.isLabelled else { return .init(files: [picture]) }
      let label = item.labels[0]
      var facts = JSONObject()
      if classes.indices.contains(label) { facts["class"] = .string(classes[label]) }
      return .init(files: [picture, ("cls", Array("\(label)".utf8))], facts: facts)
    case "text": return .init(files: [("txt", try text(item))])
    default: return nil
    }
  }

  private func other(_ item: Excerpt, _ reason: String) -> Failure {
    Failure(.usage, "\(reason), and these records are of the kind \(item.schema.kind)")
  }
}
