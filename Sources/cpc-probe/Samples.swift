import Contents
import Digests
import FileIO
import OrderedJSON
import Pixels
import Shards

/// Pictures and sentences of a dataset, small enough for a page.
struct Samples {
  private let dataset: Dataset
  private let content: ItemContent
  /// Of pictures.
  private var thumbnails: Thumbnails?

  /// Pixels of a picture's longer side.
  private static let longer = 96

  /// - Throws: a `Failure` if the records are neither pictures nor sentences.
  init(_ dataset: Dataset) throws {
    self.dataset = dataset
    content = try ItemContent(dataset)
    let row = dataset.schema.payload.first?.row ?? []
    switch dataset.schema.kind {
    case "image" where row.count == 3 && row[2] == 3:
      thumbnails = try Thumbnails(width: row[1], height: row[0], longer: Self.longer)
    case "text": break
    default:
      throw Failure(
        .usage, path: dataset.folder,
        "neighbours are shown of pictures and sentences, and its records are of the kind \(dataset.schema.kind)",
        hint: "cpc-probe tsne shows frames of speech")
    }
  }

  /// What there is to show of a picture or a sentence: `id`, `class`, `picture` (PNG in Base64), `sentence`, `text`.
  ///
  /// - Parameter units: each an utterance and the unit in it.
  func objects(_ units: [(utterance: Int, unit: Int)]) throws -> [JSONObject] {
    let length = dataset.schema.length
    let records = units.map { dataset.records(ofUtterance: $0.utterance).lowerBound + $0.unit / length }
    var objects: [JSONObject] = []
    try ExcerptSelection(records: records.map { $0...$0 }).forEach(in: dataset) { item in
      objects.append(try object(item, unit: units[objects.count].unit))
    }
    return objects
  }

  private func object(_ item: Excerpt, unit: Int) throws -> JSONObject {
    var object: JSONObject = ["id": .string(item.id)]
    object["class"] = content.className(item).map { .string($0) }
    if let thumbnails {
      let (width, height) = (thumbnails.framing.width, thumbnails.framing.height)
      let small = try item.payload[0].withUnsafeBytes { try thumbnails.make($0) }
      let png = try small.withUnsafeBufferPointer { try PNGWriter.encode($0, width: width, height: height) }
      object["picture"] = .string(base64(png))
    } else {
      object["sentence"] = .int(unit + 1)
      object["text"] = .string(String(decoding: try content.sentences(item)[unit - item.start], as: UTF8.self))
    }
    return object
  }
}
