import Kernels
import Networks
import RealModule
import Testing

@Suite struct AdamTests {
  @Test func agreesWithTheDefinition() {
    let noise = Noise(1)
    let parameters = [Parameter<Double>("a", shape: [3000]), Parameter<Double>("b", shape: [2, 5])]
    for parameter in parameters { noise.fill(parameter.value) }
    let adam = Adam(parameters)
    var expected = parameters.map { $0.value.array }
    var means = expected.map { $0.map { _ in 0.0 } }
    var squares = means
    for step in 1...20 {
      for (p, parameter) in parameters.enumerated() {
        noise.fill(parameter.gradient)
        for i in 0..<parameter.count {
          let g = parameter.gradient[i]
          means[p][i] = 0.9 * means[p][i] + 0.1 * g
          squares[p][i] = 0.999 * squares[p][i] + 0.001 * g * g
          let mean = means[p][i] / (1 - Double.pow(0.9, step))
          let square = squares[p][i] / (1 - Double.pow(0.999, step))
          expected[p][i] -= 2e-4 * mean / (square.squareRoot() + 1e-8)
        }
      }
      adam.update(learningRate: 2e-4, Workers(count: 3))
    }
    for (parameter, value) in zip(parameters, expected) {
      #expect(relativeDistance(parameter.value.array, value) < 1e-12)
    }
    #expect(adam.step == 20)
  }

  @Test func singlePrecisionAgreesWithDouble() {
    let noise = Noise(4)
    let (double, single) = (Parameter<Double>("a", shape: [500]), Parameter<Float>("a", shape: [500]))
    let (adam, adam32) = (Adam([double]), Adam([single]))
    func compare(_ a: Buffer<Double>, _ b: Buffer<Float>, _ what: String) {
      #expect(relativeDistance(b.array.map { Double($0) }, a.array) < 5e-7, "\(what)")
    }
    // From zero, so that nothing but the steps is compared.
    for _ in 1...5 {
      noise.fill(double.gradient)
      for i in 0..<500 { single.gradient[i] = Float(double.gradient[i]) }
      adam.update(learningRate: 1e-3, Workers(count: 1))
      adam32.update(learningRate: 1e-3, Workers(count: 1))
      compare(double.value, single.value, "parameters")
      compare(adam.means[0], adam32.means[0], "means")
      compare(adam.squares[0], adam32.squares[0], "squares")
    }
  }

  @Test func gradientNorm() {
    let parameters = [Parameter<Float>("a", shape: [3001]), Parameter<Float>("b", shape: [7])]
    let noise = Noise(2)
    for parameter in parameters { noise.fill(parameter.gradient) }
    let sum = parameters.flatMap { $0.gradient.array }.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(Adam(parameters).gradientNorm(Workers(count: 3)) / sum.squareRoot() - 1) < 1e-12)
  }

  @Test func initialValuesFillTheirRange() {
    let single = Parameter<Float>("w", shape: [50, 20, 8], order: .convolution)
    let double = Parameter<Double>("w", shape: [50, 20, 8], order: .convolution)
    single.initialize(bound: 0.25, from: RandomStream(seed: 3, purpose: .initialization, index: 4))
    double.initialize(bound: 0.25, from: RandomStream(seed: 3, purpose: .initialization, index: 4))
    #expect(relativeDistance(single.value.array.map { Double($0) }, double.value.array) < 1e-6)
    let values = double.value.array
    #expect(values.allSatisfy { abs($0) <= 0.25 } && values.max()! > 0.249 && values.min()! < -0.249)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    #expect(abs(mean) < 0.01 && abs(variance / (0.25 * 0.25 / 3) - 1) < 0.05)
  }
}
