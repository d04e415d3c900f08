import Archives
import Corpora
import FileIO
import Images
import Pipelines
import Pixels
import Sharding
import Shards

/// Loads, decodes and frames pictures, one after the other.
final class ImageWorker: RecordWorker {
  private let schema: RecordSchema
  private let tail: RecordSchema.Tail
  private let decoder: ImageDecoder
  private let framer: ImageFramer
  private let pool: LoanPool<FramedImage>
  private let hash = XXH3.Stream()

  init(_ schema: RecordSchema, _ framing: ImageFraming, tail: RecordSchema.Tail, pool: LoanPool<FramedImage>) throws {
    self.schema = schema
    self.tail = tail
    self.pool = pool
    decoder = ImageDecoder(background: framing.background)
    framer = try ImageFramer(framing)
  }

  func work(_ utterances: [PlannedUtterance]) -> [Result<MadeRecords, Failure>?] {
    utterances.map { utterance in
      utterance.source.map { source in
        utterance.result { try records(of: utterance, source.get()) }
      }
    }
  }

  private func records(of utterance: PlannedUtterance, _ source: CorpusUtterance) throws -> MadeRecords {
    let outcome = try source.file.load().withUnsafeBytes { try decoder.decode($0, name: source.file.name) }
    let loan = pool.lend()
    try framer.frame(decoder.pixels, into: loan.item.bytes)
    let records = UtteranceRecords(
      schema, payload: [UnsafeRawBufferPointer(loan.item.bytes)], owner: loan, tail: tail, utterance: utterance.index,
      group: utterance.group, labels: utterance.labels, hash: hash)
    return MadeRecords(
      records: records,
      counts: [
        outcome.format.orientation == .upright ? 0 : 1, outcome.trailingBytes, outcome.warning == nil ? 0 : 1,
      ])
  }
}
