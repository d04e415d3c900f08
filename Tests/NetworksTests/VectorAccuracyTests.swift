import CVectorKernels
import Kernels
import RealModule
import Testing

/// What the header promises of each number, at each level of this processor.
@Suite struct VectorAccuracyTests {
  private func worst(_ got: [Float], _ expected: [Double]) -> Double {
    zip(got, expected).reduce(0) { max($0, $1.1 == 0 ? abs(Double($1.0)) : abs(Double($1.0) / $1.1 - 1)) }
  }

  @Test(arguments: VectorKernels.all) func exponentials(_ kernels: VectorKernels) {
    let inputs = stride(from: -87.29, through: 88, by: 0.00713).map { Float($0) } + [0, 1e-30, -1e-30, 1e-5]
    var values = inputs
    _ = kernels.c.exponentiate(&values, values.count, 0)
    #expect(worst(values, inputs.map { Double.exp(Double($0)) }) < 2e-7)
    var edges: [Float] = [-1000, -.infinity, 0, 1000, .infinity, .nan, -.nan]
    let sum = kernels.c.exponentiate(&edges, edges.count, 0)
    #expect(edges[0] < 1.3e-38 && edges[1] < 1.3e-38 && edges[2] == 1 && edges[3] > 1e38 && edges[4] > 1e38)
    #expect(edges[5].isNaN && edges[6].isNaN && sum.isNaN)
  }

  @Test(arguments: VectorKernels.all) func sumsOfExponentials(_ kernels: VectorKernels) {
    let noise = Noise(31)
    for n in rowLengths {
      let numbers = (0..<n).map { _ in Float(3 * noise.normal()) }
      let row = GuardedRow(numbers, offset: n % 7)
      let sum = Double(kernels.c.exponentiate(row.pointer, n, 2))
      let expected = numbers.reduce(0) { $0 + Double.exp(Double($1) - 2) }
      #expect(abs(sum - expected) <= 1e-6 * expected && row.isIntact, "length \(n)")
    }
  }

  @Test(arguments: VectorKernels.all) func logarithms(_ kernels: VectorKernels) {
    let inputs =
      stride(from: -87.3, through: 88, by: 0.00713).map { Float(Double.exp($0)) }
      + stride(from: 0.5, through: 2, by: 0.000131).map { Float($0) }
    var values = inputs
    kernels.c.take_logarithms(&values, values.count)
    #expect(worst(values, inputs.map { Double.log(Double($0)) }) < 1e-6)
    var small: [Float] = [0, .leastNonzeroMagnitude, -1, .leastNormalMagnitude / 9]
    kernels.c.take_logarithms(&small, small.count)
    #expect(small.allSatisfy { abs($0 + 87.3) < 0.1 })
  }

  /// The gates of a GRU without biases and recurrence are the logistic function and the hyperbolic tangent.
  @Test(arguments: VectorKernels.all) func gates(_ kernels: VectorKernels) {
    let inputs =
      stride(from: -12.0, through: 12, by: 0.00107).map { Float($0) }
      + [0, 1e-8, -1e-8, 1e-30, 100, -100, 40, -40, .nan]
    let n = inputs.count
    var gates = inputs + inputs + inputs
    let zeros = [Float](repeating: 0, count: 3 * n)
    var (candidate, next) = (zeros, zeros)
    kernels.c.gru_step(n, &gates, zeros, zeros, zeros, &candidate, zeros, &next)
    let small = inputs.indices.filter { abs(inputs[$0]) < 80 }
    let logistic = small.map { 1 / (1 + Double.exp(-Double(inputs[$0]))) }
    #expect(worst(small.map { gates[$0] }, logistic) < 4e-7)
    #expect(worst(small.map { gates[n + $0] }, logistic) < 4e-7)
    #expect(worst(small.map { gates[2 * n + $0] }, small.map { Double.tanh(Double(inputs[$0])) }) < 4e-7)
    #expect(gates[2 * n + n - 5] == 1 && gates[2 * n + n - 4] == -1)
    #expect(gates[n - 1].isNaN && gates[2 * n - 1].isNaN && gates[3 * n - 1].isNaN && next[n - 1].isNaN)
  }

  /// A row in one piece and in pieces of any length: the same bits, at any place in the row.
  @Test(arguments: VectorKernels.all) func placesInARowDoNotMatter(_ kernels: VectorKernels) {
    let c = kernels.c
    let noise = Noise(32)
    let n = 150
    func numbers(_ scale: Double = 1) -> [Float] { (0..<n).map { _ in Float(scale * noise.normal()) } }
    let (a, b, d) = (numbers(20), numbers(), numbers().map { abs($0) })
    // Each runs on elements first ..< first + count of a fresh copy of the same rows.
    typealias Rows = (x: UnsafeMutablePointer<Float>, y: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>)
    let runs: [(String, (Rows, Int) -> Void)] = [
      ("exponentiate", { _ = c.exponentiate($0.x, $1, 3) }),
      ("take_logarithms", { c.take_logarithms($0.z, $1) }),
      ("log_sum_exp", { c.log_sum_exp($0.x, 1, $1, 1, $0.y, 1) }),
      ("bias_relu", { c.bias_relu($0.x, $0.y, $1) }),
      ("relu_gradient", { c.relu_gradient($0.x, $0.y, $0.z, $1) }),
      ("add", { c.add($0.x, $0.y, $1) }),
      ("scale", { c.scale($0.x, $1, 0.7) }),
      ("multiply", { c.multiply($0.x, $0.y, $0.x, $1) }),
      ("add_products", { c.add_products($0.x, $0.y, $0.z, $1) }),
      ("add_column_sums", { c.add_column_sums($0.x, 0, 5, $1, $0.y) }),
      ("adam_update", { c.adam_update($1, $0.x, $0.y, $0.y, $0.z, 0.3, 0.1, 0.9, 0.1, 0.01, 1.1, 1e-8) }),
    ]
    for (name, run) in runs {
      func results(pieces: () -> Int) -> [[UInt32]] {
        let rows = [a, b, d].map { GuardedRow($0, offset: 1) }
        var first = 0
        while first < n {
          let count = min(n - first, pieces())
          run((rows[0].pointer + first, rows[1].pointer + first, rows[2].pointer + first), count)
          first += count
        }
        return rows.map { $0.elements.map(\.bitPattern) }
      }
      let whole = results { n }
      #expect(whole == results { 1 }, "\(name), one by one")
      for _ in 0..<20 { #expect(whole == results { noise.integer(1...40) }, "\(name)") }
    }
  }

  /// GRU units one by one and together.
  @Test(arguments: VectorKernels.all) func unitsOfAGRUDoNotMatterToEachOther(_ kernels: VectorKernels) {
    let noise = Noise(33)
    let n = 53
    func numbers(_ blocks: Int) -> [Float] { (0..<blocks * n).map { _ in Float(noise.normal()) } }
    let (gates, recurrent, biases, recurrentBiases) = (numbers(3), numbers(3), numbers(3), numbers(3))
    let previous = numbers(1)
    var (together, candidate, next) = (gates, previous, previous)
    kernels.c.gru_step(n, &together, recurrent, biases, recurrentBiases, &candidate, previous, &next)
    for i in 0..<n {
      func unit(_ x: [Float]) -> [Float] { [x[i], x[n + i], x[2 * n + i]] }
      var alone = unit(gates)
      var (hidden, state): ([Float], [Float]) = ([0], [0])
      kernels.c.gru_step(
        1, &alone, unit(recurrent), unit(biases), unit(recurrentBiases), &hidden, [previous[i]], &state)
      #expect(alone == unit(together) && hidden == [candidate[i]] && state == [next[i]])
    }
  }

  @Test func theLevelIsTheHighestAllowed() {
    #expect(cpc_vector_level_limit(nil) == 4 && cpc_vector_level_limit("4") == 4)
    #expect(cpc_vector_level_limit("1") == 1 && cpc_vector_level_limit("3") == 3)
    for other in ["", "2", "5", "33", "avx2", "-1"] { #expect(cpc_vector_level_limit(other) == 4) }
    let pin = VectorLevel.pin.map { String($0.split(separator: "=", omittingEmptySubsequences: false)[1]) }
    let limit = cpc_vector_level_limit(pin)
    let level = VectorKernels.all.map(\.level).filter { $0 <= limit }.max()!
    #expect(level == 1 || VectorLevel.name == "x86-64-v\(level)")
    // The kernels that the library calls are those of that level.
    let inputs = (0..<100).map { Float($0) * 0.37 - 20 }
    var (chosen, expected) = (inputs, inputs)
    #expect(cpc_exponentiate(&chosen, 100, 1) == VectorKernels(level: level).c.exponentiate(&expected, 100, 1))
    #expect(chosen == expected)
  }
}
