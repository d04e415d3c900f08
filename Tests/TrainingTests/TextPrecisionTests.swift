import FileIO
import Kernels
import Models
import Networks
import Sampling
import TestSupport
import Testing
import Training

/// What rounding the factors of products to bfloat16 costs the model of texts.
@Suite struct TextPrecisionTests {
  private static let shapes: [TextSpecification] = {
    var plain = smallText(words: 200, room: 12)
    (plain.embedding, plain.channels, plain.context) = (40, 48, 36)
    var wide = plain
    (wide.kernel, wide.normalisation, wide.score) = (3, .channel, .cosine(temperature: 0.3))
    return [plain, wide]
  }()

  private func model<Element: Operand>(
    _: Element.Type, _ specification: TextSpecification, windows: Int = 4
  ) -> ContrastiveModel<Element> {
    let model: ContrastiveModel<Element> = specification.makeModel(
      Element.self, windows: windows, pool: .batch, negatives: nil, seed: 1, workers: Workers(count: 2), training: true)
    model.initialize(seed: 5)
    fillWithWords(model, specification, seed: 6)
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

  @Test(arguments: shapes) func gradientsAreNearThoseOfDoublePrecision(specification: TextSpecification) {
    let (double, single) = (model(Double.self, specification), model(Float.self, specification))
    let rounded = model(BFloat16.self, specification)
    let losses = (double.backward().loss, single.backward().loss, rounded.backward().loss)
    #expect(abs(losses.1 / losses.0 - 1) < 1e-5 && abs(losses.2 / losses.0 - 1) < 1e-2)
    for (i, exact) in double.parameters.enumerated() {
      let errors = (
        distance(single.parameters[i].gradient, exact.gradient),
        distance(rounded.parameters[i].gradient, exact.gradient)
      )
      #expect(errors.0 < 1e-4, "\(exact.name)")
      #expect((1e-4..<0.2).contains(errors.1), "\(exact.name): \(errors.1)")
    }
  }

  /// The same gradients beside those of PyTorch's own bfloat16, from the same parameters and words.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: [1, 3])
  func gradientsAreAsGoodAsPyTorchs(kernel: Int) throws {
    let folder = try TemporaryFolder()
    let test = TextModelTests.Case(1) {
      $0.specification = TextSpecification()
      ($0.specification.words, $0.specification.embedding, $0.specification.kernel) = (400, 96, kernel)
      ($0.specification.channels, $0.specification.context) = (128, 96)
    }
    let model = model(BFloat16.self, test.specification, windows: 8)
    var arrays: [(name: String, shape: [Int], values: [Float])] = []
    for parameter in model.parameters {
      arrays.append(("before." + parameter.name, parameter.shape, parameter.elements(of: parameter.value)))
    }
    arrays.append(("input", [1, 8, test.specification.inputCount], (0..<8).flatMap { Array(model.input($0)) }))
    let losses = model.backward().losses
    for parameter in model.parameters {
      arrays.append(("gradient." + parameter.name, parameter.shape, parameter.elements(of: parameter.gradient)))
    }
    arrays.append(("losses", [1, losses.count], losses.map { Float($0) }))
    try writeTensors(arrays, metadata: test.metadata, to: folder("case"))
    let result = try Python.run([Python.tool("precision.py"), folder("case")])
    #expect(result.status == 0, "\(result.output)")
    print("bfloat16 beside PyTorch's, texts, \(kernel) wide:\n\(result.output)", terminator: "")
  }
}
