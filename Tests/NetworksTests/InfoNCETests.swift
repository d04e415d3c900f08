import Kernels
import Networks
import RealModule
import Sampling
import Testing

@Suite struct InfoNCETests {
  struct Case {
    let loss: InfoNCE<Double>
    let scale: ScoreScale
    let latents: Buffer<Double>
    let contexts: Buffer<Double>

    init(_ noise: Noise, _ pool: CandidatePool, _ scale: ScoreScale = .sum, columns: Int = 1, skip: Int = 0) {
      self.scale = scale
      let windows = noise.integer(2...4)
      let lattice = Lattice(rows: noise.integer(4...9) + skip, columns: columns, skip: skip)
      // The cosine of single numbers is their sign, which has no gradient.
      let (channels, units) = (noise.integer(scale == .sum ? 1...7 : 2...7), noise.integer(1...6))
      loss = InfoNCE(
        "h", windows: windows, lattice: lattice, channels: channels, units: units, steps: noise.integer(1...3),
        pool: pool, score: scale)
      latents = noise.buffer(windows * lattice.count * channels)
      contexts = noise.buffer(windows * lattice.count * units)
      for head in loss.heads { noise.fill(head.weight.value, scale: 0.8) }
    }

    func evaluate(gradients: Bool, workers: Int = 2) -> ContrastiveMetrics {
      loss.evaluate(
        latents: latents.matrix(loss.channels),
        contexts: { UnsafePointer(contexts.pointer + $0 * loss.lattice.count * loss.units) }, gradients: gradients,
        Workers(count: workers))
    }

    func score(_ k: Int, _ anchor: Int, _ latent: Int) -> Double {
      let z = (0..<loss.channels).map { latents[latent * loss.channels + $0] }
      let prediction = (0..<loss.channels).map { i in
        (0..<loss.units).reduce(0) {
          $0 + loss.heads[k - 1].weight.value[i * loss.units + $1] * contexts[anchor * loss.units + $1]
        }
      }
      func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      switch scale {
      case .sum: return product(z, prediction)
      case .mean: return product(z, prediction) / Double(loss.channels)
      case .cosine(let temperature):
        let lengths = (product(z, z) + 1e-8).squareRoot() * (product(prediction, prediction) + 1e-8).squareRoot()
        return product(z, prediction) / lengths / temperature
      }
    }

    /// Who stands beside the positive, by the table of strategies rather than by ranges of columns.
    func negatives(window: Int, positive: Int) -> [Int] {
      (0..<loss.windows * loss.lattice.count).filter { latent in
        guard latent != positive else { return false }
        return switch loss.pool {
        case .batch: true
        case .otherWindows: latent / loss.lattice.count != window
        case .ownWindow: latent / loss.lattice.count == window
        }
      }
    }
  }

  static let pools: [CandidatePool] = [.batch, .otherWindows, .ownWindow]
  static let scales: [ScoreScale] = [.sum, .mean, .cosine(temperature: 0.3)]

  @Test(arguments: pools, 0..<12)
  func agreesWithTheDefinition(pool: CandidatePool, seed: Int) {
    let test = Case(Noise(seed), pool, Self.scales[seed / 4], columns: seed % 2 == 0 ? 1 : 3, skip: seed / 2 % 2)
    let (loss, lattice) = (test.loss, test.loss.lattice)
    let metrics = test.evaluate(gradients: seed % 2 == 0, workers: 1 + seed % 3)
    let steps = loss.heads.count
    #expect(metrics.anchors == loss.windows * (lattice.rows - lattice.skip - steps) * lattice.columns)
    for k in 1...steps {
      var (sum, first, below, candidates) = (0.0, 0, 0, Set<Int>())
      for window in 0..<loss.windows {
        for t in 0..<lattice.count where t / lattice.columns < lattice.rows - lattice.skip - steps {
          let anchor = window * lattice.count + t
          let positive = anchor + (lattice.skip + k) * lattice.columns
          let negatives = test.negatives(window: window, positive: positive)
          let good = test.score(k, anchor, positive)
          let bad = negatives.map { test.score(k, anchor, $0) }
          sum += Double.log(([good] + bad).reduce(0) { $0 + Double.exp($1) }) - good
          below += bad.count { $0 < good }
          if bad.allSatisfy({ $0 < good }) { first += 1 }
          candidates.insert(bad.count + 1)
        }
      }
      #expect(candidates == [metrics.candidates])
      #expect(abs(metrics.steps[k - 1].loss / sum - 1) < 1e-10)
      #expect(metrics.steps[k - 1].first == first && metrics.steps[k - 1].below == below)
    }
    #expect(abs(metrics.informationBound + metrics.loss - Double.log(Double(metrics.candidates))) < 1e-12)
  }

  @Test(arguments: pools, 30..<36)
  func gradientsAgreeWithFiniteDifferences(pool: CandidatePool, seed: Int) {
    let test = Case(Noise(seed), pool, Self.scales[seed % 3], columns: 1 + seed % 2, skip: seed / 2 % 2)
    _ = test.evaluate(gradients: true)
    for head in test.loss.heads { head.weight.gradient.fillWithZeros() }
    _ = test.evaluate(gradients: true)
    func value() -> Double { test.evaluate(gradients: false).loss }
    let latentGradient = Buffer(test.loss.latentGradient.array)
    let contextGradient = Buffer(test.loss.contextGradient.array)
    expectGradient(latentGradient, of: test.latents, "latents", samples: 80, loss: value)
    expectGradient(contextGradient, of: test.contexts, "contexts", samples: 80, loss: value)
    for head in test.loss.heads {
      let gradient = Buffer(head.weight.gradient.array)
      expectGradient(gradient, of: head.weight.value, head.weight.name, loss: value)
    }
  }

  @Test func largeScoresDoNotOverflow() {
    let test = Case(Noise(77), .batch)
    for i in 0..<test.latents.count { test.latents[i] *= 1e4 }
    let metrics = test.evaluate(gradients: true)
    #expect(metrics.loss.isFinite && metrics.loss > 1)
    #expect(test.loss.latentGradient.array.allSatisfy { $0.isFinite })
  }

  /// Collapsed latents score alike: no positive stands out, and the loss is that of a blind guess.
  @Test func equalScoresAreChance() {
    let test = Case(Noise(78), .batch)
    test.latents.fillWithZeros()
    let metrics = test.evaluate(gradients: false)
    #expect(metrics.accuracies.allSatisfy { $0 == 0 })
    #expect(abs(metrics.loss - metrics.logCandidates) < 1e-12)
  }

  @Test func rowsInSinglePrecision() {
    let noise = Noise(4)
    for count in [5, 16, 129] {
      for pool in [(0..<count, 0..<0), (0..<2, 4..<count), (1..<4, 0..<0)] {
        let scores: Buffer<Double> = noise.buffer(count, scale: 4)
        let single = Buffer(scores.array.map { Float($0) })
        let a = contrast(scores.pointer, count: count, positive: 3, candidates: pool, gradientScale: 0.5)
        let b = contrast(single.pointer, count: count, positive: 3, candidates: pool, gradientScale: 0.5)
        #expect(abs(a.loss - b.loss) < 1e-5 && a.below == b.below)
        #expect(relativeDistance(single.array.map { Double($0) }, scores.array) < 2e-6)
        #expect(abs(scores.array.reduce(0, +)) < 1e-12)
      }
    }
  }
}
