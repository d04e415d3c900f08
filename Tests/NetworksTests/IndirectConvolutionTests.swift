import CVectorKernels
import Kernels
import Networks
import Testing

@Suite struct IndirectConvolutionTests {
  /// Products of rows at random places, zeros among them, at every level of the processor, in double precision again.
  @Test(arguments: VectorKernels.all, 0..<24)
  func kernelsAgreeWithTheDefinition(kernels: VectorKernels, seed: Int) {
    let noise = Noise(seed)
    let (count, channels, outputs) = (noise.integer(1...9), noise.integer(1...40), noise.integer(1...30))
    let (columns, maps, positions) = (noise.integer(1...50), noise.integer(1...9), noise.integer(1...20))
    let places = (0..<outputs * count).map { _ in
      noise.integer(0...4) == 0 ? -1 : Int32(noise.integer(0...positions - 1) * channels)
    }
    let mapSize = positions * channels
    func numbers(_ count: Int) -> [Float] {
      let buffer: Buffer<Double> = noise.buffer(count)
      return buffer.array.map { Float($0) }
    }
    let (x, weights) = (numbers(maps * mapSize), numbers(count * channels * columns))
    let width = (columns + 15) / 16 * 16
    var panels = [Float](repeating: 0, count: count * channels * width)
    for row in 0..<count * channels {
      for column in 0..<columns {
        panels[(column / 16 * count * channels + row) * 16 + column % 16] = weights[row * columns + column]
      }
    }
    let first = noise.integer(0...maps * outputs - 1)
    let range = first..<noise.integer(first + 1...maps * outputs)
    let before = numbers(range.count * columns)
    func tap(_ output: Int, _ tap: Int, _ channel: Int) -> Double {
      let place = places[output % outputs * count + tap]
      return place < 0 ? 0 : Double(x[output / outputs * mapSize + Int(place) + channel])
    }
    var expected: [Double] = []
    var products = [Double](repeating: 0, count: count * channels * columns)
    for output in range {
      for column in 0..<columns {
        var sum = 0.0
        for row in 0..<count * channels {
          let value = tap(output, row / channels, row % channels)
          sum += value * Double(weights[row * columns + column])
          products[row * columns + column] += value * Double(before[expected.count])
        }
        expected.append(sum)
      }
    }
    let zeros = [Float](repeating: 0, count: channels)
    places.withUnsafeBufferPointer { places in
      zeros.withUnsafeBufferPointer { zeros in
        var taps = cpc_taps(
          count: count, channels: channels, outputs: outputs, map_size: mapSize, places: places.baseAddress!,
          zeros: zeros.baseAddress!)
        for accumulate in [false, true] {
          let y = GuardedRow(before)
          kernels.c.convolve(
            x, &taps, range.lowerBound, range.count, panels, columns, y.pointer, accumulate ? 1 : 0)
          let whole = accumulate ? zip(expected, before).map { $0 + Double($1) } : expected
          #expect(relativeDistance(y.elements.map { Double($0) }, whole) < 1e-5)
          #expect(y.isIntact)
        }
        let sums = GuardedRow([Float](repeating: 0.5, count: products.count))
        kernels.c.add_tap_products(x, &taps, range.lowerBound, range.count, before, columns, sums.pointer)
        #expect(relativeDistance(sums.elements.map { Double($0) }, products.map { $0 + 0.5 }) < 1e-5)
        #expect(sums.isIntact)
      }
    }
  }

  /// Layers that read taps where they stand against those in double precision, which gather them.
  @Test(arguments: 0..<40)
  func layersAgreeWithGatheredTaps(seed: Int) {
    let noise = Noise(seed)
    func axis() -> TapAxis {
      let kernel = noise.integer(1...3)
      return TapAxis(
        size: noise.integer(kernel...9), kernel: kernel, stride: noise.integer(1...2),
        before: noise.integer(0...kernel),
        after: noise.integer(0...kernel))
    }
    let taps = Taps(rows: axis(), columns: axis(), channels: noise.integer(8...24))
    let (width, maps) = (noise.integer(1...40), noise.integer(1...7))
    let (mine, reference) = (Conv2d<Float>("c", taps, outputs: width), Conv2d<Double>("c", taps, outputs: width))
    for (a, b) in zip(mine.parameters, reference.parameters) {
      noise.fill(b.value)
      for i in 0..<a.value.count {
        a.value.pointer[i] = Float(b.value[i])
        b.value.pointer[i] = Double(a.value[i])
      }
    }
    func both(_ count: Int) -> (Buffer<Float>, Buffer<Double>) {
      let buffer: Buffer<Double> = noise.buffer(count)
      let rounded = Buffer(buffer.array.map { Float($0) })
      return (rounded, Buffer(rounded.array.map { Double($0) }))
    }
    let (x, gradient) = (both(maps * taps.inputs * taps.channels), both(maps * taps.outputs * width))
    let workers = Workers(count: 1 + seed % 3)
    func results<T: KernelScalar>(
      _ layer: Conv2d<T>, _ x: Buffer<T>, _ gradient: Buffer<T>
    ) -> (sums: [T], input: [T], weight: [T]) {
      let (sums, input) = (Buffer<T>(count: gradient.count), Buffer<T>(count: x.count))
      for _ in 0..<2 {
        layer.forward(x.pointer, maps: maps, into: sums.pointer, accumulate: true, workers) { _, _, _ in }
        layer.backward(x.pointer, gradient: gradient.pointer, maps: maps, workers) { _, range, values in
          (input.pointer + range.lowerBound * taps.channels).update(from: values, count: range.count * taps.channels)
        }
        // The next pass sees another weight.
        for i in 0..<layer.weight.value.count { layer.weight.value.pointer[i] *= 0.5 }
        layer.weight.noteChange()
      }
      layer.addWeightGradient(x.pointer, gradient: gradient.pointer, maps: maps, workers)
      return (sums.array, input.array, layer.weight.gradient.array)
    }
    let (a, b) = (results(mine, x.0, gradient.0), results(reference, x.1, gradient.1))
    #expect(relativeDistance(a.sums.map { Double($0) }, b.sums) < 1e-5)
    #expect(relativeDistance(a.input.map { Double($0) }, b.input) < 1e-5)
    #expect(relativeDistance(a.weight.map { Double($0) }, b.weight) < 1e-5)
  }
}
