import Alignment
import Kernels
import RealModule
import TestSupport
import Testing

/// Log-likelihoods by matrix product against the formula in double precision.
@Suite struct GaussianTests {
  @Test func tableEqualsTheFormula() {
    var generator = SeededGenerator(11)
    let model = randomModel(phones: 4, using: &generator)
    let table = GaussianTable(model)
    #expect(table.count == model.gaussianCount)
    let dimension = FeatureRows.dimension
    for frames in [1, 7, 8, 128] {
      let rows = Buffer<Float>(count: GaussianTable.framesAtOnce * FeatureRows.stride)
      for t in 0..<frames {
        let row = rows.pointer + t * FeatureRows.stride
        for d in 0..<dimension {
          row[d] = Float.random(in: -15...15, using: &generator)
          row[dimension + d] = row[d] * row[d]
        }
        row[2 * dimension] = 1
      }
      let scratch = Buffer<Float>(count: table.count * GaussianTable.framesAtOnce)
      let scores = Buffer<Float>(count: GaussianTable.framesAtOnce * table.scoreStride)
      table.score(rows.pointer, count: frames, scratch: scratch.pointer, into: scores.pointer)
      for t in 0..<frames {
        let row = rows.pointer + t * FeatureRows.stride
        for (state, mixture) in model.mixtures.enumerated() {
          let terms = mixture.weights.indices.map { g -> Double in
            (0..<dimension).reduce(Double.log(Double(mixture.weights[g]))) { sum, d in
              let variance = Double(mixture.variances[g * dimension + d])
              let difference = Double(row[d]) - Double(mixture.means[g * dimension + d])
              return sum - 0.5 * (Double.log(2 * .pi * variance) + difference * difference / variance)
            }
          }
          let largest = terms.max()!
          let expected =
            largest + Double.log(terms.reduce(0.0) { (sum: Double, term: Double) in sum + Double.exp(term - largest) })
          let score = Double(scores[t * table.scoreStride + state])
          #expect(abs(score - expected) < 1e-5 * abs(expected) + 1e-3, "frame \(t), state \(state)")
        }
        #expect(scores[t * table.scoreStride + model.stateCount] == -.infinity)
      }
    }
  }

  @Test func logSumExpEqualsTheFormula() {
    var generator = SeededGenerator(12)
    for rows in [0, 1, 2, 30] {
      let values = (0..<rows * 16).map { _ in Float.random(in: -90...5, using: &generator) }
      var result = [Float](repeating: 0, count: 16 * 3)
      logSumExp(values, rows: rows, columns: 16, stride: 16, into: &result, resultStride: 3)
      for c in 0..<16 {
        let expected = Double.log((0..<rows).reduce(0.0) { $0 + Double.exp(Double(values[$1 * 16 + c])) })
        #expect(rows == 0 ? result[3 * c] == -.infinity : abs(Double(result[3 * c]) - expected) < 2e-5)
      }
    }
  }

  @Test func logarithms() {
    var values: [Float] = [
      1, 0.5, 2, 1e-30, 1e30, 3, 0.70710677, 0.7071068, 0.70710683, 1.4142135, 100, 1e-3, 7, 65536, 0.99999, 1.00001,
    ]
    let before = values
    takeLogarithms(&values, count: 16)
    for (value, x) in zip(values, before) {
      let expected = Double.log(Double(x))
      #expect(abs(Double(value) - expected) <= 1e-6 * abs(expected) + 1e-7, "log \(x)")
    }
  }
}
