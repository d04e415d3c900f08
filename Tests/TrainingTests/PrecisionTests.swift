import FileIO
import Kernels
import Models
import Networks
import Safetensors
import Sampling
import TestSupport
import Testing
import Training

/// What rounding the factors of products to bfloat16 costs.
@Suite struct PrecisionTests {
  private static let shapes: [AudioModelShape] = {
    var small = AudioModelShape()
    (small.window, small.channels, small.context, small.stepsAhead) = (4000, 40, 24, 4)
    var normalised = small
    (normalised.normalisation, normalised.score) = (.channel, .cosine(temperature: 0.3))
    return [small, normalised]
  }()

  private func model<Element: Operand>(_: Element.Type, _ shape: AudioModelShape) -> ContrastiveModel<Element> {
    let model = ContrastiveModel<Element>(shape, windows: 3, workers: Workers(count: 2))
    model.initialize(seed: 5)
    leavePlateau(model, by: 2)
    fillWithNoise(model, seed: 6)
    model.forward()
    return model
  }

  private func distance<A: KernelScalar>(_ a: Buffer<A>, _ b: Buffer<Double>) -> Double {
    var (difference, size) = (0.0, 0.0)
    for i in 0..<b.count {
      difference += (Double(a[i]) - b[i]) * (Double(a[i]) - b[i])
      size += b[i] * b[i]
    }
    return (difference / size).squareRoot()
  }

  /// Each factor is within 2⁻⁸ of its number; through ten products and rectifiers that is some hundredths of a gradient.
  /// Single precision is thousands of times nearer.
  @Test(arguments: shapes) func gradientsAreNearThoseOfDoublePrecision(shape: AudioModelShape) {
    let (double, single, rounded) = (model(Double.self, shape), model(Float.self, shape), model(BFloat16.self, shape))
    let losses = (double.backward().loss, single.backward().loss, rounded.backward().loss)
    #expect(abs(losses.1 / losses.0 - 1) < 1e-5 && abs(losses.2 / losses.0 - 1) < 1e-2)
    for (i, exact) in double.parameters.enumerated() {
      let name = exact.name
      let errors = (
        distance(single.parameters[i].gradient, exact.gradient),
        distance(rounded.parameters[i].gradient, exact.gradient)
      )
      #expect(errors.0 < 1e-4, "\(name)")
      #expect((1e-4..<0.2).contains(errors.1), "\(name): \(errors.1)")
    }
  }

  /// What is rounded once an update must follow every change of a parameter.
  @Test func factorsFollowTheirParameters() {
    let model = model(BFloat16.self, Self.shapes[0])
    let before = model.backward().loss
    let adam = Adam(model.parameters)
    adam.update(learningRate: 1e-2, Workers(count: 1))
    model.forward()
    let after = model.backward().loss
    #expect(before != after)
    for parameter in model.parameters { parameter.load(parameter.elements(of: parameter.value), into: parameter.value) }
    model.forward()
    #expect(model.evaluate().loss == after)
    let fresh = ContrastiveModel<BFloat16>(Self.shapes[0], windows: 3, workers: Workers(count: 2))
    for (mine, theirs) in zip(fresh.parameters, model.parameters) {
      mine.load(theirs.elements(of: theirs.value), into: mine.value)
    }
    fillWithNoise(fresh, seed: 6)
    fresh.forward()
    #expect(fresh.evaluate().loss == after)
  }

  /// Scores of some anchors at a time are the scores of all of them.
  @Test(arguments: [CandidatePool.batch, .otherWindows, .ownWindow], [nil, 5])
  func scoresInBlocksAreTheSame(pool: CandidatePool, negatives: Int?) {
    func loss(_ bytes: Int) -> (ContrastiveMetrics, [Double], [Double]) {
      let stream = RandomStream(seed: 3, purpose: .tests)
      let loss = InfoNCE<Double>(
        "h", windows: 3, lattice: Lattice(rows: 20), channels: 6, units: 5, steps: 4, pool: pool,
        sampler: negatives.map {
          NegativeSampler(pool: pool, windows: 3, lattice: Lattice(rows: 20), count: $0, seed: 1)
        },
        scoreBytes: bytes)
      let latents = Buffer((0..<60 * 6).map { stream.normal(UInt64($0)) })
      let contexts = Buffer((0..<60 * 5).map { stream.normal(UInt64(1000 + $0)) })
      for (k, head) in loss.heads.enumerated() {
        for i in 0..<30 { head.weight.value[i] = stream.normal(UInt64(2000 + 30 * k + i)) }
      }
      let metrics = loss.evaluate(
        latents: latents.matrix(6), contexts: { UnsafePointer(contexts.pointer + $0 * 20 * 5) }, gradients: true,
        Workers(count: 2))
      return (metrics, loss.latentGradient.array, loss.contextGradient.array)
    }
    let whole = loss(1 << 20)
    for bytes in [1, 60 * 8 * 7, 60 * 8 * 47] {
      let parts = loss(bytes)
      #expect(parts.0.steps.map(\.below) == whole.0.steps.map(\.below))
      #expect(abs(parts.0.loss / whole.0.loss - 1) < 1e-12)
      for (a, b) in [(parts.1, whole.1), (parts.2, whole.2)] {
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-12 })
      }
    }
  }

  /// The same gradients beside those of PyTorch's own bfloat16, from the same parameters and samples.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"))
  func gradientsAreAsGoodAsPyTorchs() throws {
    let folder = try TemporaryFolder()
    var shape = AudioModelShape()
    (shape.channels, shape.context) = (128, 64)
    let model = ContrastiveModel<BFloat16>(shape, windows: 4, workers: Workers(count: 2))
    model.initialize(seed: 1)
    leavePlateau(model, by: 1.5)
    fillWithNoise(model, seed: 2)
    var arrays: [(name: String, shape: [Int], values: [Float])] = []
    for parameter in model.parameters {
      arrays.append(("before." + parameter.name, parameter.shape, parameter.elements(of: parameter.value)))
    }
    let input = (0..<4).flatMap { w in (0..<shape.window).map { model.input(w)[$0] } }
    arrays.append(("input", [1, 4, shape.window], input))
    model.forward()
    let losses = model.backward().losses
    for parameter in model.parameters {
      arrays.append(("gradient." + parameter.name, parameter.shape, parameter.elements(of: parameter.gradient)))
    }
    arrays.append(("losses", [1, losses.count], losses.map { Float($0) }))
    let metadata = [
      ("channels", "128"), ("context", "64"), ("steps_ahead", "12"), ("pool", "batch"), ("learning_rate", "2e-4"),
    ]
    try writeTensors(arrays, metadata: metadata.map { (key: $0.0, value: $0.1) }, to: folder("case"))
    let result = try Python.run([Python.tool("precision.py"), folder("case")])
    #expect(result.status == 0, "\(result.output)")
    print("bfloat16 beside PyTorch's:\n\(result.output)", terminator: "")
  }
}
