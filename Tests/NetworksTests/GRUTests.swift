import Kernels
import Networks
import RealModule
import Testing

@Suite struct GRUTests {
  /// - Parameter isDivided: whether workers divide the recurrent weight.
  private func make(_ noise: Noise, isDivided: Bool) -> (GRU<Double>, Buffer<Double>) {
    let gru = GRU<Double>(
      "g", inputs: noise.integer(1...7), units: noise.integer(1...(isDivided ? 40 : 6)), windows: noise.integer(1...5),
      frames: noise.integer(1...9), cached: isDivided ? 0 : 1 << 21)
    for parameter in gru.parameters { noise.fill(parameter.value, scale: 0.7) }
    return (gru, noise.buffer(gru.windows * gru.frames * gru.inputs))
  }

  /// The equations of `torch.nn.GRU`, one number at a time.
  private func reference(_ gru: GRU<Double>, _ x: Buffer<Double>, window: Int) -> [Double] {
    var h = [Double](repeating: 0, count: gru.units)
    var result: [Double] = []
    for t in 0..<gru.frames {
      func input(_ row: Int) -> Double {
        (0..<gru.inputs).reduce(gru.inputBias.value[row]) {
          $0 + gru.inputWeight.value[row * gru.inputs + $1] * x[(window * gru.frames + t) * gru.inputs + $1]
        }
      }
      func recurrent(_ row: Int) -> Double {
        (0..<gru.units).reduce(gru.recurrentBias.value[row]) {
          $0 + gru.recurrentWeight.value[row * gru.units + $1] * h[$1]
        }
      }
      h = (0..<gru.units).map { i in
        let r = 1 / (1 + Double.exp(-input(i) - recurrent(i)))
        let z = 1 / (1 + Double.exp(-input(gru.units + i) - recurrent(gru.units + i)))
        let n = Double.tanh(input(2 * gru.units + i) + r * recurrent(2 * gru.units + i))
        return (1 - z) * n + z * h[i]
      }
      result += h
    }
    return result
  }

  private func contexts(_ gru: GRU<Double>, _ window: Int) -> [Double] {
    (0..<gru.frames * gru.units).map { gru.contexts(window)[$0] }
  }

  @Test(arguments: 0..<20, [false, true])
  func agreesWithTheDefinition(seed: Int, isDivided: Bool) {
    let (gru, x) = make(Noise(seed), isDivided: isDivided)
    gru.forward(x.matrix(gru.inputs), Workers(count: 1 + seed % 3))
    for w in 0..<gru.windows { #expect(relativeDistance(contexts(gru, w), reference(gru, x, window: w)) < 1e-12) }
  }

  @Test(arguments: 50..<65, [false, true])
  func gradientsAgreeWithFiniteDifferences(seed: Int, isDivided: Bool) {
    let noise = Noise(seed)
    let (gru, x) = make(noise, isDivided: isDivided)
    let workers = Workers(count: 1 + seed % 3)
    let target: Buffer<Double> = noise.buffer(gru.windows * gru.frames * gru.units)
    let dx = Buffer<Double>(count: x.count)
    func loss() -> Double {
      gru.forward(x.matrix(gru.inputs), workers)
      let all = (0..<gru.windows).flatMap { contexts(gru, $0) }
      return zip(all, target.array).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for _ in 0..<2 {
      // Twice, the second with cleared gradients: nothing may be left over.
      for parameter in gru.parameters { parameter.gradient.fillWithZeros() }
      _ = loss()
      gru.backward(
        x.matrix(gru.inputs), contextGradient: target.matrix(gru.units), inputGradient: dx.matrix(gru.inputs), workers)
    }
    expectGradient(dx, of: x, "input", loss: loss)
    for parameter in gru.parameters where gru.frames > 1 || parameter !== gru.recurrentWeight {
      expectGradient(parameter.gradient, of: parameter.value, parameter.name, loss: loss)
    }
  }

  @Test func singlePrecisionAgreesWithDouble() {
    let noise = Noise(9)
    let (inputs, units, windows, frames) = (40, 32, 4, 60)
    let double = GRU<Double>("g", inputs: inputs, units: units, windows: windows, frames: frames)
    let single = GRU<Float>("g", inputs: inputs, units: units, windows: windows, frames: frames)
    for (a, b) in zip(double.parameters, single.parameters) {
      noise.fill(a.value, scale: 0.3)
      for i in 0..<a.count { b.value[i] = Float(a.value[i]) }
    }
    let x: Buffer<Double> = noise.buffer(windows * frames * inputs)
    let x32 = Buffer(x.array.map { Float($0) })
    double.forward(x.matrix(inputs), Workers(count: 2))
    single.forward(x32.matrix(inputs), Workers(count: 2))
    for w in 0..<windows {
      let small = (0..<frames * units).map { Double(single.contexts(w)[$0]) }
      #expect(relativeDistance(contexts(double, w), small) < 2e-6)
    }
  }
}
