import Kernels
import Networks
import Testing

@Suite struct ConvolutionTests {
  @Test func paperShapesGive128Frames() {
    let shapes = ConvolutionalEncoder<Float>.paperShapes
    #expect(shapes.map(\.kernel) == [10, 8, 4, 4, 4])
    #expect(
      shapes.reduce(into: [20480]) { $0.append($1.outputFrames($0.last!)) } == [20480, 4096, 1024, 512, 256, 128])
    #expect(ConvolutionShape(stride: 5, padding: 0).outputFrames(9) == 0)
    #expect(ConvolutionShape(stride: 5, padding: 0).outputFrames(10) == 1)
  }

  /// A layer's output by the definition of `torch.nn.Conv1d` and ReLU, from weights in PyTorch's order.
  private func reference(_ layer: Conv1d<Double>, _ x: [[Double]]) -> [[Double]] {
    let weight = layer.weight.elements(of: layer.weight.value)
    let (stride, padding, kernel) = (layer.shape.stride, layer.shape.padding, layer.shape.kernel)
    return (0..<(x.count + 2 * padding - kernel) / stride + 1).map { t in
      (0..<layer.outputs).map { output in
        var sum = layer.bias.value[output]
        for tap in 0..<kernel {
          let frame = t * stride + tap - padding
          guard x.indices.contains(frame) else { continue }
          for input in 0..<layer.inputs {
            sum += weight[(output * layer.inputs + input) * kernel + tap] * x[frame][input]
          }
        }
        return max(0, sum)
      }
    }
  }

  private func frames(_ buffer: FrameBuffer<Double>, _ window: Int) -> [[Double]] {
    (0..<buffer.frames).map { t in
      (0..<buffer.channels).map { buffer.window(window)[t * buffer.channels + $0] }
    }
  }

  private func encoder(_ noise: Noise) -> ConvolutionalEncoder<Double> {
    let shapes = (0..<noise.integer(1...4)).map { _ in
      let stride = noise.integer(1...4)
      return ConvolutionShape(stride: stride, padding: noise.integer(0...stride))
    }
    let smallest = (1...2000).first { n in
      shapes.reduce(into: [n]) { $0.append($1.outputFrames($0.last!)) }.allSatisfy { $0 > 0 }
    }!
    let encoder = ConvolutionalEncoder<Double>(
      "e", windows: noise.integer(1...4), samples: smallest + noise.integer(0...40), channels: noise.integer(3...6),
      shapes: shapes)
    for layer in encoder.layers {
      // Mostly positive, so that few units are dead and gradients reach every layer.
      for i in 0..<layer.weight.count { layer.weight.value[i] = 0.4 + noise.normal() }
      for i in 0..<layer.outputs { layer.bias.value[i] = 1 + noise.normal() }
    }
    for w in 0..<encoder.input.windows {
      for i in 0..<encoder.input.frames { encoder.input.window(w)[i] = noise.normal() }
    }
    return encoder
  }

  @Test(arguments: 0..<40)
  func agreesWithTheDefinition(seed: Int) {
    let encoder = encoder(Noise(seed))
    // Twice: what the first pass leaves in padding must not reach the second.
    encoder.forward(Workers(count: 1))
    encoder.forward(Workers(count: 3))
    for w in 0..<encoder.input.windows {
      var x = frames(encoder.input, w)
      for (layer, output) in zip(encoder.layers, encoder.outputs) {
        x = reference(layer, x)
        #expect(output.frames == x.count)
        #expect(relativeDistance(frames(output, w).flatMap { $0 }, x.flatMap { $0 }) < 1e-12)
      }
    }
  }

  @Test(arguments: 100..<120)
  func gradientsAgreeWithFiniteDifferences(seed: Int) {
    let noise = Noise(seed)
    let encoder = encoder(noise)
    let workers = Workers(count: 2)
    let target: Buffer<Double> = noise.buffer(encoder.input.windows * encoder.frames * encoder.latents.channels)
    let latents = Buffer<Double>(count: target.count)
    func loss() -> Double {
      encoder.forward(workers)
      encoder.latents.copyFrames(to: latents.pointer)
      return zip(latents.array, target.array).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(loss() != 0)
    encoder.backward(latentGradient: target.pointer, workers)
    for parameter in encoder.parameters {
      expectGradient(parameter.gradient, of: parameter.value, parameter.name, loss: loss)
    }
    // Gradients add up.
    let once = encoder.parameters.map { $0.gradient.array }
    _ = loss()
    encoder.backward(latentGradient: target.pointer, workers)
    for (parameter, before) in zip(encoder.parameters, once) {
      #expect(relativeDistance(parameter.gradient.array, before.map { 2 * $0 }) < 1e-12)
    }
  }

  @Test func parametersKeepPyTorchsOrder() {
    let parameter = Parameter<Double>("w", shape: [2, 3, 4], order: .convolution)
    let elements = (0..<24).map { Double($0) }
    parameter.load(elements, into: parameter.value)
    #expect(parameter.elements(of: parameter.value) == elements)
    // Row (tap 1, input 2), output 1 is PyTorch's [1, 2, 1].
    #expect(parameter.value[(1 * 3 + 2) * 2 + 1] == Double((1 * 3 + 2) * 4 + 1))
  }
}
