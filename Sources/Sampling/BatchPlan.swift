/// Which records make up which batch: a pure function of seed and batch number, without state.
///
/// Mixed batches: each epoch is one permutation of all records, cut into batches. A short last batch is filled from the
/// head of its own permutation, so every record occurs at least once an epoch and never twice in a batch. Batches are
/// numbered globally: of `ranks` workers that each take one batch an update, worker `rank` takes
/// update · ranks + rank.
public struct BatchPlan: Sendable {
  public let records: Int
  public let batch: Int
  public let seed: UInt64

  /// There must be enough records for one batch.
  public init(records: Int, batch: Int, seed: UInt64) {
    precondition(batch > 0 && records >= batch)
    self.records = records
    self.batch = batch
    self.seed = seed
  }

  public var batchesPerEpoch: Int { (records + batch - 1) / batch }
  /// Records that occur a second time in an epoch, to fill its last batch.
  public var repeatedPerEpoch: Int { batchesPerEpoch * batch - records }

  public static func globalBatch(update: Int, rank: Int = 0, ranks: Int = 1) -> Int { update * ranks + rank }

  /// The records of global batch `number`, each in 0..<records.
  public func batch(_ number: Int) -> [Int] {
    let (epoch, place) = number.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let permutation = KeyedBijection(count: records, seed: seed, index: epoch)
    return (0..<batch).map { permutation((place * batch + $0) % records) }
  }
}
