import Shards

/// Assigns utterances to shards as they come: a shard closes before the utterance that would take it past the limit, and
/// a longer utterance has a shard of its own.
///
/// It counts the records that the headers *declare*, so that an utterance which then fails to decode moves no other.
struct ShardPlanner {
  let recordsPerShard: Int
  private var shard: Int
  private var records = 0
  private var isEmpty = true

  /// Begins with shard `first`.
  init(recordsPerShard: Int, first: Int = 0) {
    self.recordsPerShard = recordsPerShard
    shard = first
  }

  /// The shard of the next utterance.
  mutating func assign(records count: Int) -> Int {
    if !isEmpty, records + count > recordsPerShard {
      shard += 1
      records = 0
    }
    isEmpty = false
    records += count
    return shard
  }
}

extension ShardingOptions {
  /// How many records the shard that begins with an utterance will have if none fails; nil where not every utterance is
  /// one record.
  ///
  /// - Parameter total: of utterances, if it is known.
  func expectedRecords(from first: Int, of total: Int?) -> Int? {
    // Larger numbers stand for "all".
    guard maker.schema.length == 1, recordsPerShard <= 1 << 24 else { return nil }
    return min(recordsPerShard, total.map { max(0, $0 - first) } ?? Int.max)
  }
}
