import Kernels
import Networks
import Testing

@Suite struct Convolution2dTests {
  private func axis(_ noise: Noise) -> TapAxis {
    let kernel = noise.integer(1...4)
    return TapAxis(
      size: noise.integer(kernel...9), kernel: kernel, stride: noise.integer(1...2), before: noise.integer(0...kernel),
      after: noise.integer(0...kernel))
  }

  private func make(_ noise: Noise) -> (Conv2d<Double>, maps: Int, x: Buffer<Double>) {
    let plain = TapAxis(size: noise.integer(1...6), kernel: 1)
    let taps =
      noise.integer(0...3) == 0
      ? Taps(rows: plain, columns: plain, channels: noise.integer(1...5))
      : Taps(rows: axis(noise), columns: axis(noise), channels: noise.integer(1...5))
    let layer = Conv2d<Double>("c", taps, outputs: noise.integer(1...6))
    for parameter in layer.parameters { noise.fill(parameter.value) }
    let maps = noise.integer(1...5)
    return (layer, maps, noise.buffer(maps * taps.inputs * taps.channels))
  }

  /// The sums by the definition of `torch.nn.Conv2d`, from the weight in PyTorch's order.
  private func reference(_ layer: Conv2d<Double>, _ x: Buffer<Double>, maps: Int) -> [Double] {
    let (rows, columns, channels) = (layer.taps.rows, layer.taps.columns, layer.taps.channels)
    let weight = layer.weight.elements(of: layer.weight.value)
    var result: [Double] = []
    for map in 0..<maps {
      for row in 0..<rows.outputs {
        for column in 0..<columns.outputs {
          for output in 0..<layer.outputs {
            var sum = 0.0
            for i in 0..<rows.kernel {
              for j in 0..<columns.kernel {
                let (y, x0) = (row * rows.stride + i - rows.before, column * columns.stride + j - columns.before)
                guard (0..<rows.size).contains(y), (0..<columns.size).contains(x0) else { continue }
                for channel in 0..<channels {
                  sum +=
                    weight[((output * channels + channel) * rows.kernel + i) * columns.kernel + j]
                    * x[((map * rows.size + y) * columns.size + x0) * channels + channel]
                }
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  private func forward(_ layer: Conv2d<Double>, _ x: Buffer<Double>, maps: Int, _ workers: Workers) -> [Double] {
    let result = Buffer<Double>(count: maps * layer.taps.outputs * layer.outputs)
    layer.forward(x.pointer, maps: maps, workers) { _, range, sums in
      (result.pointer + range.lowerBound * layer.outputs).update(from: sums, count: range.count * layer.outputs)
    }
    return result.array
  }

  @Test(arguments: 0..<60)
  func agreesWithTheDefinition(seed: Int) {
    let noise = Noise(seed)
    let (layer, maps, x) = make(noise)
    guard layer.taps.outputs > 0 else { return }
    let expected = reference(layer, x, maps: maps)
    for workers in [1, 3] {
      #expect(relativeDistance(forward(layer, x, maps: maps, Workers(count: workers)), expected) < 1e-12)
    }
    // Into memory, and added to what is there.
    let sums: Buffer<Double> = noise.buffer(expected.count)
    let before = sums.array
    layer.forward(x.pointer, maps: maps, into: sums.pointer, accumulate: true, Workers(count: 2)) { _, _, _ in }
    #expect(relativeDistance(sums.array, zip(before, expected).map { $0 + $1 }) < 1e-12)
    layer.forward(x.pointer, maps: maps, into: sums.pointer, Workers(count: 2)) { _, _, _ in }
    #expect(relativeDistance(sums.array, expected) < 1e-12)
  }

  @Test(arguments: 100..<140)
  func gradientsAgreeWithFiniteDifferences(seed: Int) {
    let noise = Noise(seed)
    let (layer, maps, x) = make(noise)
    guard layer.taps.outputs > 0 else { return }
    let target: Buffer<Double> = noise.buffer(maps * layer.taps.outputs * layer.outputs)
    let dx = Buffer<Double>(count: x.count)
    let workers = Workers(count: 1 + seed % 3)
    for _ in 0..<2 {
      layer.backward(x.pointer, gradient: target.pointer, maps: maps, workers) { _, range, values in
        (dx.pointer + range.lowerBound * layer.taps.channels).update(
          from: values, count: range.count * layer.taps.channels)
      }
    }
    func loss() -> Double {
      zip(forward(layer, x, maps: maps, workers), target.array).reduce(0) { $0 + $1.0 * $1.1 }
    }
    expectGradient(dx, of: x, "input", loss: loss)
    // Gradients add up: two passes.
    let weight = Buffer(layer.weight.gradient.array.map { $0 / 2 })
    expectGradient(weight, of: layer.weight.value, "weight", loss: loss)
    layer.addWeightGradient(x.pointer, gradient: target.pointer, maps: maps, workers)
    #expect(relativeDistance(layer.weight.gradient.array, weight.array.map { 3 * $0 }) < 1e-12)
  }

  @Test func parametersKeepPyTorchsOrder() {
    let parameter = Parameter<Double>("w", shape: [2, 3, 2, 4], order: .convolution)
    let elements = (0..<48).map { Double($0) }
    parameter.load(elements, into: parameter.value)
    #expect(parameter.elements(of: parameter.value) == elements)
    // Row (kernel row 1, column 2, input 1), output 1 is PyTorch's [1, 1, 1, 2].
    #expect(parameter.value[((1 * 4 + 2) * 3 + 1) * 2 + 1] == Double(((1 * 3 + 1) * 2 + 1) * 4 + 2))
  }
}
