import Kernels
import Networks
import Sampling
import Testing

@Suite struct ResidualEncoderTests {
  struct Case: Sendable, CustomStringConvertible {
    var depth: Int
    var width: Int
    var patch: Int
    var colours: Int
    var isNormalized: Bool
    var shape: ResidualShape {
      ResidualShape(depth: depth, width: width, patch: patch, colours: colours, isNormalized: isNormalized)
    }
    var description: String {
      "depth \(depth), width \(width), patch \(patch), colours \(colours)\(isNormalized ? ", normalised" : "")"
    }
  }

  private func encoder<Element: Operand>(
    _ shape: ResidualShape, windows: Int, seed: Int, training: Bool = true,
    lattice: Lattice = Lattice(rows: 2, columns: 2)
  ) -> ResidualEncoder<Element> {
    let encoder = ResidualEncoder<Element>("e", shape, lattice: lattice, windows: windows, training: training)
    encoder.initialize { RandomStream(seed: UInt64(seed), purpose: .tests, index: $0) }
    let noise = Noise(seed)
    // Mostly positive, so that few units are dead and gradients reach every layer.
    for parameter in encoder.parameters where parameter.shape.count == 1 {
      for i in 0..<parameter.count { parameter.value[i] += Element.Sum(0.4 + 0.2 * noise.normal()) }
      parameter.noteChange()
    }
    for window in 0..<windows {
      for i in 0..<encoder.inputCount { encoder.input(of: window)[i] = Element.Sum(noise.normal()) }
    }
    return encoder
  }

  @Test(arguments: [
    Case(depth: 18, width: 3, patch: 64, colours: 1, isNormalized: false),
    Case(depth: 18, width: 4, patch: 32, colours: 3, isNormalized: true),
    Case(depth: 34, width: 3, patch: 16, colours: 1, isNormalized: false),
    Case(depth: 50, width: 2, patch: 16, colours: 3, isNormalized: false),
    Case(depth: 50, width: 3, patch: 34, colours: 1, isNormalized: true),
    Case(depth: 101, width: 5, patch: 9, colours: 1, isNormalized: false),
  ])
  func gradientsAgreeWithFiniteDifferences(test: Case) {
    let encoder: ResidualEncoder<Double> = encoder(test.shape, windows: 2, seed: test.depth + test.patch)
    let workers = Workers(count: 2)
    let latents = Buffer<Double>(count: 8 * encoder.channels)
    let target: Buffer<Double> = Noise(7).buffer(latents.count)
    func loss() -> Double {
      encoder.forward(to: latents.pointer, workers)
      return zip(latents.array, target.array).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(loss() != 0)
    encoder.backward(latentGradient: target.pointer, workers)
    for parameter in encoder.parameters {
      expectGradient(
        parameter.gradient, of: parameter.value, parameter.name, samples: test.depth == 101 ? 23 : 6, tolerance: 2e-6
      ) {
        parameter.noteChange()
        return loss()
      }
    }
    let once = encoder.parameters.map { $0.gradient.array }
    _ = loss()
    encoder.backward(latentGradient: target.pointer, Workers(count: 3))
    for (parameter, before) in zip(encoder.parameters, once) {
      #expect(relativeDistance(parameter.gradient.array, before.map { 2 * $0 }) < 1e-11, "\(parameter.name)")
    }
  }

  @Test func sizesAreThoseOfThePaper() {
    let shape = ResidualShape()
    let encoder = MemoryMeasure.bytes {
      _ = ResidualEncoder<Float>("e", shape, lattice: Lattice(rows: 7, columns: 7), windows: 16)
    }
    #expect(shape.channels == 1024 && ResidualShape(depth: 18).channels == 256)
    #expect(encoder < 20 << 30, "\(encoder >> 20) MiB")
    print("ResNet-101 of 16 windows: \(encoder >> 20) MiB")
  }

  /// Groups of patches, thread counts, and whether the way back is kept, change nothing but rounding.
  @Test(arguments: [false, true]) func threadsAndTrainingChangeNothing(isNormalized: Bool) {
    let shape = ResidualShape(depth: 18, width: 8, patch: 16, colours: 1, isNormalized: isNormalized)
    let lattice = Lattice(rows: 7, columns: 7)
    func run(_ threads: Int, training: Bool) -> ([Double], [[Double]]) {
      let encoder: ResidualEncoder<Float> = encoder(shape, windows: 7, seed: 3, training: training, lattice: lattice)
      let latents = Buffer<Float>(count: 343 * encoder.channels)
      let workers = Workers(count: threads)
      encoder.forward(to: latents.pointer, workers)
      encoder.forward(to: latents.pointer, workers)
      if training {
        let target: Buffer<Float> = Noise(7).buffer(latents.count)
        encoder.backward(latentGradient: target.pointer, workers)
      }
      return (latents.array.map { Double($0) }, encoder.parameters.map { $0.gradient.array.map { Double($0) } })
    }
    let one = run(1, training: true)
    #expect(run(1, training: false).0 == one.0)
    let three = run(3, training: true)
    #expect(run(3, training: true).1 == three.1)
    #expect(relativeDistance(one.0, three.0) < 1e-6)
    for (a, b) in zip(one.1, three.1) { #expect(relativeDistance(a, b) < 2e-5) }
  }

  /// A latent depends on its own patch alone.
  @Test func patchesAreApart() {
    let shape = ResidualShape(depth: 18, width: 4, patch: 16, colours: 1)
    let encoder: ResidualEncoder<Double> = encoder(shape, windows: 2, seed: 4)
    let (before, after) = (
      Buffer<Double>(count: 8 * encoder.channels), Buffer<Double>(count: 8 * encoder.channels)
    )
    encoder.forward(to: before.pointer, Workers(count: 2))
    for patch in 0..<8 {
      let pixel = encoder.input(of: patch / 4) + patch % 4 * 256 + 137
      let kept = pixel.pointee
      pixel.pointee += 0.5
      encoder.forward(to: after.pointer, Workers(count: 2))
      pixel.pointee = kept
      for other in 0..<8 {
        let moved = (0..<encoder.channels).contains {
          before[other * encoder.channels + $0] != after[other * encoder.channels + $0]
        }
        #expect(moved == (other == patch))
      }
    }
  }

  /// With He's initialisation and scaled branches, deep networks without normalisation neither fade nor explode.
  @Test(arguments: ResidualShape.depths) func latentsBeginAtAModerateSize(depth: Int) {
    let shape = ResidualShape(depth: depth, width: 8, patch: 32)
    let encoder = ResidualEncoder<Float>("e", shape, lattice: Lattice(rows: 3, columns: 3), windows: 1)
    encoder.initialize { RandomStream(seed: 1, purpose: .tests, index: $0) }
    let noise = Noise(5)
    for i in 0..<encoder.inputCount { encoder.input(of: 0)[i] = Float(noise.normal()) }
    let latents = Buffer<Float>(count: 9 * encoder.channels)
    encoder.forward(to: latents.pointer, Workers(count: 2))
    let size = (sumOfSquares(latents.pointer, count: latents.count) / Double(latents.count)).squareRoot()
    #expect((0.1..<10).contains(size), "\(size)")
  }
}
