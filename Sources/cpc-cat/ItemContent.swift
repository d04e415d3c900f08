import Audio
import FileIO
import OrderedJSON
import Pixels
import Shards
import Text

/// Makes files of items, each as programs for its kind read it.
struct ItemContent {
  /// Of a dataset of texts.
  private var vocabulary: Vocabulary?
  /// Names of the classes of a dataset of images.
  private var classes: [String]

  /// - Parameter dataset: nil for a record stream, which has neither words nor names.
  init(_ dataset: Dataset?) throws {
    if let dataset, dataset.schema.kind == "text" {
      vocabulary = try Vocabulary(reading: dataset.intactFile(Vocabulary.fileName))
    }
    let names = dataset?.card.facts["label_sets"]?.arrayValue?.first?["classes"]?.arrayValue
    classes = (names ?? []).map { $0.stringValue ?? $0.compact }
  }

  func raw(_ item: Excerpt) -> [UInt8] { item.payload.flatMap { $0 } }

  func wav(_ item: Excerpt) throws -> [UInt8] {
    guard item.schema == .audio else { throw other(item, "--wav is for audio") }
    return try item.samples.withUnsafeBufferPointer { try encodeWAV($0, rate: AudioRecords.rate) }
  }

  func png(_ item: Excerpt) throws -> [UInt8] {
    guard item.schema.kind == "image", let row = item.schema.payload.first?.row, row.count == 3, row[2] == 3 else {
      throw other(item, "--png is for images")
    }
    return try item.payload[0].withUnsafeBufferPointer { try PNGWriter.encode($0, width: row[1], height: row[0]) }
  }

  /// A sentence a line.
  func text(_ item: Excerpt) throws -> [UInt8] {
    guard item.schema.kind == "text", item.schema.payload.count == 2 else { throw other(item, "--text is for texts") }
    guard let vocabulary else {
      throw Failure(.usage, "a record stream has no vocabulary", hint: "give a dataset, which has one")
    }
    let (tokens, lengths) = (item.schema.payload[0], item.schema.payload[1])
    let ids = tokens.integers(item.payload[0]).map { UInt16($0) }
    let words = tokens.row.last ?? 1
    return lengths.integers(item.payload[1]).enumerated().flatMap { i, length in
      vocabulary.text(ids[i * words..<i * words + min(length, words)]) + [UInt8(ascii: "\n")]
    }
  }

  /// The files of a WebDataset sample by their endings, and what else its JSON says; nil if its planes are as good.
  func sample(_ item: Excerpt) throws -> WebDatasetWriter.Content? {
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
