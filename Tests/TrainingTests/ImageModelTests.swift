import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Sampling
import TestSupport
import Testing
import Training

/// The model of images as a whole.
@Suite struct ImageModelTests {
  /// A small one: 3 × 3 patches unless it says otherwise.
  private static func specification(_ change: (inout ImageSpecification) -> Void = { _ in }) -> ImageSpecification {
    var specification = ImageSpecification()
    (specification.height, specification.width) = (40, 44)
    (specification.shape.crop, specification.shape.patch, specification.shape.stride) = (32, 16, 8)
    (specification.shape.depth, specification.shape.width) = (18, 4)
    (specification.shape.contextDepth, specification.shape.context) = (2, 6)
    (specification.shape.stepsAhead, specification.shape.rowSkip) = (1, 1)
    change(&specification)
    return specification
  }

  private func model<Element: Operand>(
    _ specification: ImageSpecification, windows: Int, pool: CandidatePool = .batch, negatives: Int? = nil, seed: Int,
    _: Element.Type
  ) -> ContrastiveModel<Element> {
    let model = specification.makeModel(
      Element.self, windows: windows, pool: pool, negatives: negatives, seed: UInt64(seed), workers: Workers(count: 2),
      training: true)
    model.initialize(seed: UInt64(seed))
    let stream = RandomStream(seed: UInt64(seed), purpose: .tests, index: 77)
    var place: UInt64 = 0
    for parameter in model.parameters where parameter.shape.count == 1 {
      for i in 0..<parameter.count {
        parameter.value[i] += Element.Sum(0.1 * stream.normal(place))
        place += 1
      }
      parameter.noteChange()
    }
    fillWithNoise(model, seed: seed)
    return model
  }

  @Test(
    arguments: [
      (CandidatePool.batch, nil, specification()),
      (.otherWindows, 3, specification { ($0.shape.contextNetwork, $0.shape.rowSkip) = (.rowGRU, 0) }),
      (
        .ownWindow, nil,
        specification {
          ($0.shape.rowSkip, $0.shape.stepsAhead, $0.shape.normalisation) = (0, 2, .channel)
          ($0.shape.colour, $0.shape.score) = (.rgb, .cosine(temperature: 0.5))
        }
      ),
    ] as [(CandidatePool, Int?, ImageSpecification)])
  func gradientsAgreeWithFiniteDifferences(pool: CandidatePool, negatives: Int?, specification: ImageSpecification)
    throws
  {
    let model = model(specification, windows: 2, pool: pool, negatives: negatives, seed: 5, Double.self)
    model.forward()
    _ = model.backward()
    for parameter in model.parameters {
      var (difference, size) = (0.0, 0.0)
      for i in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 7) | 1) {
        let kept = parameter.value[i]
        func loss(_ value: Double) -> Double {
          parameter.value[i] = value
          parameter.noteChange()
          model.forward()
          return model.evaluate().loss
        }
        let numeric = (loss(kept + 1e-6) - loss(kept - 1e-6)) / 2e-6
        _ = loss(kept)
        difference += (numeric - parameter.gradient[i]) * (numeric - parameter.gradient[i])
        size += numeric * numeric
      }
      #expect(size > 0, "\(parameter.name)")
      #expect((difference / size).squareRoot() < 1e-5, "\(parameter.name): \((difference / size).squareRoot())")
    }
  }

  struct Case: Sendable, CustomStringConvertible {
    var name: String
    var specification: ImageSpecification
    var pool = CandidatePool.batch
    var windows = 3
    var updates = 5
    var description: String { name }
  }

  static let cases: [Case] = [
    Case(name: "ResNet-18, masked", specification: specification()),
    Case(
      name: "ResNet-34, row-gru, no skip",
      specification: specification {
        ($0.shape.depth, $0.shape.contextNetwork, $0.shape.rowSkip, $0.shape.stepsAhead) = (34, .rowGRU, 0, 2)
      }, pool: .otherWindows),
    Case(
      name: "ResNet-50, channel norm, colour, cosine",
      specification: specification {
        ($0.shape.depth, $0.shape.normalisation, $0.shape.colour) = (50, .channel, .rgb)
        $0.shape.score = .cosine(temperature: 0.1)
      }, pool: .ownWindow),
    Case(
      name: "ResNet-18 of 32, 4 × 4",
      specification: specification {
        ($0.height, $0.width) = (96, 90)
        ($0.shape.crop, $0.shape.patch, $0.shape.stride, $0.shape.width) = (80, 32, 16, 8)
        $0.shape.stepsAhead = 2
      }),
    // Few units: where one of them is within rounding of zero, it is on here and off there, and that alone changes the
    // gradients before it by some thousandths.
    Case(
      name: "ResNet-101 of 64",
      specification: specification {
        ($0.height, $0.width) = (100, 98)
        ($0.shape.crop, $0.shape.patch, $0.shape.stride) = (96, 64, 32)
        ($0.shape.depth, $0.shape.width, $0.shape.rowSkip) = (101, 4, 0)
      }, windows: 2, updates: 2),
  ]

  private func write(
    _ model: ContrastiveModel<some Operand>, _ test: Case, before: [[Float]], inputs: [Float], gradients: [[Float]],
    losses: [Float], batches: Int, to path: String
  ) throws {
    var arrays: [(name: String, shape: [Int], values: [Float])] = []
    for (i, parameter) in model.parameters.enumerated() {
      arrays.append(("before." + parameter.name, parameter.shape, before[i]))
      arrays.append(("gradient." + parameter.name, parameter.shape, gradients[i]))
      arrays.append(("after." + parameter.name, parameter.shape, elements(model)[i]))
    }
    arrays.append(("input", [batches, test.windows, model.encoder.inputCount], inputs))
    arrays.append(("losses", [batches, losses.count / batches], losses))
    var settings = test.specification.json
    settings["model"] = .string(ImageSpecification.kind)
    let transform = ImageTransform(
      test.specification.shape, height: test.specification.height, width: test.specification.width, mean: 100,
      deviation: 50)
    let pool = [CandidatePool.batch: "batch", .otherWindows: "other_windows", .ownWindow: "own_window"][test.pool]!
    try writeTensors(
      arrays,
      metadata: transform.metadata + [
        ("config", JSON.object(settings).compact), ("pool", pool), ("learning_rate", "2e-4"),
      ], to: path)
  }

  private func elements<Element: Operand>(
    _ model: ContrastiveModel<Element>, gradients: Bool = false
  ) -> [[Float]] {
    model.parameters.map { parameter in
      parameter.elements(of: gradients ? parameter.gradient : parameter.value).map { Float($0) }
    }
  }

  /// Whole training steps beside PyTorch: loss, every gradient, and the parameters after some updates of Adam.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: cases)
  func agreesWithPyTorch(test: Case) throws {
    let folder = try TemporaryFolder()
    let model = model(test.specification, windows: test.windows, pool: test.pool, seed: 3, Float.self)
    let adam = Adam(model.parameters)
    let before = elements(model)
    var (inputs, losses, gradients): ([Float], [Float], [[Float]]) = ([], [], [])
    for update in 0..<test.updates {
      adam.clearGradients()
      fillWithNoise(model, seed: 8, update: update)
      for w in 0..<test.windows { inputs += model.input(w) }
      model.forward()
      losses += model.backward(batch: update).losses.map { Float($0) }
      if update == 0 { gradients = elements(model, gradients: true) }
      adam.update(learningRate: 2e-4, Workers(count: 2))
    }
    try write(
      model, test, before: before, inputs: inputs, gradients: gradients, losses: losses, batches: test.updates,
      to: folder("case"))
    let result = try Python.run([Python.tool("parity.py"), folder("case")])
    #expect(result.status == 0, "\(result.output)")
    print("parity with PyTorch, \(test): \(result.output)", terminator: "")
  }

  /// Gradients by bfloat16 beside those of PyTorch's own, from the same parameters and patches; wide enough that what a
  /// few rectifiers make of rounding is evened out.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"))
  func roundedGradientsAreAsGoodAsPyTorchs() throws {
    let test = Case(
      name: "bfloat16",
      specification: Self.specification {
        ($0.height, $0.width, $0.shape.crop, $0.shape.width, $0.shape.context) = (64, 64, 64, 24, 64)
        $0.shape.stepsAhead = 4
      })
    let folder = try TemporaryFolder()
    let model = model(test.specification, windows: test.windows, pool: test.pool, seed: 3, BFloat16.self)
    let before = elements(model)
    let inputs = (0..<test.windows).flatMap { Array(model.input($0)) }
    model.forward()
    let losses = model.backward().losses.map { Float($0) }
    try write(
      model, test, before: before, inputs: inputs, gradients: elements(model, gradients: true), losses: losses,
      batches: 1, to: folder("case"))
    let result = try Python.run([Python.tool("precision.py"), folder("case")])
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func roundedGradientsAreNearThoseOfDoublePrecision() {
    let specification = Self.cases[3].specification
    let double = model(specification, windows: 2, seed: 6, Double.self)
    let rounded = model(specification, windows: 2, seed: 6, BFloat16.self)
    double.forward()
    rounded.forward()
    let losses = (double.backward().loss, rounded.backward().loss)
    #expect(abs(losses.1 / losses.0 - 1) < 2e-2)
    for (a, b) in zip(double.parameters, rounded.parameters) {
      var (difference, size) = (0.0, 0.0)
      for i in 0..<a.count {
        difference += (Double(b.gradient[i]) - a.gradient[i]) * (Double(b.gradient[i]) - a.gradient[i])
        size += a.gradient[i] * a.gradient[i]
      }
      #expect((1e-5..<0.3).contains((difference / size).squareRoot()), "\(a.name): \((difference / size).squareRoot())")
    }
  }

  /// Whatever patch is changed, latents of no other move, and contexts of none above it.
  @Test(arguments: [LatticeContext.masked, .rowGRU]) func patchesReachNoContextAbove(context: LatticeContext) {
    let specification = Self.specification {
      ($0.height, $0.width, $0.shape.crop, $0.shape.contextNetwork) = (56, 56, 56, context)
    }
    let model = model(specification, windows: 2, seed: 4, Double.self)
    let (grid, count) = (specification.shape.grid, specification.lattice.count)
    #expect(grid == 6)
    func contexts() -> [[Double]] {
      model.forward()
      return (0..<2 * count).map { i in
        (0..<model.units).map { model.contexts(i / count)[i % count * model.units + $0] }
      }
    }
    let before = contexts()
    for patch in 0..<count {
      let pixel = model.input(1).baseAddress! + patch * 256 + 100
      let kept = pixel.pointee
      pixel.pointee = kept + 4
      let after = contexts()
      pixel.pointee = kept
      #expect(before[count + patch] != after[count + patch])
      for i in 0..<2 * count where before[i] != after[i] {
        #expect(i >= count && (i - count) / grid >= patch / grid, "patch \(patch) moves context \(i)")
      }
    }
  }

  @Test func learns() {
    let specification = Self.specification { $0.shape.width = 8 }
    let model = model(specification, windows: 3, seed: 1, Float.self)
    let adam = Adam(model.parameters)
    var losses: [Double] = []
    for _ in 0..<60 {
      adam.clearGradients()
      model.forward()
      losses.append(model.backward().loss)
      adam.update(learningRate: 1e-3, Workers(count: 2))
    }
    #expect(losses.last! < 0.3 * losses[0], "\(losses[0]) to \(losses.last!)")
  }
}
