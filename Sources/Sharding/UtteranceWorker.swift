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

  /// How many utterances are taken at once: enough to keep the lanes of ``MD5`` busy, few enough to stay in the cache.
  static let batch = 16

  /// The records of each utterance, all or none; nil where an earlier run has written them.
  func work(_ utterances: [PlannedUtterance]) -> [Result<UtteranceRecords, Failure>?] {
    let decoded = utterances.map { utterance in
      utterance.isReused ? nil : result(utterance) { try decode(utterance) }
    }
    let intact = checkMD5(decoded.map { try? $0?.get() })
    return zip(utterances, zip(decoded, intact)).map { utterance, audio in
      audio.0?.flatMap { decoded in
        result(utterance) {
          guard audio.1 else { throw FLACStreamInfo.wrongMD5(name: utterance.audio.name) }
          return try records(of: utterance, decoded.loan)
        }
      }
    }
  }

  private typealias Decoded = (loan: SampleBufferPool.Loan, md5: SIMD16<UInt8>?)

  private func result<Value>(_ utterance: PlannedUtterance, _ body: () throws -> Value) -> Result<Value, Failure> {
    do { return .success(try body()) } catch let failure as Failure { return .failure(failure) } catch {
      return .failure(Failure(.badInput, path: utterance.audio.name, "\(error)"))
    }
  }

  private func decode(_ utterance: PlannedUtterance) throws -> Decoded {
    let loan = pool.lend()
    let info = try decoder.decode(
      try utterance.audio.load(), name: utterance.audio.name, into: loan.buffer, checkingMD5: false)
    guard loan.buffer.count == utterance.entry.samples else {
      throw Failure(
        .badInput, path: utterance.audio.name,
        "\(loan.buffer.count) samples, where \(utterance.entry.samples) were declared")
    }
    return (loan, info.md5)
  }

  /// Whether each has the MD5 that it declares; those that declare none, or are not there, pass.
  private func checkMD5(_ decoded: [Decoded?]) -> [Bool] {
    let declaring = decoded.indices.filter { decoded[$0]?.md5 != nil }
    let digests = withExtendedLifetime(decoded) {
      MD5.digests(of: declaring.map { UnsafeRawBufferPointer(decoded[$0]!.loan.buffer.samples) })
    }
    var intact = decoded.map { _ in true }
    for (i, digest) in zip(declaring, digests) { intact[i] = digest == decoded[i]!.md5 }
    return intact
  }

  private func records(of utterance: PlannedUtterance, _ loan: SampleBufferPool.Loan) throws -> UtteranceRecords {
    let labels = try utterance.entry.phones.map { intervals in
      do {
        return try LabelGrid.cells(
          intervals, samples: utterance.samples, rate: RecordSchema.rate, cell: RecordSchema.cell, phoneSet: .cmu41,
          unlabelled: RecordSchema.unlabelled)
      } catch var failure as Failure {
        failure.path = utterance.audio.name
        throw failure
      }
    }
    // A piece of a longer file, if the manifest says so.
    return UtteranceRecords(
      samples: UnsafeBufferPointer(rebasing: loan.buffer.samples[utterance.entry.range]), owner: loan, tail: tail,
      utterance: utterance.index, group: utterance.group,
      labels: labels, hash: hash)
  }
}
