import FileIO
import Shards

/// Makes the records of a subset's utterances from those of the source: the same, or converted.
struct RecordCopier: Sendable {
  let source: Dataset
  let schema: RecordSchema
  let tail: RecordSchema.Tail
  let conversion: (any RecordConversion)?
  /// Of each utterance: its index in the source, its group, and its labels if they are numbered anew.
  private let indices: [Int]
  private let groups: [Int32]
  private let labels: [[UInt8]?]?

  init(
    _ source: Dataset, _ chosen: ChosenUtterances, schema: RecordSchema, tail: RecordSchema.Tail,
    conversion: (any RecordConversion)?
  ) {
    self.source = source
    self.schema = schema
    self.tail = tail
    self.conversion = conversion
    indices = chosen.indices
    groups = chosen.groups
    labels = chosen.numbering == nil ? nil : chosen.labels
  }

  /// Memory that an utterance takes beside the mapped source.
  func cost(of member: Int) -> Int {
    (conversion?.cost(units: source.unitCount(ofUtterance: indices[member])) ?? 0) + 8192
  }

  /// What one worker does, with so many threads of its own.
  func makeWorker(threads: Int) throws -> (Int) -> Result<UtteranceRecords?, Failure> {
    let hash = XXH3.Stream()
    let worker = try conversion?.makeWorker(threads: threads)
    return { member in
      do { return .success(try records(of: member, worker, hash)) } catch var failure as Failure {
        if failure.path == nil {
          (failure.path, failure.position) = (source.folder, "utterance \(indices[member])")
        }
        return .failure(failure)
      } catch {
        return .failure(Failure(.badInput, path: source.folder, "\(error)"))
      }
    }
  }

  /// Nil for an utterance without records.
  private func records(
    of member: Int, _ worker: (any ConversionWorker)?, _ hash: XXH3.Stream
  ) throws -> UtteranceRecords? {
    let range = source.records(ofUtterance: indices[member])
    guard let first = range.first else { return nil }
    try source.requireIntact(range, hash: hash)
    let (batch, row) = source.locate(first)
    let units = source.unitCount(ofUtterance: indices[member])
    let copied = source.schema.payload.indices.map { plane in
      // The source stays mapped as long as its records are used.
      batch.withPayload(row, plane: plane, count: units) { $0 }
    }
    let payload = try worker?.convert(copied) ?? ConvertedPayload(copied, owner: source)
    return UtteranceRecords(
      schema, payload: payload.planes, owner: payload.owner, tail: tail, utterance: member,
      group: Int(groups[member]),
      labels: labels == nil
        ? batch.labels?.withBytes(row..<row + range.count) { Array($0) } : labels![member],
      hash: hash)
  }
}
