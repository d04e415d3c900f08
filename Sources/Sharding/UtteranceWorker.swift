import Corpora
import FileIO
import Labels
import Shards

/// What one thread does: loads, decodes and cuts utterances, one after the other.
final class UtteranceWorker {
  private let decoder: FLACDecoder
  private let hash = XXH3.Stream()
  private let tail: RecordSchema.Tail
  private let pool: SampleBufferPool

  init(tail: RecordSchema.Tail, pool: SampleBufferPool) throws {
    decoder = try FLACDecoder()
    self.pool = pool
    self.tail = tail
  }

  /// The records of an utterance, all or none; nil if an earlier run has written them.
  func work(_ utterance: PlannedUtterance) -> Result<UtteranceRecords, Failure>? {
    if utterance.isReused { return nil }
    do {
      return .success(try records(of: utterance))
    } catch let failure as Failure {
      return .failure(failure)
    } catch {
      return .failure(Failure(.badInput, path: utterance.audio.name, "\(error)"))
    }
  }

  private func records(of utterance: PlannedUtterance) throws -> UtteranceRecords {
    let loan = pool.lend()
    let samples = loan.buffer
    try decoder.decode(try utterance.audio.load(), name: utterance.audio.name, into: samples)
    guard samples.count == utterance.entry.samples else {
      throw Failure(
        .badInput, path: utterance.audio.name,
        "\(samples.count) samples, where \(utterance.entry.samples) were declared")
    }
    let labels = try utterance.entry.phones.map { intervals in
      do {
        return try LabelGrid.cells(
          intervals, samples: samples.count, rate: RecordSchema.rate, cell: RecordSchema.cell, phoneSet: .cmu41,
          unlabelled: RecordSchema.unlabelled)
      } catch var failure as Failure {
        failure.path = utterance.audio.name
        throw failure
      }
    }
    return UtteranceRecords(
      samples: samples.samples, owner: loan, tail: tail, utterance: utterance.index, group: utterance.group,
      labels: labels, hash: hash)
  }
}
