package import Kernels

/// Turns the scalar products of unit vectors into angles over π, in place.
///
/// A product says little of a small angle, as its digits are used up by the 1: where it is above ``nearlyOne``, the angle is
/// taken from the distance of the vectors, whose digits are all there. So equal frames are at distance 0 wherever they
/// stand, and pairs of equal items are ties.
package enum Angles {
  static let nearlyOne: Float = 0.999

  /// - Parameters:
  ///   - products: `rows` rows of `columns` products; each row has memory up to the next multiple of 8.
  ///   - a: The vectors of the rows, `dimension` apart.
  ///   - b: Those of the columns.
  package static func take(
    _ products: Matrix<Float>, rows: Int, columns: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    dimension: Int
  ) {
    for i in 0..<rows {
      let row = products.row(i)
      for j in stride(from: 0, to: columns, by: 8) {
        let x = UnsafeRawPointer(row + j).loadUnaligned(as: SIMD8<Float>.self)
        UnsafeMutableRawPointer(row + j).storeBytes(of: angle(x), as: SIMD8<Float>.self)
        if any(x .> nearlyOne) {
          for k in 0..<min(8, columns - j) where x[k] > nearlyOne {
            row[j + k] = smallAngle(a + i * dimension, b + (j + k) * dimension, dimension)
          }
        }
      }
    }
  }

  /// arccos(x)/π. The arcsine of up to ½ is the polynomial of the Cephes library, good to single precision; other
  /// arguments are brought there by halving the angle.
  @inline(__always)
  private static func angle(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let size = x.replacing(with: 0 - x, where: x .< 0).clamped(lowerBound: .zero, upperBound: SIMD8(repeating: 1))
    let isLarge = size .> 0.5
    let z = (size * size).replacing(with: (1 - size) * 0.5, where: isLarge)
    let s = size.replacing(with: z.squareRoot(), where: isLarge)
    var p = z * 4.2163199048e-2 + 2.4181311049e-2
    p = p * z + 4.5470025998e-2
    p = p * z + 7.4953002686e-2
    p = p * z + 1.6666752422e-1
    let sine = p * z * s + s
    // Of the size; that of a negative argument is π less.
    let angle = (Float.pi / 2 - sine).replacing(with: 2 * sine, where: isLarge)
    return angle.replacing(with: Float.pi - angle, where: x .< 0) * (1 / Float.pi)
  }

  /// The angle of nearly parallel unit vectors, over π.
  private static func smallAngle(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sums = SIMD8<Float>.zero
    var k = 0
    while k + 8 <= count {
      let difference =
        UnsafeRawPointer(a + k).loadUnaligned(as: SIMD8<Float>.self)
        - UnsafeRawPointer(b + k).loadUnaligned(as: SIMD8<Float>.self)
      sums += difference * difference
      k += 8
    }
    var sum = sums.sum()
    while k < count {
      sum += (a[k] - b[k]) * (a[k] - b[k])
      k += 1
    }
    // 2 arcsin(s), s half the distance.
    let square = sum * 0.25
    return 2 / Float.pi * square.squareRoot() * (1 + square * (1 / 6 + square * (3 / 40)))
  }
}
