import Archives
import Corpora
import FileIO
import Images
public import OrderedJSON
import Pipelines
public import Pixels
import Safetensors
public import Sharding
public import Shards

/// Makes records of pictures: one each, in a frame of one size, with its class.
public struct ImageMaker: RecordMaker {
  private let framing: ImageFraming
  private let pool: LoanPool<FramedImage>

  public init(framing: ImageFraming) {
    self.framing = framing
    schema = Self.schema(height: framing.height, width: framing.width)
    pool = LoanPool { FramedImage(count: framing.byteCount) }
  }

  public let schema: RecordSchema
  /// Pictures that were turned as their EXIF says, bytes after the end of pictures, and pictures that are whole but made a
  /// library warn.
  public let counted = [Counted("oriented", "images"), Counted("trailing", "bytes"), Counted("warned", "images")]
  public let batch = 4

  private static func schema(height: Int, width: Int) -> RecordSchema {
    RecordSchema(
      kind: "image", unit: "images", length: 1, payload: [.init("pixels", .u8, [height, width, 3])],
      label: .init("label", .u16, []))
  }

  /// Encoded, decoded, and framed.
  public func cost(of utterance: PlannedUtterance) -> Int {
    guard case .success(let source) = utterance.source, case .image(let format) = source.format else { return 8192 }
    return source.file.byteCount + 4 * format.width * format.height + framing.byteCount + 8192
  }

  public func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker {
    try ImageWorker(schema, framing, tail: tail, pool: pool)
  }

  public func makeLabels(classes: [String]) -> (any UtteranceLabels)? { ClassLabels(classes) }

  public let numbersLabels = true

  public var recordFacts: JSONObject {
    let background = framing.background
    return [
      "images": .int(1), "height": .int(framing.height), "width": .int(framing.width),
      "fit": .string(framing.fit.rawValue), "filter": .string(framing.filter.rawValue),
      "background": .array([background.red, background.green, background.blue].map { .int(Int($0)) }),
    ]
  }

  public func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? {
    (
      "label_sets",
      ["name": .string("class"), "classes": .array((labels?.classes ?? []).map { .string($0) })]
    )
  }

  public func amount(units: Int) -> String { units == 1 ? "1 image" : "\(units) images" }
}

/// The pixels of a record.
final class FramedImage: @unchecked Sendable {
  let bytes: UnsafeMutableBufferPointer<UInt8>
  init(count: Int) { bytes = .allocate(capacity: count) }
  deinit { bytes.deallocate() }
}
