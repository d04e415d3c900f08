import Audio
import Corpora
import FileIO
import Pipelines
import Sharding
import Shards
import Synchronization

/// What all workers together have decoded.
public final class DecodingEffort: Sendable {
  private let totals = Mutex((opens: 0, frames: 0))

  /// How often an audio file was opened to be decoded, and the frames decoded of all of them. A long file that is cut into
  /// pieces is opened once by each thread.
  public var opens: Int { totals.withLock { $0.opens } }
  public var frames: Int { totals.withLock { $0.frames } }

  func add(opens: Int, frames: Int) {
    totals.withLock { $0 = (opens: $0.opens + opens, frames: $0.frames + frames) }
  }
}

/// Loads, decodes and cuts utterances, one after the other.
final class AudioWorker: RecordWorker {
  private let decoder: AudioDecoder
  private let hash = XXH3.Stream()
  private let tail: RecordSchema.Tail
  private let pool: LoanPool<SampleBuffer>

  private let effort: DecodingEffort

  init(tail: RecordSchema.Tail, pool: LoanPool<SampleBuffer>, effort: DecodingEffort) throws {
    self.effort = effort
    decoder = try AudioDecoder()
    self.pool = pool
    self.tail = tail
  }

  /// Enough to keep the lanes of ``MD5`` busy, few enough to stay in the cache.
  static let batch = 16

  func work(_ utterances: [PlannedUtterance]) -> [Result<MadeRecords, Failure>?] {
    let before = (opens: decoder.opens, frames: decoder.decodedFrames)
    defer { effort.add(opens: decoder.opens - before.opens, frames: decoder.decodedFrames - before.frames) }
    let decoded = utterances.map { utterance in
      utterance.source.map { source in utterance.result { try decode(try source.get()) } }
    }
    let intact = checkMD5(decoded.map { try? $0?.get() })
    return zip(utterances, zip(decoded, intact)).map { utterance, audio in
      audio.0?.flatMap { decoded in
        utterance.result {
          guard audio.1 else { throw FLACStreamInfo.wrongMD5(name: utterance.name) }
          return MadeRecords(records: records(of: utterance, decoded.loan), counts: [decoded.outcome.clipped])
        }
      }
    }
  }

  private typealias Decoded = (loan: LoanPool<SampleBuffer>.Loan, outcome: AudioDecoder.Outcome)

  private func decode(_ utterance: CorpusUtterance) throws -> Decoded {
    let loan = pool.lend()
    return (loan, try decoder.decode(utterance.piece, into: loan.item))
  }

  /// Whether each has the MD5 that it declares; those that declare none, or are not there, pass.
  private func checkMD5(_ decoded: [Decoded?]) -> [Bool] {
    let declaring = decoded.indices.filter { decoded[$0]?.outcome.md5 != nil }
    let digests = withExtendedLifetime(decoded) {
      MD5.digests(of: declaring.map { UnsafeRawBufferPointer(decoded[$0]!.loan.item.samples) })
    }
    var intact = decoded.map { _ in true }
    for (i, digest) in zip(declaring, digests) { intact[i] = digest == decoded[i]!.outcome.md5 }
    return intact
  }

  private func records(of utterance: PlannedUtterance, _ loan: LoanPool<SampleBuffer>.Loan) -> UtteranceRecords {
    UtteranceRecords(
      .audio, payload: [UnsafeRawBufferPointer(loan.item.samples)], owner: loan, tail: tail,
      utterance: utterance.index, group: utterance.group, labels: utterance.labels, hash: hash)
  }
}
