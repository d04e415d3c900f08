import Kernels
import Networks
import Testing

@Suite struct NormalizationTests {
  /// Each frame to zero mean and unit variance over its channels, by the definition of the variance over n − 1.
  private func standardized(_ x: [Double]) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count - 1)
    return x.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
  }

  private func unit(_ x: [Double]) -> [Double] {
    let length = (x.reduce(0) { $0 + $1 * $1 } + 1e-8).squareRoot()
    return x.map { $0 / length }
  }

  private func single(_ x: Buffer<Double>) -> Buffer<Float> { Buffer(x.array.map { Float($0) }) }
  private func double(_ x: Buffer<Float>) -> [Double] { x.array.map { Double($0) } }

  @Test(arguments: [2, 3, 7, 8, 9, 64, 100, 512, 1031])
  func kernelsAgreeInBothPrecisions(count: Int) {
    let noise = Noise(count)
    for scale in [1e-3, 1, 50] {
      for (forward, back, forward32, back32, reference) in [
        (
          standardize, standardizeBack(_:output:inverse:count:), standardize, standardizeBack(_:output:inverse:count:),
          standardized
        ),
        (
          scaleToUnitLength, scaleToUnitLengthBack(_:output:inverse:count:), scaleToUnitLength,
          scaleToUnitLengthBack(_:output:inverse:count:), unit
        ),
      ]
        as [(
          (UnsafeMutablePointer<Double>, Int) -> Double,
          (UnsafeMutablePointer<Double>, UnsafePointer<Double>, Double, Int) -> Void,
          (UnsafeMutablePointer<Float>, Int) -> Float,
          (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Float, Int) -> Void, ([Double]) -> [Double]
        )]
      {
        let x: Buffer<Double> = noise.buffer(count, scale: scale)
        let gradient: Buffer<Double> = noise.buffer(count)
        let (before, target) = (x.array, gradient.array)
        let (x32, gradient32) = (single(x), single(gradient))
        let inverse = forward(x.pointer, count)
        #expect(relativeDistance(x.array, reference(before)) < 1e-12)
        let inverse32 = forward32(x32.pointer, count)
        #expect(relativeDistance(double(x32), x.array) < 1e-6)
        #expect(abs(Double(inverse32) / inverse - 1) < 1e-6)
        back(gradient.pointer, x.pointer, inverse, count)
        back32(gradient32.pointer, x32.pointer, inverse32, count)
        // Of two channels nothing but the sign is left, and of the gradient the difference of nearly equal numbers.
        let size = target.reduce(0) { $0 + $1 * $1 }.squareRoot() * inverse
        let error = zip(double(gradient32), gradient.array).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(error.squareRoot() / size < 2e-6)
        let values = Buffer(before)
        expectDirection(gradient.array, at: values, size: size, step: 1e-6 * scale) {
          zip(reference(values.array), target).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
  }

  /// Compares a gradient with central differences of `loss` at every place; errors relative to `size`.
  private func expectDirection(
    _ gradient: [Double], at x: Buffer<Double>, size: Double, step: Double, loss: () -> Double
  ) {
    for i in stride(from: 0, to: x.count, by: max(1, x.count / 10)) {
      let kept = x[i]
      x[i] = kept + step
      let above = loss()
      x[i] = kept - step
      let below = loss()
      x[i] = kept
      #expect(abs((above - below) / (2 * step) - gradient[i]) / size < 1e-6)
    }
  }

  @Test func elementwiseKernels() {
    let noise = Noise(6)
    for count in [1, 8, 19] {
      let (x, y): (Buffer<Double>, Buffer<Double>) = (noise.buffer(count), noise.buffer(count))
      let (z, sums): (Buffer<Double>, Buffer<Double>) = (Buffer(count: count), noise.buffer(count))
      let before = sums.array
      multiplyElements(x.pointer, by: y.pointer, into: z.pointer, count: count)
      addProducts(x.pointer, y.pointer, to: sums.pointer, count: count)
      for i in 0..<count { #expect(z[i] == x[i] * y[i] && abs(sums[i] - before[i] - x[i] * y[i]) < 1e-14) }
    }
  }

  @Test func rowsOfZerosStayFinite() {
    let x = Buffer<Float>(count: 16)
    #expect(scaleToUnitLength(x.pointer, count: 16).isFinite && x.array.allSatisfy { $0 == 0 })
    #expect(standardize(x.pointer, count: 16).isFinite && x.array.allSatisfy { $0 == 0 })
  }

  /// Two layers of convolution, normalisation and rectifier.
  private func encoder(_ noise: Noise) -> ConvolutionalEncoder<Double> {
    let shapes = [ConvolutionShape(stride: noise.integer(1...3), padding: 1), ConvolutionShape(stride: 2, padding: 1)]
    let encoder = ConvolutionalEncoder<Double>(
      "e", windows: noise.integer(1...3), samples: noise.integer(20...60), channels: noise.integer(3...9),
      shapes: shapes, norms: "n")
    for parameter in encoder.parameters { noise.fill(parameter.value) }
    // Mostly positive, so that few units are dead and gradients reach every layer.
    for layer in encoder.layers { for c in 0..<layer.outputs { layer.norm!.bias.value[c] += 1 } }
    for w in 0..<encoder.input.windows {
      for i in 0..<encoder.input.frames { encoder.input.window(w)[i] = noise.normal() }
    }
    return encoder
  }

  private func frames(_ buffer: FrameBuffer<Double>, _ window: Int) -> [[Double]] {
    (0..<buffer.frames).map { t in
      (0..<buffer.channels).map { buffer.window(window)[t * buffer.channels + $0] }
    }
  }

  @Test(arguments: 0..<15)
  func channelNormAgreesWithTheDefinition(seed: Int) throws {
    let encoder = encoder(Noise(seed))
    encoder.forward(Workers(count: 1 + seed % 3))
    // The same convolutions alone, their bias large, so that their rectifier lets everything through.
    for (i, layer) in encoder.layers.enumerated() {
      let norm = try #require(layer.norm)
      let plain = Conv1d<Double>("p", inputs: layer.inputs, outputs: layer.outputs, shape: layer.shape)
      plain.weight.value.pointer.update(from: layer.weight.value.pointer, count: layer.weight.count)
      for c in 0..<layer.outputs { plain.bias.value[c] = layer.bias.value[c] + 1e3 }
      let output = encoder.outputs[i]
      let shifted = FrameBuffer<Double>(
        windows: output.windows, frames: output.frames, channels: output.channels, padding: output.padding,
        rows: output.rows, slack: 2)
      plain.forward(i == 0 ? encoder.input : encoder.outputs[i - 1], shifted, Workers(count: 1))
      for w in 0..<output.windows {
        let expected = frames(shifted, w).flatMap { frame in
          standardized(frame).enumerated().map { max(0, $1 * norm.weight.value[$0] + norm.bias.value[$0]) }
        }
        #expect(relativeDistance(frames(output, w).flatMap { $0 }, expected) < 1e-10)
      }
    }
  }

  @Test(arguments: 40..<50)
  func channelNormGradientsAgreeWithFiniteDifferences(seed: Int) {
    let noise = Noise(seed)
    let encoder = encoder(noise)
    let workers = Workers(count: 1 + seed % 3)
    let target: Buffer<Double> = noise.buffer(encoder.input.windows * encoder.frames * encoder.latents.channels)
    let latents = Buffer<Double>(count: target.count)
    func loss() -> Double {
      encoder.forward(workers)
      encoder.latents.copyFrames(to: latents.pointer)
      return zip(latents.array, target.array).reduce(0) { $0 + $1.0 * $1.1 }
    }
    _ = loss()
    encoder.backward(latentGradient: target.pointer, workers)
    #expect(encoder.parameters.count == 8)
    for parameter in encoder.parameters {
      expectGradient(parameter.gradient, of: parameter.value, parameter.name, loss: loss)
    }
  }
}
