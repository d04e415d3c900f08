import CVectorKernels
import Testing

@Suite struct BFloat16KernelTests {
  /// Rounding by comparison with the two neighbours, in double precision.
  static func reference(_ x: Float) -> UInt16 {
    let low = UInt16(x.bitPattern >> 16)
    if x.isNaN { return low | 0x40 }
    if x.isInfinite || x.bitPattern & 0xffff == 0 { return low }
    let high = low + 1
    let below = Double(Float(bitPattern: UInt32(low) << 16))
    // The neighbour of the largest finite number counts as the next power of two.
    let next = Float(bitPattern: UInt32(high) << 16)
    let above = next.isInfinite ? 0x1p128 * (x < 0 ? -1 : 1) : Double(next)
    let (down, up) = (abs(Double(x) - below), abs(above - Double(x)))
    return down < up || down == up && low & 1 == 0 ? low : high
  }

  /// Every upper half with lower halves around ties and at the ends: denormal numbers, infinities and not-a-number too.
  @Test(arguments: VectorKernels.all) func roundingIsToTheNearestEven(_ kernels: VectorKernels) {
    var patterns: [UInt32] = []
    for high in UInt32(0)...0xffff {
      for low in [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff] as [UInt32] { patterns.append(high << 16 | low) }
    }
    let inputs = patterns.map { Float(bitPattern: $0) }
    var outputs = [UInt16](repeating: 0, count: inputs.count)
    kernels.c.round_bf16(inputs, &outputs, inputs.count)
    let wrong = inputs.indices.filter { outputs[$0] != Self.reference(inputs[$0]) }
    #expect(wrong.isEmpty, "\(wrong.prefix(5).map { "\(inputs[$0]) gave \(outputs[$0])" })")
    #expect(zip(inputs, outputs).allSatisfy { !$0.isNaN || $1 & 0x7fff > 0x7f80 }, "not-a-number stays so")
  }

  @Test(arguments: VectorKernels.all) func expandingIsExact(_ kernels: VectorKernels) {
    let inputs = (0...UInt16.max).map { $0 }
    var outputs = [Float](repeating: 0, count: inputs.count)
    kernels.c.expand_bf16(inputs, &outputs, inputs.count)
    #expect(zip(inputs, outputs).allSatisfy { UInt32($0) << 16 == $1.bitPattern })
  }

  /// All lengths and alignments, with special numbers here and there, and nothing written beside the rows.
  @Test(arguments: VectorKernels.all) func rowsOfAnyLengthAndAlignment(_ kernels: VectorKernels) {
    let special: [Float] = [
      .nan, .infinity, -.infinity, 0, -0.0, .leastNormalMagnitude / 7, -.leastNonzeroMagnitude, 3e38, -3.4e38,
    ]
    let noise = Noise(11)
    func numbers(_ n: Int) -> [Float] {
      (0..<n).map { _ in noise.integer(0...4) == 0 ? special[noise.integer(0...8)] : Float(noise.normal()) }
    }
    for n in rowLengths {
      let offset = n % 5
      let (x, bias) = (numbers(n), numbers(n))
      let x32 = GuardedRow(x, offset: offset)
      let bias32 = GuardedRow(bias, offset: 3)
      let rounded = GuardedRow([UInt16](repeating: 7, count: n), offset: offset)
      kernels.c.round_bf16(x32.pointer, rounded.pointer, n)
      #expect(rounded.elements == x.map(Self.reference) && rounded.isIntact)
      let expanded = GuardedRow([Float](repeating: 7, count: n), offset: 1)
      kernels.c.expand_bf16(rounded.pointer, expanded.pointer, n)
      #expect(expanded.elements.map(\.bitPattern) == rounded.elements.map { UInt32($0) << 16 } && expanded.isIntact)

      kernels.c.bias_relu_round_bf16(x32.pointer, bias32.pointer, rounded.pointer, n)
      let rectified = zip(x, bias).map { pair in
        let value = pair.0 + pair.1
        return Self.reference(value < 0 ? 0 : value)
      }
      // The sign of a not-a-number that arithmetic makes is the processor's.
      func comparable(_ y: [UInt16]) -> [UInt16] { y.map { $0 & 0x7fff > 0x7f80 ? 0x7fc0 : $0 } }
      #expect(comparable(rounded.elements) == comparable(rectified) && rounded.isIntact)

      let gradient = numbers(n)
      let sums = (0..<n).map { Float($0) }
      let gradient32 = GuardedRow(gradient, offset: 2)
      let y = GuardedRow([UInt16](repeating: 7, count: n), offset: 1)
      let sums32 = GuardedRow(sums, offset: offset)
      kernels.c.relu_gradient_round_bf16(gradient32.pointer, rounded.pointer, y.pointer, sums32.pointer, n)
      for i in 0..<n {
        let g = Float(bitPattern: UInt32(rectified[i]) << 16) <= 0 ? 0 : gradient[i]
        #expect(comparable([y.elements[i]]) == comparable([Self.reference(g)]))
        let sum = sums32.elements[i]
        #expect(sum == sums[i] + g || sum.isNaN && (sums[i] + g).isNaN)
      }
      #expect(y.isIntact && sums32.isIntact)
    }
  }
}
