public import Models
public import Shards

/// Some records of a dataset, as windows: for what is measured over all of them.
public final class RecordWindows: PayloadSource {
  private let dataset: Dataset
  private let records: [Int]

  public init(_ dataset: Dataset, _ records: [Int]) {
    self.dataset = dataset
    self.records = records
  }

  public var windowCount: Int { records.count }

  public func withPayload(_ i: Int, epoch: Int, _ body: (Payload) -> Void) {
    let (shard, row) = dataset.locate(records[i])
    shard.withPayloads(row, count: dataset.schema.length) { body(Payload($0)) }
  }
}
