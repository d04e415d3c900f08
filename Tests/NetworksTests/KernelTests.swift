import Kernels
import Testing

@Suite struct KernelTests {
  /// Known answers published with Random123 (kat_vectors).
  @Test func philoxKnownAnswers() {
    #expect(
      Philox.block(counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func streamsAreIndependentAndUniform() {
    let stream = RandomStream(seed: 7, purpose: .tests)
    #expect(stream.block(0) != RandomStream(seed: 8, purpose: .tests).block(0))
    #expect(stream.block(0) != RandomStream(seed: 7, purpose: .tests, index: 1).block(0))
    #expect(stream.block(0) != RandomStream(seed: 7, purpose: .permutation).block(0))
    var counts = [Int](repeating: 0, count: 10)
    var sum = 0.0
    var squares = 0.0
    let draws = 100_000
    for i in 0..<draws {
      counts[stream.integer(UInt64(i), below: 10)] += 1
      let unit = stream.units(UInt64(i))
      #expect(unit.min() >= 0 && unit.max() < 1)
      let normal = stream.normal(UInt64(i))
      sum += normal
      squares += normal * normal
    }
    let expected = Double(draws) / 10
    let chiSquare = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(chiSquare < 33.7, "9 degrees of freedom, p = 0.0001: \(chiSquare)")
    #expect(abs(sum / Double(draws)) < 0.02)
    #expect(abs(squares / Double(draws) - 1) < 0.02)
  }

  @Test func partsCoverEverythingOnce() {
    for count in 1...9 {
      let workers = Workers(count: count)
      for n in [0, 1, 2, 15, 16, 17, 100, 1001] {
        for unit in [1, 16] {
          let parts = workers.parts(of: n, multipleOf: unit)
          #expect(parts.count <= count)
          #expect(parts.flatMap { Array($0) } == Array(0..<n))
          #expect(parts.dropLast().allSatisfy { $0.upperBound % unit == 0 })
        }
        let marks = Buffer<Int32>(count: n)
        workers.forEach(n) { marks[$0] += 1 }
        #expect(marks.array.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test func rowKernelsAgreeInBothPrecisions() {
    let noise = Noise(5)
    for channels in [1, 5, 8, 19, 64] {
      let rows = noise.integer(1...150)
      let x: Buffer<Double> = noise.buffer(rows * channels)
      let bias: Buffer<Double> = noise.buffer(channels)
      let gradient: Buffer<Double> = noise.buffer(rows * channels)
      let sums = Buffer<Double>(count: channels)
      func float(_ b: Buffer<Double>) -> Buffer<Float> { Buffer(b.array.map { Float($0) }) }
      func double(_ b: Buffer<Float>) -> [Double] { b.array.map { Double($0) } }
      let (x32, bias32, gradient32, sums32) = (float(x), float(bias), float(gradient), float(sums))
      let before = x.array
      addBiasAndRectify(x.matrix(channels), count: rows, channels: channels, bias: bias.pointer)
      for i in before.indices { #expect(x[i] == max(0, before[i] + bias[i % channels])) }
      addBiasAndRectify(x32.matrix(channels), count: rows, channels: channels, bias: bias32.pointer)
      #expect(relativeDistance(double(x32), x.array) < 1e-6)
      let unmasked = gradient.array
      rectifyGradient(
        gradient.pointer, output: x.pointer, count: rows, channels: channels, addingColumnSumsTo: sums.pointer)
      for i in unmasked.indices { #expect(gradient[i] == (x[i] > 0 ? unmasked[i] : 0)) }
      rectifyGradient(
        gradient32.pointer, output: x32.pointer, count: rows, channels: channels, addingColumnSumsTo: sums32.pointer)
      #expect(relativeDistance(double(sums32), sums.array) < 1e-5)
    }
  }

  @Test func rectifierKeepsNotANumber() {
    let values = Buffer([Float](repeating: .nan, count: 9))
    let bias = Buffer<Float>(count: 9)
    Float.rectify(values.pointer, 9, adding: bias.pointer)
    #expect(values.array.allSatisfy { $0.isNaN })
  }
}
