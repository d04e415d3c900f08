import Kernels
import Models
import Networks
import RealModule
import Testing

@Suite struct SoftmaxLayerTests {
  private func make(_ noise: Noise, rows: Int) -> (SoftmaxLayer<Double>, Buffer<Double>, [Int32]) {
    let layer = SoftmaxLayer<Double>("s", inputs: noise.integer(1...7), classes: noise.integer(2...6), rows: rows)
    for parameter in layer.parameters { noise.fill(parameter.value) }
    let labels = (0..<rows).map { $0 % 4 == 3 ? -1 : Int32(noise.integer(0...layer.classes - 1)) }
    return (layer, noise.buffer(rows * layer.inputs), labels)
  }

  /// The definition, one number at a time.
  private func reference(_ layer: SoftmaxLayer<Double>, _ x: Buffer<Double>, _ labels: [Int32]) -> (Double, [Int32]) {
    var loss = 0.0
    var predictions: [Int32] = []
    for row in labels.indices {
      let scores = (0..<layer.classes).map { k in
        (0..<layer.inputs).reduce(layer.bias.value[k]) {
          $0 + layer.weight.value[k * layer.inputs + $1] * x[row * layer.inputs + $1]
        }
      }
      predictions.append(Int32(scores.indices.max { scores[$0] < scores[$1] }!))
      guard labels[row] >= 0 else { continue }
      loss += Double.log(scores.reduce(0) { $0 + Double.exp($1) }) - scores[Int(labels[row])]
    }
    return (loss / Double(labels.count { $0 >= 0 }), predictions)
  }

  @Test(arguments: 0..<20) func agreesWithTheDefinition(seed: Int) {
    let noise = Noise(seed)
    let rows = noise.integer(1...20)
    let (layer, x, labels) = make(noise, rows: rows)
    let workers = Workers(count: 1 + seed % 3)
    let gradient = Buffer<Double>(count: x.count)
    let (loss, predictions) = reference(layer, x, labels)
    #expect(layer.predict(x.matrix(layer.inputs), count: rows, workers) == predictions)
    let result = layer.evaluate(
      x.matrix(layer.inputs), labels: labels, inputGradient: gradient.pointer, workers)
    #expect(abs(result.loss - loss) < 1e-12 * max(1, loss))
    #expect(result.correct == labels.indices.count { labels[$0] == predictions[$0] })
  }

  @Test(arguments: 30..<45) func gradientsAgreeWithFiniteDifferences(seed: Int) {
    let noise = Noise(seed)
    let (layer, x, labels) = make(noise, rows: noise.integer(2...20))
    let workers = Workers(count: 1 + seed % 3)
    let gradient = Buffer<Double>(count: x.count)
    let scratch = Buffer<Double>(count: x.count)
    _ = layer.evaluate(x.matrix(layer.inputs), labels: labels, inputGradient: gradient.pointer, workers)
    let parameters = layer.parameters.map { Buffer($0.gradient.array) }
    func loss() -> Double {
      layer.evaluate(x.matrix(layer.inputs), labels: labels, inputGradient: scratch.pointer, workers).loss
    }
    for (parameter, analytic) in zip(layer.parameters, parameters) {
      expectGradient(analytic, of: parameter.value, parameter.name, loss: loss)
    }
    expectGradient(gradient, of: x, "input", loss: loss)
  }
}

@Suite struct SupervisedModelTests {
  @Test(arguments: 0..<6) func gradientsAgreeWithFiniteDifferences(seed: Int) {
    let noise = Noise(seed)
    var shape = AudioModelShape()
    (shape.window, shape.channels, shape.context) = (1280, 7, 5)
    shape.normalisation = seed % 2 == 0 ? .none : .channel
    let model = SupervisedModel<Double>(shape, classes: 3, windows: 2, workers: Workers(count: 1 + seed % 3))
    model.initialize(seed: UInt64(seed))
    // So that no latent is zero whatever it hears.
    for parameter in model.parameters where parameter.name.hasPrefix("encoder") && parameter.name.hasSuffix("bias") {
      for i in 0..<parameter.count { parameter.value[i] += 0.3 }
      parameter.noteChange()
    }
    for window in 0..<2 { for i in 0..<shape.window { model.input(window)[i] = noise.normal() } }
    let labels = (0..<2 * model.frames).map { $0 % 5 == 4 ? -1 : Int32($0 % 3) }
    _ = model.backward(labels: labels)
    let gradients = model.parameters.map { $0.gradient.array }
    func loss(_ parameter: Parameter<Double>, _ i: Int, _ value: Double) -> Double {
      parameter.value[i] = value
      parameter.noteChange()
      return model.backward(labels: labels).loss
    }
    for (parameter, gradient) in zip(model.parameters, gradients) {
      var (difference, size) = (0.0, 0.0)
      for i in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 16)) {
        let (kept, step) = (parameter.value[i], 1e-6)
        let numeric = (loss(parameter, i, kept + step) - loss(parameter, i, kept - step)) / (2 * step)
        _ = loss(parameter, i, kept)
        difference += (numeric - gradient[i]) * (numeric - gradient[i])
        size += numeric * numeric
      }
      #expect(size > 0, "\(parameter.name)")
      // A rectifier that changes sides within a step costs some digits.
      #expect((difference / size).squareRoot() < 1e-4, "\(parameter.name): \((difference / size).squareRoot())")
    }
  }
}
