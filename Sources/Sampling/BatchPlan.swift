import Kernels

/// Which records make up which batch: a pure function of seed and batch number, without state, as fast for the last
/// batch of a run as for its first.
///
/// Mixed batches: each epoch is one permutation of all records, cut into batches. One-group batches: each epoch cuts
/// a permutation of each group's records into batches and permutes the batches of all groups. A short last batch is
/// filled from the head of its own permutation, so every record occurs at least once an epoch and never twice in a
/// batch. Groups with fewer records than a batch takes are left out.
///
/// Batches are numbered globally: of `ranks` workers that each take one batch an update, worker `rank` takes
/// update · ranks + rank.
public struct BatchPlan: Sendable {
  public let records: Int
  public let batch: Int
  public let seed: UInt64
  /// Records of groups with fewer of them than a batch takes, and how many such groups there are. Mixed batches
  /// leave out nothing, or all records where they do not make one batch.
  public let leftOut: (records: Int, groups: Int)
  /// Batches of an epoch; 0 where no batch can be made.
  public let batchesPerEpoch: Int
  private let tables: GroupTables?

  /// - Parameters:
  ///   - groups: the group of each record, not negative, for batches of one group each; nil for mixed batches.
  ///   - batch: records of a batch, at least 1.
  public init(records: Int, groups: [Int32]? = nil, batch: Int, seed: UInt64) {
    precondition(batch > 0 && records >= 0 && (groups == nil || groups!.count == records))
    self.records = records
    self.batch = batch
    self.seed = seed
    if let groups {
      let tables = GroupTables(groups, batch: batch)
      self.tables = tables
      batchesPerEpoch = tables.batches
      leftOut = (records - tables.members.count, tables.leftOut)
    } else {
      tables = nil
      batchesPerEpoch = records < batch ? 0 : (records + batch - 1) / batch
      leftOut = (records < batch ? records : 0, 0)
    }
  }

  /// Records that occur a second time in an epoch, to fill last batches.
  public var repeatedPerEpoch: Int { batchesPerEpoch * batch - (records - leftOut.records) }

  /// The number of the batch that worker `rank` of `ranks` takes in `update`, both from 0.
  public static func globalBatch(update: Int, rank: Int = 0, ranks: Int = 1) -> Int { update * ranks + rank }

  /// The epoch, from 0, that global batch `number` belongs to.
  public func epoch(of number: Int) -> Int { number / batchesPerEpoch }

  /// The records of global batch `number`, each in 0..<records. There must be a batch to make.
  public func batch(_ number: Int) -> [Int] {
    precondition(number >= 0 && batchesPerEpoch > 0)
    let (epoch, place) = number.quotientAndRemainder(dividingBy: batchesPerEpoch)
    let order = { (count: Int, seed: UInt64) in KeyedBijection(count: count, seed: seed, index: epoch) }
    guard let tables else { return members(of: place, order(records, seed), count: records) }
    let (group, cut) = tables.group(ofBatch: order(batchesPerEpoch, seed)(place))
    let own = tables.records(of: group)
    // Each group's permutation has a seed of its own: groups of equally many records must not share one.
    let random = RandomStream(seed: seed, purpose: .groups, index: epoch)
    let permutation = order(own.count, random.bits(UInt64(tables.groups[group])))
    return members(of: cut, permutation, count: own.count).map { Int(own[own.startIndex + $0]) }
  }

  /// Piece `cut` of a permutation, which starts over where it ends.
  private func members(of cut: Int, _ permutation: KeyedBijection, count: Int) -> [Int] {
    permutation((0..<batch).map { (cut * batch + $0) % count })
  }
}

/// The records of each group that has enough of them, as compressed sparse rows.
private struct GroupTables: Sendable {
  /// Index of each group that is kept, ascending.
  private(set) var groups: [Int32] = []
  private(set) var leftOut = 0
  /// Records, ascending within a group; those of group g are `offsets[g] ..< offsets[g + 1]`.
  private(set) var members: [Int32] = []
  private var offsets = [0]
  /// The number of the first batch of each group, and after the last the number of all.
  private var firstBatches = [0]

  init(_ groupOf: [Int32], batch: Int) {
    precondition(groupOf.allSatisfy { $0 >= 0 })
    var counts = [Int](repeating: 0, count: Int(groupOf.max() ?? -1) + 1)
    for group in groupOf { counts[Int(group)] += 1 }
    // Where the next record of each group goes; −1: the group is left out.
    var next = [Int](repeating: -1, count: counts.count)
    for (group, count) in counts.enumerated() where count > 0 {
      guard count >= batch else {
        leftOut += 1
        continue
      }
      groups.append(Int32(group))
      next[group] = offsets.last!
      offsets.append(offsets.last! + count)
      firstBatches.append(firstBatches.last! + (count + batch - 1) / batch)
    }
    members = [Int32](repeating: 0, count: offsets.last!)
    for (record, group) in groupOf.enumerated() where next[Int(group)] >= 0 {
      members[next[Int(group)]] = Int32(record)
      next[Int(group)] += 1
    }
  }

  var batches: Int { firstBatches.last! }

  func records(of group: Int) -> ArraySlice<Int32> { members[offsets[group]..<offsets[group + 1]] }

  /// The group of batch `number`, and which cut of its permutation it is.
  func group(ofBatch number: Int) -> (group: Int, cut: Int) {
    var low = 0
    var high = groups.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstBatches[middle] <= number { low = middle } else { high = middle }
    }
    return (low, number - firstBatches[low])
  }
}
