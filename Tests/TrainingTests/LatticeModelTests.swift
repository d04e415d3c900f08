import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Sampling
import TestSupport
import Testing
import ToyModels
import Training

/// A model that the product does not know, on a lattice of two dimensions.
@Suite struct LatticeModelTests {
  private func model(_ strategy: NegativeStrategy, negatives: Int?) -> ContrastiveModel<Double> {
    let encoder = ToyEncoder<Double>(windows: 3)
    let model = ContrastiveModel<Double>(
      encoder, ToyContext<Double>(encoder.lattice, windows: 3), windows: 3, steps: 2, pool: strategy.pool,
      negatives: negatives, seed: 4, workers: Workers(count: 2))
    model.initialize(seed: 2)
    fillWithNoise(model, seed: 9)
    return model
  }

  @Test(arguments: NegativeStrategy.allCases, [nil, 6])
  func gradientsAgreeWithFiniteDifferences(strategy: NegativeStrategy, negatives: Int?) {
    let model = model(strategy, negatives: negatives)
    model.forward()
    let metrics = model.backward()
    // One row of five has two rows after it.
    #expect(metrics.anchors == 3 * 5)
    #expect(metrics.candidates == negatives.map { $0 + 1 } ?? strategy.pool.count(windows: 3, latents: 15))
    #expect(model.parameters.map(\.name) == ["toy.weight", "context.weight", "heads.0.weight", "heads.1.weight"])
    for parameter in model.parameters {
      for i in 0..<parameter.count {
        let numeric = numericGradient(of: parameter, i, in: model)
        #expect(abs(numeric - parameter.gradient[i]) < 1e-7, "\(parameter.name)[\(i)]")
      }
    }
  }

  @Test func learns() {
    let model = model(.mixedSpeaker, negatives: nil)
    let adam = Adam(model.parameters)
    var losses: [Double] = []
    for _ in 0..<300 {
      adam.clearGradients()
      model.forward()
      losses.append(model.backward().loss)
      adam.update(learningRate: 1e-2, Workers(count: 1))
    }
    #expect(losses.last! < 0.5 * losses[0], "\(losses[0]) to \(losses.last!)")
  }
}

/// Models from a checkpoint alone.
@Suite struct CheckpointModelTests {
  @Test(arguments: Precision.allCases, [ScoreScale.sum, .mean, .cosine(temperature: 0.25)])
  func theFileNamesItsModel(precision: Precision, score: ScoreScale) throws {
    let folder = try TemporaryFolder()
    var configuration = smallConfiguration()
    configuration.precision = precision
    (configuration.shape.score, configuration.shape.normalisation) = (score, .channel)
    #expect(try AudioSpecification(settings: configuration.json) == configuration.audio)
    let model = configuration.specification.makeModel(windows: 2, workers: Workers(count: 1))
    model.initialize(seed: 3)
    let facts = Checkpoint.Facts(
      identity: RunIdentity(configuration, threads: 1, data: DataIdentity()), state: TrainingState())
    let transform = InputScaling(scale: .gain, gain: 2.5)
    try Checkpoint.write(Adam(model.parameters), facts, transform, to: folder("c"))
    let checkpoint = try Checkpoint(opening: folder("c"))
    let read = try checkpoint.model(windows: 2, workers: Workers(count: 1))
    #expect(try checkpoint.transform() as? InputScaling == InputScaling(scale: .gain, gain: 2.5))
    for any in [model, read] {
      let stream = RandomStream(seed: 1, purpose: .tests)
      for w in 0..<2 {
        for i in 0..<configuration.shape.window { any.input(w)[i] = Float(stream.normal(UInt64(w << 20 + i))) }
      }
      any.forward()
    }
    #expect(model.evaluate() == read.evaluate())
    let count = model.lattice.count
    for w in 0..<2 {
      #expect((0..<count * model.channels).allSatisfy { model.latents(w)[$0] == read.latents(w)[$0] })
      #expect((0..<count * model.units).allSatisfy { model.contexts(w)[$0] == read.contexts(w)[$0] })
    }
  }

  @Test func whatIsMissingIsNamed() {
    let settings = smallConfiguration().json
    let keys = ["model", "normalisation", "score", "precision", "window", "channels", "context", "steps_ahead"]
    for key in keys {
      var broken = settings
      broken[key] = .string("?")
      #expect { try TrainingConfiguration(settings: broken) } throws: {
        ($0 as? Failure)?.reason.contains("setting \(key) is missing") == true
      }
    }
  }
}
