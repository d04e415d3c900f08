import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Sampling
import TestSupport
import Testing
import Training

/// z = W x + x² for each latent of a 3 × 5 lattice, whose input is as wide as the latents.
private final class ToyEncoder: Encoder {
  typealias Element = Double

  let lattice = Lattice(rows: 3, columns: 5)
  let channels = 4
  let weight = Parameter<Double>("toy.weight", shape: [4, 4])
  private let inputs: Buffer<Double>
  private let windows: Int

  init(windows: Int) {
    self.windows = windows
    inputs = Buffer(count: windows * 15 * 4)
  }

  var inputCount: Int { lattice.count * channels }
  var parameters: [Parameter<Double>] { [weight] }
  func initialize(from stream: (Int) -> RandomStream) { weight.initialize(bound: 0.7, from: stream(0)) }
  func input(of window: Int) -> UnsafeMutablePointer<Double> { inputs.pointer + window * inputCount }

  func forward(to latents: UnsafeMutablePointer<Double>, _ workers: Workers) {
    for latent in 0..<windows * lattice.count {
      for i in 0..<4 {
        let x = inputs[4 * latent + i]
        latents[4 * latent + i] = (0..<4).reduce(x * x) { $0 + weight.value[4 * i + $1] * inputs[4 * latent + $1] }
      }
    }
  }

  func backward(latentGradient: UnsafePointer<Double>, _ workers: Workers) {
    for latent in 0..<windows * lattice.count {
      for i in 0..<4 {
        for j in 0..<4 { weight.gradient[4 * i + j] += latentGradient[4 * latent + i] * inputs[4 * latent + j] }
      }
    }
  }
}

/// c = U Σ z over the rows down to the latent's own, within its column: nothing of the rows that are predicted.
private final class ToyContext: ContextNetwork {
  typealias Element = Double

  let units = 3
  let weight = Parameter<Double>("context.weight", shape: [3, 4])
  private let lattice: Lattice
  private let windows: Int
  private let sums: Buffer<Double>
  private let contexts: Buffer<Double>

  init(_ lattice: Lattice, windows: Int) {
    (self.lattice, self.windows) = (lattice, windows)
    sums = Buffer(count: windows * lattice.count * 4)
    contexts = Buffer(count: windows * lattice.count * 3)
  }

  var parameters: [Parameter<Double>] { [weight] }
  func initialize(from stream: (Int) -> RandomStream) { weight.initialize(bound: 0.7, from: stream(0)) }
  func contexts(_ window: Int) -> UnsafeMutablePointer<Double> { contexts.pointer + window * lattice.count * 3 }

  private func above(_ latent: Int) -> Int? {
    latent % lattice.count < lattice.columns ? nil : latent - lattice.columns
  }

  func forward(_ latents: Matrix<Double>, _ workers: Workers) {
    for latent in 0..<windows * lattice.count {
      for i in 0..<4 { sums[4 * latent + i] = latents.row(latent)[i] + (above(latent).map { sums[4 * $0 + i] } ?? 0) }
      for u in 0..<3 {
        contexts[3 * latent + u] = (0..<4).reduce(0) { $0 + weight.value[4 * u + $1] * sums[4 * latent + $1] }
      }
    }
  }

  func backward(
    _ latents: Matrix<Double>, contextGradient: Matrix<Double>, inputGradient: Matrix<Double>, _ workers: Workers
  ) {
    let sumGradient = Buffer<Double>(count: sums.count)
    sumGradient.fillWithZeros()
    for latent in (0..<windows * lattice.count).reversed() {
      for i in 0..<4 {
        for u in 0..<3 {
          let gradient = contextGradient.row(latent)[u]
          sumGradient[4 * latent + i] += weight.value[4 * u + i] * gradient
          weight.gradient[4 * u + i] += gradient * sums[4 * latent + i]
        }
        inputGradient.row(latent)[i] = sumGradient[4 * latent + i]
        if let above = above(latent) { sumGradient[4 * above + i] += sumGradient[4 * latent + i] }
      }
    }
  }
}

/// A model that the product does not know, on a lattice of two dimensions.
@Suite struct LatticeModelTests {
  private func model(_ strategy: NegativeStrategy, negatives: Int?) -> ContrastiveModel<Double> {
    let encoder = ToyEncoder(windows: 3)
    let model = ContrastiveModel<Double>(
      encoder, ToyContext(encoder.lattice, windows: 3), windows: 3, steps: 2, pool: strategy.pool,
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
    #expect(try ModelSpecification(settings: configuration.json) == configuration.specification)
    let model = configuration.specification.makeModel(windows: 2, workers: Workers(count: 1))
    model.initialize(seed: 3)
    let state = Checkpoint.Facts(
      identity: RunIdentity(configuration, threads: 1, data: DataIdentity()), state: TrainingState(),
      transform: InputScaling(scale: .gain, gain: 2.5))
    try Checkpoint.write(Adam(model.parameters), state, to: folder("c"))
    let read = try Checkpoint.readModel(from: folder("c"), windows: 2, workers: Workers(count: 1))
    #expect(read.transform as? InputScaling == InputScaling(scale: .gain, gain: 2.5))
    for any in [model, read.model] {
      let stream = RandomStream(seed: 1, purpose: .tests)
      for w in 0..<2 {
        for i in 0..<configuration.shape.window { any.input(w)[i] = Float(stream.normal(UInt64(w << 20 + i))) }
      }
      any.forward()
    }
    #expect(model.evaluate() == read.model.evaluate())
    let count = model.lattice.count
    for w in 0..<2 {
      #expect((0..<count * model.channels).allSatisfy { model.latents(w)[$0] == read.model.latents(w)[$0] })
      #expect((0..<count * model.units).allSatisfy { model.contexts(w)[$0] == read.model.contexts(w)[$0] })
    }
  }

  @Test func whatIsMissingIsNamed() {
    let settings = smallConfiguration().json
    let keys = ["model", "normalisation", "score", "precision", "window", "channels", "context", "steps_ahead"]
    for key in keys {
      var broken = settings
      broken[key] = .string("?")
      #expect { try ModelSpecification(settings: broken) } throws: {
        ($0 as? Failure)?.reason.contains("setting \(key) is missing") == true
      }
    }
  }
}
