import Sampling
import Testing

/// Batches of one speaker each.
@Suite struct GroupPlanTests {
  /// Speakers of random size, their records strewn over the split.
  private func groups(_ dice: inout Dice) -> [Int32] {
    (0..<dice.roll(1...120)).map { _ in
      let speaker = dice.roll(0...7)
      return Int32(speaker * speaker)
    }
  }

  @Test(arguments: 0..<60)
  func everyEpochHoldsEveryRecord(seed: Int) {
    var dice = Dice(seed)
    let groups = groups(&dice)
    let batch = dice.roll(1...9)
    let plan = BatchPlan(records: groups.count, groups: groups, batch: batch, seed: UInt64(seed))
    // What the plan should count, by hand.
    let sizes = Set(groups).map { group in groups.count { $0 == group } }
    let large = sizes.filter { $0 >= batch }
    #expect(plan.leftOut.groups == sizes.count - large.count)
    #expect(plan.leftOut.records == sizes.filter { $0 < batch }.reduce(0, +))
    #expect(plan.batchesPerEpoch == large.reduce(0) { $0 + ($1 + batch - 1) / batch })
    #expect(plan.repeatedPerEpoch == large.reduce(0) { $0 + (batch - $1 % batch) % batch })
    guard plan.batchesPerEpoch > 0 else { return }
    let kept = groups.indices.filter { i in groups.count { $0 == groups[i] } >= batch }
    for epoch in 0..<4 {
      var times = [Int](repeating: 0, count: groups.count)
      for place in 0..<plan.batchesPerEpoch {
        let number = epoch * plan.batchesPerEpoch + place
        #expect(plan.epoch(of: number) == epoch)
        let members = plan.batch(number)
        #expect(members.count == batch && Set(members).count == batch, "no record twice in a batch")
        #expect(Set(members.map { groups[$0] }).count == 1, "one speaker")
        for member in members { times[member] += 1 }
      }
      #expect(groups.indices.filter { times[$0] > 0 } == kept, "all but those left out")
      #expect(times.allSatisfy { $0 <= 2 })
      #expect(times.count { $0 == 2 } == plan.repeatedPerEpoch)
    }
  }

  @Test func tooFewRecordsMakeNoBatch() {
    let none = BatchPlan(records: 6, groups: [0, 0, 1, 1, 2, 2], batch: 3, seed: 0)
    #expect(none.batchesPerEpoch == 0 && none.leftOut == (6, 3) && none.repeatedPerEpoch == 0)
    let mixed = BatchPlan(records: 6, batch: 7, seed: 0)
    #expect(mixed.batchesPerEpoch == 0 && mixed.leftOut == (6, 0) && mixed.repeatedPerEpoch == 0)
    #expect(BatchPlan(records: 0, groups: [], batch: 1, seed: 0).batchesPerEpoch == 0)
  }

  /// The plan of a run does not depend on how many workers share it.
  @Test(arguments: [1, 2, 3, 8])
  func ranksShareThePlan(ranks: Int) {
    let groups = (0..<200).map { Int32($0 % 7) }
    let plan = BatchPlan(records: 200, groups: groups, batch: 8, seed: 4)
    var seen: [[Int]] = []
    for update in 0..<96 / ranks {
      for rank in 0..<ranks {
        seen.append(plan.batch(BatchPlan.globalBatch(update: update, rank: rank, ranks: ranks)))
      }
    }
    #expect(seen == (0..<96).map { plan.batch($0) })
  }

  /// Speakers come in mixed order, another one each epoch, and equally large speakers are permuted independently.
  @Test func speakersAndRecordsAreShuffled() {
    let (speakers, each, batch) = (6, 24, 4)
    let groups = (0..<speakers * each).map { Int32($0 / each) }
    let plan = BatchPlan(records: groups.count, groups: groups, batch: batch, seed: 8)
    let perEpoch = plan.batchesPerEpoch
    var orders = Set<[Int32]>()
    // How often record 0 of speaker 0 stands in a batch with each other one, and how often each speaker comes first.
    var together = [Int](repeating: 0, count: each)
    var firsts = [Int](repeating: 0, count: speakers)
    let epochs = 2400
    var alike = 0
    for epoch in 0..<epochs {
      let batches = (0..<perEpoch).map { plan.batch(epoch * perEpoch + $0) }
      orders.insert(batches.map { groups[$0[0]] })
      firsts[Int(groups[batches[0][0]])] += 1
      for other in batches.first(where: { $0.contains(0) })! where other != 0 { together[other] += 1 }
      let sets = Set(batches.map { Set($0.map { $0 % each }) })
      if sets.count < perEpoch { alike += 1 }
    }
    #expect(orders.count == epochs)
    #expect((3...60).contains(chiSquare(Array(together.dropFirst()))), "22 degrees of freedom: \(together)")
    #expect(chiSquare(firsts) < 25, "5 degrees of freedom: \(firsts)")
    #expect(alike < epochs / 5, "\(alike) epochs in which two speakers had the same cut")
  }

  @Test func farBatchesCostAsMuchAsTheFirst() {
    let groups = (0..<100_000).map { Int32($0 % 251) }
    let plan = BatchPlan(records: groups.count, groups: groups, batch: 8, seed: 1)
    let clock = ContinuousClock()
    func seconds(_ first: Int) -> Double {
      var best = Double.infinity
      for attempt in 0..<5 {
        let time = clock.measure { for i in 0..<100 { #expect(plan.batch(first + 100 * attempt + i).count == 8) } }
        best = min(best, Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds))
      }
      return best
    }
    let (near, far) = (seconds(0), seconds(1_000_000_000))
    #expect(far < 3 * near, "100 batches: \(near) s at 0, \(far) s at 10⁹")
  }
}
