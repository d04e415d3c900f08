import Kernels
import Networks
import RealModule
import Testing

@Suite struct SparseAdamTests {
  /// Adds noise to some rows of a gradient, as a backward pass does.
  private func add<Scalar: KernelScalar>(_ rows: [Int], to parameter: Parameter<Scalar>, _ noise: Noise) {
    let size = parameter.count / parameter.shape[0]
    for row in rows {
      for i in 0..<size { parameter.gradient[row * size + i] += Scalar(noise.normal()) }
      parameter.touched?.insert(row)
    }
  }

  /// The rule of `torch.optim.SparseAdam`, and rows that no update touches keep every bit.
  @Test(arguments: 1...3) func agreesWithTheDefinition(threads: Int) {
    let noise = Noise(threads)
    let (rows, size) = (20, 7)
    let parameter = Parameter<Double>("t", shape: [rows, size], isSparse: true)
    noise.fill(parameter.value)
    let adam = Adam([parameter])
    var (value, mean, square) = (
      parameter.value.array, [Double](repeating: 0, count: 140), [Double](repeating: 0, count: 140)
    )
    for step in 1...15 {
      let touched = step == 4 ? [] : (0..<rows).filter { ($0 * 7 + step) % 3 == 0 && $0 != 5 }
      // Touched in any order, and more than once.
      add(touched.reversed() + touched.prefix(2), to: parameter, noise)
      let before = (parameter.value.array, adam.means[0].array, adam.squares[0].array)
      adam.update(learningRate: 1e-2, gradientScale: 0.5, Workers(count: threads))
      for row in 0..<rows {
        for i in row * size..<(row + 1) * size {
          guard touched.contains(row) else {
            #expect(parameter.value[i] == before.0[i] && adam.means[0][i] == before.1[i])
            #expect(adam.squares[0][i] == before.2[i])
            continue
          }
          let g = parameter.gradient[i] * 0.5
          mean[i] = 0.9 * mean[i] + 0.1 * g
          square[i] = 0.999 * square[i] + 0.001 * g * g
          let corrected = mean[i] / (1 - Double.pow(0.9, step))
          value[i] -= 1e-2 * corrected / ((square[i] / (1 - Double.pow(0.999, step))).squareRoot() + 1e-8)
        }
      }
      let sum = parameter.gradient.array.reduce(0) { $0 + $1 * $1 }
      #expect(abs(adam.gradientNorm(Workers(count: threads)) - sum.squareRoot()) < 1e-12 * (1 + sum))
      adam.clearGradients()
      #expect(parameter.gradient.array.allSatisfy { $0 == 0 } && parameter.touched!.rows.isEmpty)
    }
    #expect(relativeDistance(parameter.value.array, value) < 1e-12)
    #expect(relativeDistance(adam.means[0].array, mean) < 1e-12)
    #expect(relativeDistance(adam.squares[0].array, square) < 1e-12)
    #expect((5 * size..<6 * size).allSatisfy { adam.squares[0][$0] == 0 })
    #expect(adam.step == 15)
  }

  @Test func equalsDenseAdamWhereEveryRowIsTouched() {
    let (rows, size) = (11, 37)
    let sparse = Parameter<Float>("t", shape: [rows, size], isSparse: true)
    let dense = Parameter<Float>("t", shape: [rows, size])
    for parameter in [sparse, dense] { Noise(2).fill(parameter.value) }
    let adams = [Adam([sparse]), Adam([dense])]
    for step in 0..<20 {
      for (adam, parameter) in zip(adams, [sparse, dense]) {
        adam.clearGradients()
        add(Array(0..<rows), to: parameter, Noise(100 + step))
        adam.update(learningRate: 1e-3, Workers(count: 2))
      }
      let norms = adams.map { $0.gradientNorm(Workers(count: 1)) }
      #expect(abs(norms[0] / norms[1] - 1) < 1e-14)
    }
    #expect(sparse.value.array == dense.value.array)
    #expect(adams[0].means[0].array == adams[1].means[0].array)
    #expect(adams[0].squares[0].array == adams[1].squares[0].array)
  }

  /// A gradient that is read from a file gives the same update as the one that was made.
  @Test func rowsAreFoundAgain() {
    let (made, read) = (
      Parameter<Float>("t", shape: [9, 5], isSparse: true), Parameter<Float>("t", shape: [9, 5], isSparse: true)
    )
    // Row 7 is touched, but nothing comes of it.
    add([8, 2, 4], to: made, Noise(1))
    made.touched?.insert(7)
    add([1], to: read, Noise(3))
    read.load(made.elements(of: made.gradient), into: read.gradient)
    #expect(read.touched?.rows == [2, 4, 8])
    let adams = [Adam([made]), Adam([read])]
    for adam in adams { adam.update(learningRate: 1e-3, Workers(count: 2)) }
    #expect(made.value.array == read.value.array && adams[0].means[0].array == adams[1].means[0].array)
    #expect(
      adams[0].gradientNorm(Workers(count: 2)).bitPattern == adams[1].gradientNorm(Workers(count: 2)).bitPattern)
    // Sums of two batches are of all their rows.
    add([0, 2], to: read, Noise(4))
    #expect(read.touched?.rows.sorted() == [0, 2, 4, 8])
    adams[1].clearGradients()
    #expect(read.gradient.array.allSatisfy { $0 == 0 })
  }

  @Test func normalValuesFillTheirBell() {
    let parameter = Parameter<Double>("t", shape: [200, 50])
    parameter.initialize(deviation: 0.5, from: RandomStream(seed: 3, purpose: .initialization))
    let values = parameter.value.array
    let mean = values.reduce(0, +) / 10_000
    let deviation = (values.reduce(0) { $0 + $1 * $1 } / 10_000).squareRoot()
    #expect(abs(mean) < 0.02 && abs(deviation / 0.5 - 1) < 0.03)
  }
}
