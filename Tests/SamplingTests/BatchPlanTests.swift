import Sampling
import Testing

@Suite struct BatchPlanTests {
  @Test func everyEpochHoldsEveryRecord() {
    for records in [8, 9, 15, 16, 17, 64, 101] {
      for batch in [1, 2, 7, 8] {
        let plan = BatchPlan(records: records, batch: batch, seed: 3)
        for epoch in 0..<4 {
          let batches = (0..<plan.batchesPerEpoch).map { plan.batch(epoch * plan.batchesPerEpoch + $0) }
          #expect(batches.allSatisfy { $0.count == batch && Set($0).count == batch }, "no record twice in a batch")
          let all = batches.flatMap { $0 }
          #expect(Set(all) == Set(0..<records))
          #expect(all.count == records + plan.repeatedPerEpoch)
          #expect(plan.repeatedPerEpoch < batch)
          // Repeats are the head of the same permutation.
          #expect(Array(all.suffix(plan.repeatedPerEpoch)) == Array(all.prefix(plan.repeatedPerEpoch)))
        }
      }
    }
  }

  @Test func epochsDiffer() {
    let plan = BatchPlan(records: 64, batch: 8, seed: 1)
    let epochs = (0..<5).map { epoch in (0..<8).flatMap { plan.batch(epoch * 8 + $0) } }
    #expect(Set(epochs).count == 5)
    #expect(BatchPlan(records: 64, batch: 8, seed: 2).batch(0) != plan.batch(0))
    #expect(plan.batch(1_000_000_000).count == 8)
  }

  /// Ranks taken together see the global batches in order, however many there are.
  @Test(arguments: [1, 2, 3, 8])
  func ranksShareThePlan(ranks: Int) {
    let plan = BatchPlan(records: 100, batch: 8, seed: 4)
    var seen: [[Int]] = []
    for update in 0..<24 / ranks {
      for rank in 0..<ranks {
        seen.append(plan.batch(BatchPlan.globalBatch(update: update, rank: rank, ranks: ranks)))
      }
    }
    #expect(seen == (0..<24).map { plan.batch($0) })
  }

  /// Any two records meet in a batch about as often as chance has it.
  @Test func companionsAreUniform() {
    let (records, batch, epochs) = (24, 4, 3000)
    let plan = BatchPlan(records: records, batch: batch, seed: 11)
    var together = [Int](repeating: 0, count: records)
    for number in 0..<epochs * plan.batchesPerEpoch {
      let members = plan.batch(number)
      if members.contains(0) { for other in members where other != 0 { together[other] += 1 } }
    }
    let expected = Double(epochs * (batch - 1)) / Double(records - 1)
    let chiSquare = together.dropFirst().reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    #expect(chiSquare < 60, "22 degrees of freedom: \(chiSquare)")
  }
}
