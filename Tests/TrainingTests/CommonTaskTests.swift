import FileIO
import Kernels
import Models
import Networks
import RealModule
import Sampling
import Shards
import TestSupport
import Testing
import Training

/// The task by which runs are compared, computed window by window and number by number.
@Suite struct CommonTaskTests {
  private static let (windows, negatives) = (8, 128)

  @Test(
    arguments: [
      (.mixedSpeaker, 3, 9, .sum), (.sameSpeaker, 4, 2, .sum), (.currentSequence, 11, 3, .cosine(temperature: 0.2)),
    ] as [(NegativeStrategy, Int, Int, ScoreScale)])
  func agreesWithTheDefinition(
    strategy: NegativeStrategy, batch: Int, validBatches: Int, score: ScoreScale
  ) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = smallConfiguration()
    (configuration.negatives, configuration.batch, configuration.validBatches) = (strategy, batch, validBatches)
    configuration.shape.score = score
    (configuration.shape.channels, configuration.shape.context) = (32, 32)
    (configuration.updates, configuration.learningRate) = (250, 7e-4)
    let source = try planned(dataset, configuration)
    let summary = try Trainer(
      configuration, source: source, data: DataIdentity(), folder: RunFolder(folder("run"), .refuse), threads: 2
    ).run()
    let metrics = try #require(summary.heldOut?.common)
    let heldOut = try #require(source.heldOut)
    let batches = min(heldOut.windowCount / Self.windows, validBatches)
    let frames = configuration.shape.frames
    #expect(metrics.candidates == 129 && metrics.anchors == batches * Self.windows * (frames - 3) && batches > 0)

    let model = ContrastiveModel<Float>(configuration.shape, windows: 1, workers: Workers(count: 1), training: false)
    try Checkpoint(opening: summary.checkpoint).read(model.parameters)
    let plan = BatchPlan(records: heldOut.windowCount, batch: Self.windows, seed: 0)
    var expected = ContrastiveMetrics(steps: 3, candidates: 129)
    for number in 0..<batches {
      let order = plan.batch(number)
      #expect(Set(order).count == Self.windows)
      var latents: [[Double]] = []
      var predictions = [[[Double]]](repeating: [], count: 3)
      for window in order {
        heldOut.withPayload(window, epoch: 0) { source.transform.apply($0, nil, to: model.input(0)) }
        model.forward()
        for t in 0..<frames {
          latents.append(vector(model.latents(0), t, configuration.shape.channels, score))
          let context = (0..<configuration.shape.context).map {
            Double(model.contexts(0)[t * configuration.shape.context + $0])
          }
          for k in 0..<3 { predictions[k].append(prediction(model.loss.heads[k], context, score)) }
        }
      }
      expected.add(metricsOfBatch(number, latents, predictions, frames, score))
    }
    #expect(metrics.anchors == expected.anchors)
    for k in 0..<3 {
      #expect(abs(metrics.losses[k] / expected.losses[k] - 1) < 1e-5)
      // Scores that nearly tie may change places in single precision.
      #expect(abs(metrics.steps[k].first - expected.steps[k].first) <= 2)
      #expect(abs(metrics.steps[k].below - expected.steps[k].below) <= expected.steps[k].below / 10_000)
    }
    #expect(abs(metrics.loss - metrics.logCandidates) > 0.02, "a model at chance would show little: \(metrics.loss)")
  }

  private func metricsOfBatch(
    _ number: Int, _ latents: [[Double]], _ predictions: [[[Double]]], _ frames: Int, _ score: ScoreScale
  ) -> ContrastiveMetrics {
    let sampler = NegativeSampler(
      pool: .otherWindows, windows: Self.windows, lattice: Lattice(rows: frames), count: Self.negatives, seed: 0)
    var drawn = [Int32](repeating: 0, count: Self.negatives)
    var steps = [ContrastiveMetrics.Step](repeating: .init(), count: 3)
    for (k, window) in (1...3).flatMap({ k in (0..<Self.windows).map { (k, $0) } }) {
      for t in 0..<frames - 3 {
        drawn.withUnsafeMutableBufferPointer {
          sampler.draw(batch: number, window: window, position: t, step: k, into: $0)
        }
        let anchor = window * frames + t
        func value(_ latent: Int) -> Double { product(latents[latent], predictions[k - 1][anchor]) }
        #expect(Set(drawn).count == Self.negatives && drawn.allSatisfy { Int($0) / frames != window })
        let good = value(anchor + k)
        let bad = drawn.map { value(Int($0)) }
        steps[k - 1].loss += Double.log(([good] + bad).reduce(0) { $0 + Double.exp($1 - good) })
        steps[k - 1].below += bad.count { $0 < good }
        if bad.allSatisfy({ $0 < good }) { steps[k - 1].first += 1 }
      }
    }
    return ContrastiveMetrics(steps: steps, anchors: Self.windows * (frames - 3), candidates: 129)
  }

  private func product(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += a[i] * b[i] }
    return sum
  }

  private func vector(_ x: UnsafePointer<Float>, _ t: Int, _ channels: Int, _ score: ScoreScale) -> [Double] {
    let x = (0..<channels).map { Double(x[t * channels + $0]) }
    guard case .cosine = score else { return x }
    return x.map { $0 / (product(x, x) + 1e-8).squareRoot() }
  }

  private func prediction(_ head: BilinearHead<Float>, _ context: [Double], _ score: ScoreScale) -> [Double] {
    let x = (0..<head.channels).map { i in
      (0..<head.contexts).reduce(0) { $0 + Double(head.weight.value[i * head.contexts + $1]) * context[$1] }
    }
    guard case .cosine(let temperature) = score else { return x }
    return x.map { $0 / (product(x, x) + 1e-8).squareRoot() / temperature }
  }
}
