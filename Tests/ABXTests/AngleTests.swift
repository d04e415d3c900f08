import ABX
import Kernels
import RealModule
import Testing

@Suite struct AngleTests {
  /// Pairs of unit vectors at angles from a hundred-thousandth to π, some on either side of where the way changes.
  @Test(arguments: [1, 3, 39, 256]) func anglesAreRight(dimension: Int) {
    var noise = Noise(dimension)
    let sizes = (0..<60).map { Double.pow(10, -5 + Double($0) / 10) }
    let a = Buffer<Float>(count: sizes.count * dimension)
    let b = Buffer<Float>(count: sizes.count * dimension)
    for (i, size) in sizes.enumerated() {
      func unit(_ x: [Double]) -> [Double] {
        let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return x.map { $0 / norm }
      }
      let first = unit((0..<dimension).map { _ in noise.normal() })
      let second = unit(first.map { $0 + size * noise.normal() })
      for k in 0..<dimension {
        a[i * dimension + k] = Float(first[k])
        b[i * dimension + k] = Float(second[k])
      }
    }
    let products = Buffer<Float>(count: 60 * 64)
    Float.gemm(
      Product(60, 60, dimension, transposeB: true), alpha: 1, a.matrix(dimension), b.matrix(dimension), beta: 0,
      products.matrix(64))
    Angles.take(products.matrix(64), rows: 60, columns: 60, a.pointer, b.pointer, dimension: dimension)
    for i in 0..<60 {
      for j in 0..<60 {
        // Good for small angles and for those near π: 2 atan2(|a − b|, |a + b|).
        var (difference, sum) = (0.0, 0.0)
        for k in 0..<dimension {
          let (x, y) = (Double(a[i * dimension + k]), Double(b[j * dimension + k]))
          difference += (x - y) * (x - y)
          sum += (x + y) * (x + y)
        }
        let expected = 2 * Double.atan2(y: difference.squareRoot(), x: sum.squareRoot()) / .pi
        let found = Double(products[i * 64 + j])
        // Near π the product ends in the digits of the 1, which is 3e-4 of an angle.
        let tolerance = expected > 0.98 ? 4e-4 : 5e-5 * expected
        #expect(abs(found - expected) <= tolerance, "\(i) \(j): \(found) instead of \(expected)")
      }
    }
  }
}
