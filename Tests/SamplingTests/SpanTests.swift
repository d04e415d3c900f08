import Kernels
import Sampling
import Testing

/// No candidate stands on samples of the positive, whatever was drawn, cropped or repeated.
@Suite struct SpanTests {
  private static let window = 20_480

  /// A split: utterances of random length and speaker, and the full windows they hold.
  private struct Corpus {
    var samples: [Int] = []
    var speakers: [Int32] = []
    /// Utterance and start of each record.
    var records: [(utterance: Int, start: Int)] = []

    init(_ dice: inout Dice) {
      let count = dice.roll(1...4)
      for utterance in 0..<dice.roll(4...15) {
        samples.append(dice.roll(0...5 * window))
        speakers.append(Int32(dice.roll(0...count - 1)))
        for start in stride(from: 0, through: samples[utterance] - window, by: window) {
          records.append((utterance, start))
        }
      }
    }
  }

  @Test(arguments: NegativeStrategy.allCases, 0..<12)
  func candidatesAreOtherSamples(strategy: NegativeStrategy, seed: Int) throws {
    var dice = Dice(1000 + seed)
    let corpus = Corpus(&dice)
    let batch = dice.roll(1...5)
    let plan = BatchPlan(
      records: corpus.records.count,
      groups: strategy.batchesOneGroup ? corpus.records.map { corpus.speakers[$0.utterance] } : nil, batch: batch,
      seed: UInt64(seed))
    guard plan.batchesPerEpoch > 0, batch > 1 || strategy.pool != .otherWindows else { return }
    let crops = CropPlan(seed: UInt64(seed))
    for number in 0..<3 * plan.batchesPerEpoch {
      let epoch = plan.epoch(of: number)
      let spans = plan.batch(number).map { record in
        let (utterance, start) = corpus.records[record]
        let samples = corpus.samples[utterance]
        let first = start + crops.shift(epoch: epoch, utterance: utterance, samples: samples)
        #expect(first % 160 == 0 && first >= 0 && first + Self.window <= samples, "within its utterance")
        return (utterance: utterance, samples: first..<first + Self.window)
      }
      for (i, a) in spans.enumerated() {
        for b in spans[..<i] where a.utterance == b.utterance {
          #expect(!a.samples.overlaps(b.samples), "windows share no sample")
        }
      }
      try checkLatents(spans.map { ($0.utterance, $0.samples.lowerBound) }, strategy, number, &dice)
    }
  }

  /// One random anchor and step: the cells of its candidates, drawn and enumerated, are not the positive's.
  private func checkLatents(
    _ starts: [(utterance: Int, start: Int)], _ strategy: NegativeStrategy, _ number: Int, _ dice: inout Dice
  ) throws {
    let (frames, steps) = (128, 12)
    func cell(_ latent: Int) -> (utterance: Int, samples: Range<Int>) {
      let (utterance, start) = starts[latent / frames]
      let first = start + latent % frames * 160
      return (utterance, first..<first + 160)
    }
    let (window, t, step) = (dice.roll(0...starts.count - 1), dice.roll(0...frames - steps - 1), dice.roll(1...steps))
    let positive = cell(window * frames + t + step)
    let table = Table(strategy: strategy, windows: starts.count, rows: frames)
    let candidates = table.negatives(window: window, row: t, step: step)
    let sampler = NegativeSampler(
      pool: strategy.pool, windows: starts.count, lattice: Lattice(rows: frames),
      count: dice.roll(1...candidates.count), seed: 9)
    let drawn = sampler.draw(batch: number, window: window, position: t, step: step)
    #expect(drawn.count == sampler.count && Set(drawn).isSubset(of: candidates))
    for latent in candidates + drawn {
      let other = cell(Int(latent))
      #expect(other.utterance != positive.utterance || !other.samples.overlaps(positive.samples))
    }
  }
}

@Suite struct CropTests {
  @Test func shiftsAreUniform() {
    let crops = CropPlan(seed: 5)
    // 1,600 samples left over: eleven shifts.
    var counts = [Int](repeating: 0, count: 11)
    for epoch in 0..<40 {
      for utterance in 0..<500 {
        let shift = crops.shift(epoch: epoch, utterance: utterance, samples: 3 * 20_480 + 1_600)
        #expect(shift % 160 == 0)
        counts[shift / 160] += 1
      }
    }
    #expect((1...30).contains(chiSquare(counts)), "10 degrees of freedom: \(counts)")
  }

  @Test func nothingLeftOverIsNoShift() {
    let crops = CropPlan(seed: 5)
    for samples in [0, 159, 20_480, 20_480 + 159, 5 * 20_480] {
      for epoch in 0..<20 { #expect(crops.shift(epoch: epoch, utterance: 3, samples: samples) == 0) }
    }
  }

  @Test func everyEpochUtteranceAndSeedDrawsAnew() {
    let shifts = { (seed: UInt64, epoch: Int, utterances: Range<Int>) in
      utterances.map { CropPlan(seed: seed).shift(epoch: epoch, utterance: $0, samples: 2 * 20_480 - 1) }
    }
    #expect(shifts(1, 0, 0..<50) == shifts(1, 0, 0..<50))
    #expect(shifts(1, 0, 0..<50) != shifts(1, 1, 0..<50))
    #expect(shifts(1, 0, 0..<50) != shifts(2, 0, 0..<50))
    #expect(Set(shifts(1, 0, 0..<50)).count > 20)
  }
}
