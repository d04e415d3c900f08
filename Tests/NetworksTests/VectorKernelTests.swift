import CVectorKernels
import Kernels
import RealModule
import Testing

/// Each vector kernel at each level of this processor against plain loops in double precision.
@Suite struct VectorKernelTests {
  /// A row of random numbers in both precisions.
  private struct Row {
    let single: GuardedRow<Float>
    let double: Buffer<Double>
    var pointer: UnsafeMutablePointer<Float> { single.pointer }
    var reference: UnsafeMutablePointer<Double> { double.pointer }

    init(_ noise: Noise, _ count: Int, offset: Int = 0, positive: Bool = false) {
      let numbers = (0..<count).map { _ in Float(positive ? abs(noise.normal()) : noise.normal()) }
      single = GuardedRow(numbers, offset: offset)
      double = Buffer(numbers.map { Double($0) })
    }

    /// How far the two are apart; infinity where something was written beside the row.
    var distance: Double {
      single.isIntact ? relativeDistance(single.elements.map { Double($0) }, double.array) : .infinity
    }
  }

  @Test(arguments: VectorKernels.all) func arithmetic(_ kernels: VectorKernels) {
    let c = kernels.c
    let noise = Noise(21)
    for n in rowLengths {
      let (x, y, z) = (Row(noise, n, offset: n % 7), Row(noise, n, offset: 3), Row(noise, n, offset: n % 3))
      c.add(x.pointer, y.pointer, n)
      add(x.reference, to: y.reference, count: n)
      c.multiply(x.pointer, y.pointer, z.pointer, n)
      multiplyElements(x.reference, by: y.reference, into: z.reference, count: n)
      c.multiply(z.pointer, y.pointer, z.pointer, n)
      multiplyElements(z.reference, by: y.reference, into: z.reference, count: n)
      c.add_products(x.pointer, y.pointer, z.pointer, n)
      addProducts(x.reference, y.reference, to: z.reference, count: n)
      c.scale(x.pointer, n, 0.3)
      scale(x.reference, count: n, by: Double(Float(0.3)))
      for row in [x, y, z] { #expect(row.distance < 3e-7, "length \(n)") }
      let squares = sumOfSquares(z.reference, count: n)
      #expect(abs(c.sum_of_squares(z.pointer, n) - squares) <= 1e-6 * squares, "length \(n)")
    }
  }

  @Test(arguments: VectorKernels.all) func columnSums(_ kernels: VectorKernels) {
    let noise = Noise(22)
    for columns in rowLengths where columns > 0 {
      for rows in [0, 1, 3, 4, 5, 11] {
        let matrix = Row(noise, rows * (columns + 2), offset: rows % 4)
        let sums = Row(noise, columns, offset: 1)
        kernels.c.add_column_sums(matrix.pointer, columns + 2, rows, columns, sums.pointer)
        addColumnSums(
          of: matrix.double.matrix(columns + 2), count: rows, channels: columns, to: sums.reference)
        #expect(sums.distance < 3e-7, "\(rows) rows of \(columns)")
      }
    }
  }

  @Test(arguments: VectorKernels.all) func rectifier(_ kernels: VectorKernels) {
    let noise = Noise(23)
    for n in rowLengths {
      let (y, bias) = (Row(noise, n, offset: n % 5), Row(noise, n, offset: 2))
      kernels.c.bias_relu(y.pointer, bias.pointer, n)
      Double.rectify(y.reference, n, adding: bias.reference)
      let (gradient, sums) = (Row(noise, n, offset: 1), Row(noise, n, offset: n % 4))
      kernels.c.relu_gradient(gradient.pointer, y.pointer, sums.pointer, n)
      Double.rectifyGradient(gradient.reference, n, output: y.reference, addingTo: sums.reference)
      #expect(y.distance < 3e-7 && sums.distance < 3e-7, "length \(n)")
      #expect(gradient.distance == 0, "length \(n)")
    }
  }

  @Test(arguments: VectorKernels.all) func largestAndBelow(_ kernels: VectorKernels) {
    let noise = Noise(24)
    for n in rowLengths {
      let x = Row(noise, n, offset: n % 6)
      // Not-a-number counts neither way.
      for i in 0..<n where noise.integer(0...5) == 0 {
        x.pointer[i] = .nan
        x.reference[i] = .nan
      }
      let limit = Float(noise.normal())
      var largest: Float = 0
      let below = kernels.c.maximum_and_below(x.pointer, n, limit, &largest)
      let expected = Double.maximum(x.reference, n, countingBelow: Double(limit))
      #expect(below == expected.below && Double(largest) == expected.largest, "length \(n)")
      #expect(kernels.c.maximum(x.pointer, n) == largest)
    }
  }

  @Test(arguments: VectorKernels.all) func normalization(_ kernels: VectorKernels) {
    let c = kernels.c
    let noise = Noise(25)
    for n in rowLengths {
      let (x, gradient) = (Row(noise, n, offset: n % 5), Row(noise, n, offset: 2))
      let length = c.scale_to_unit_length(x.pointer, n)
      let expected = scaleToUnitLength(x.reference, count: n)
      #expect(abs(Double(length) / expected - 1) < 1e-6)
      c.scale_to_unit_length_back(gradient.pointer, x.pointer, length, n)
      scaleToUnitLengthBack(gradient.reference, output: x.reference, inverse: expected, count: n)
      // With one number there is nothing across, and the gradient is a difference of nearly equal ones.
      #expect(x.distance < 1e-6 && (n == 1 || gradient.distance < 1e-5), "length \(n)")
      guard n > 1 else { continue }
      let (y, back) = (Row(noise, n, offset: 4), Row(noise, n))
      let deviation = c.standardize(y.pointer, n)
      let wanted = standardize(y.reference, count: n)
      #expect(abs(Double(deviation) / wanted - 1) < 1e-5)
      c.standardize_back(back.pointer, y.pointer, deviation, n)
      standardizeBack(back.reference, output: y.reference, inverse: wanted, count: n)
      #expect(y.distance < 1e-5 && (n == 2 || back.distance < 1e-4), "length \(n)")
    }
  }

  @Test(arguments: VectorKernels.all) func adam(_ kernels: VectorKernels) {
    let noise = Noise(26)
    for n in rowLengths {
      let (value, gradient, mean) = (Row(noise, n, offset: 1), Row(noise, n, offset: n % 3), Row(noise, n))
      let square = Row(noise, n, offset: 2, positive: true)
      let (scale, new1, beta2, new2): (Float, Float, Float, Float) = (0.7, 0.1, 0.999, 0.001)
      let (rate, correction, epsilon): (Float, Float, Float) = (0.01, 1.3, 1e-8)
      kernels.c.adam_update(
        n, value.pointer, gradient.pointer, mean.pointer, square.pointer, scale, new1, beta2, new2, rate, correction,
        epsilon)
      adamUpdate(
        count: n, value: value.reference, gradient: gradient.reference, mean: mean.reference, square: square.reference,
        gradientScale: Double(scale), new1: Double(new1), beta2: Double(beta2), new2: Double(new2), rate: Double(rate),
        inverseSquareCorrection: Double(correction), epsilon: Double(epsilon))
      for row in [value, mean, square] { #expect(row.distance < 5e-7, "length \(n)") }
    }
  }

  @Test(arguments: VectorKernels.all) func gruThereAndBack(_ kernels: VectorKernels) {
    let noise = Noise(27)
    for n in rowLengths {
      func row(_ blocks: Int = 1) -> Row { Row(noise, blocks * n, offset: noise.integer(0...5)) }
      let (gates, recurrent, biases, recurrentBiases) = (row(3), row(3), row(3), row(3))
      let (candidate, previous, next) = (row(), row(), row())
      kernels.c.gru_step(
        n, gates.pointer, recurrent.pointer, biases.pointer, recurrentBiases.pointer, candidate.pointer,
        previous.pointer, next.pointer)
      gruStep(
        units: n, gates: gates.reference, recurrent: recurrent.reference, inputBias: biases.reference,
        recurrentBias: recurrentBiases.reference, candidate: candidate.reference, previous: previous.reference,
        next: next.reference)
      let (context, carried, input, products) = (row(), row(), row(3), row(3))
      kernels.c.gru_step_back(
        n, gates.pointer, candidate.pointer, previous.pointer, context.pointer, carried.pointer, input.pointer,
        products.pointer)
      gruStepBack(
        units: n, gates: gates.reference, candidate: candidate.reference, previous: previous.reference,
        contextGradient: context.reference, carried: carried.reference, inputGradient: input.reference,
        recurrentGradient: products.reference)
      for row in [gates, candidate, next, carried] { #expect(row.distance < 5e-7, "length \(n)") }
      // 1 − n² cancels where n is near one.
      for row in [input, products] { #expect(row.distance < 5e-6, "length \(n)") }
    }
  }

  @Test(arguments: VectorKernels.all) func sumsOfExponentialsDownColumns(_ kernels: VectorKernels) {
    let noise = Noise(28)
    for columns in rowLengths where columns > 0 {
      for rows in [0, 1, 2, 9] {
        let values = Row(noise, rows * (columns + 3), offset: columns % 5)
        for i in 0..<values.double.count {
          values.pointer[i] *= 9
          values.reference[i] = Double(values.pointer[i])
        }
        let result = GuardedRow([Float](repeating: 0, count: 2 * columns))
        kernels.c.log_sum_exp(values.pointer, rows, columns, columns + 3, result.pointer, 2)
        #expect(result.isIntact)
        for column in 0..<columns {
          let sum = (0..<rows).reduce(0) { $0 + Double.exp(values.double[$1 * (columns + 3) + column]) }
          let got = Double(result.elements[2 * column])
          #expect(rows == 0 ? got == -.infinity : abs(got - Double.log(sum)) < 1e-5, "\(rows) rows of \(columns)")
        }
      }
    }
  }

  @Test(arguments: VectorKernels.all) func maximaAndTheirPlaces(_ kernels: VectorKernels) {
    let noise = Noise(29)
    for n in rowLengths {
      let (x, best, sums) = (Row(noise, n, offset: n % 5), Row(noise, n, offset: 3), Row(noise, n, offset: 1))
      for i in 0..<n where noise.integer(0...9) == 0 {
        x.pointer[i] = .nan
        x.reference[i] = .nan
      }
      let places = GuardedRow((0..<n).map { UInt8($0 % 3) }, offset: n % 7, mark: 99)
      let expected = Buffer(places.elements)
      kernels.c.keep_maximum(x.pointer, best.pointer, places.pointer, 7, n)
      keepMaximum(x.reference, best.reference, expected.pointer, from: 7, count: n)
      #expect(places.isIntact && places.elements == expected.array, "length \(n)")
      #expect((0..<n).allSatisfy { Double(best.pointer[$0]) == best.reference[$0] || best.reference[$0].isNaN })
      let gradient = Row(noise, n, offset: n % 4)
      kernels.c.add_where(gradient.pointer, places.pointer, 7, sums.pointer, n)
      add(gradient.reference, where: expected.pointer, is: 7, to: sums.reference, count: n)
      #expect(sums.distance < 3e-7, "length \(n)")
    }
  }
}
