import Kernels
import RealModule

/// Fourier transforms of eight sequences at a time, one in each lane: Stockham's algorithm, in steps of 4, 3 and 2.
///
/// Our own, as FFTW is under the GPL and these thirty lines of steps are all that is needed. One for each thread.
package final class FourierTransform {
  package typealias Lanes = SIMD8<Float>

  /// Real and imaginary parts.
  package struct Sequence {
    package var re: UnsafeMutablePointer<Lanes>
    package var im: UnsafeMutablePointer<Lanes>

    var swapped: Sequence { Sequence(re: im, im: re) }

    /// Number j of a lane, as plain memory.
    @inline(__always)
    package func set(_ j: Int, lane: Int, _ real: Float, _ imaginary: Float) {
      UnsafeMutableRawPointer(re).assumingMemoryBound(to: Float.self)[j * 8 + lane] = real
      UnsafeMutableRawPointer(im).assumingMemoryBound(to: Float.self)[j * 8 + lane] = imaginary
    }

    @inline(__always)
    package func get(_ j: Int, lane: Int) -> (Float, Float) {
      (
        UnsafeRawPointer(re).assumingMemoryBound(to: Float.self)[j * 8 + lane],
        UnsafeRawPointer(im).assumingMemoryBound(to: Float.self)[j * 8 + lane]
      )
    }
  }

  package let size: Int
  private let factors: [Int]
  /// cos and −sin of 2π k / size.
  private let cosines: [Float]
  private let sines: [Float]
  private let memory: Buffer<Lanes>
  /// Where sequences are put.
  package let input: Sequence
  /// Room that transforms leave alone.
  package let kept: Sequence
  private let other: Sequence

  /// Sizes: 2ⁿ or 3 · 2ⁿ.
  package init(size: Int) {
    self.size = size
    var factors: [Int] = []
    var rest = size
    for factor in [4, 2, 3] {
      while rest.isMultiple(of: factor) {
        factors.append(factor)
        rest /= factor
      }
    }
    precondition(rest == 1)
    self.factors = factors
    cosines = (0..<size).map { Float(Double.cos(2 * .pi * Double($0) / Double(size))) }
    sines = (0..<size).map { Float(-Double.sin(2 * .pi * Double($0) / Double(size))) }
    memory = Buffer(count: 6 * size)
    let base = memory.pointer
    input = Sequence(re: base, im: base + size)
    other = Sequence(re: base + 2 * size, im: base + 3 * size)
    kept = Sequence(re: base + 4 * size, im: base + 5 * size)
  }

  /// Of ``input``, which is overwritten: Σ x_j exp(−2πi jk / size); returns where it lies until the next time.
  package func forward() -> Sequence { transform(input, other) }

  /// With exp(+2πi jk / size), not divided by the size.
  package func inverse() -> Sequence { transform(input.swapped, other.swapped).swapped }

  private func transform(_ first: Sequence, _ second: Sequence) -> Sequence {
    var (x, y) = (first, second)
    var (length, stride) = (size, 1)
    for factor in factors {
      switch factor {
      case 4: step4(x, y, length / 4, stride)
      case 3: step3(x, y, length / 3, stride)
      default: step2(x, y, length / 2, stride)
      }
      (length, stride) = (length / factor, stride * factor)
      swap(&x, &y)
    }
    return x
  }

  /// The factor e^(−2πi k / (parts · m)), where parts · m · stride is the size.
  @inline(__always)
  private func twiddle(_ k: Int, _ stride: Int) -> (Float, Float) { (cosines[k * stride], sines[k * stride]) }

  private func step2(_ x: Sequence, _ y: Sequence, _ m: Int, _ stride: Int) {
    for k in 0..<m {
      let (c, s) = twiddle(k, stride)
      for q in 0..<stride {
        let (i, j, o) = (q + stride * k, q + stride * (k + m), q + stride * 2 * k)
        let (re, im) = (x.re[i] - x.re[j], x.im[i] - x.im[j])
        y.re[o] = x.re[i] + x.re[j]
        y.im[o] = x.im[i] + x.im[j]
        y.re[o + stride] = re * c - im * s
        y.im[o + stride] = re * s + im * c
      }
    }
  }

  private func step3(_ x: Sequence, _ y: Sequence, _ m: Int, _ stride: Int) {
    let root = Float(3).squareRoot() / 2
    for k in 0..<m {
      let (c1, s1) = twiddle(k, stride)
      let (c2, s2) = twiddle(2 * k, stride)
      for q in 0..<stride {
        let i = q + stride * k
        let (b, c, o) = (i + stride * m, i + 2 * stride * m, q + stride * 3 * k)
        let (sumRe, sumIm) = (x.re[b] + x.re[c], x.im[b] + x.im[c])
        let (tRe, tIm) = (x.re[i] - sumRe * 0.5, x.im[i] - sumIm * 0.5)
        let (uRe, uIm) = ((x.re[b] - x.re[c]) * root, (x.im[b] - x.im[c]) * root)
        y.re[o] = x.re[i] + sumRe
        y.im[o] = x.im[i] + sumIm
        let (re1, im1) = (tRe + uIm, tIm - uRe)
        y.re[o + stride] = re1 * c1 - im1 * s1
        y.im[o + stride] = re1 * s1 + im1 * c1
        let (re2, im2) = (tRe - uIm, tIm + uRe)
        y.re[o + 2 * stride] = re2 * c2 - im2 * s2
        y.im[o + 2 * stride] = re2 * s2 + im2 * c2
      }
    }
  }

  private func step4(_ x: Sequence, _ y: Sequence, _ m: Int, _ stride: Int) {
    for k in 0..<m {
      let (c1, s1) = twiddle(k, stride)
      let (c2, s2) = twiddle(2 * k, stride)
      let (c3, s3) = twiddle(3 * k, stride)
      for q in 0..<stride {
        let a = q + stride * k
        let (b, c, d) = (a + stride * m, a + 2 * stride * m, a + 3 * stride * m)
        let o = q + stride * 4 * k
        let (sumRe, sumIm) = (x.re[a] + x.re[c], x.im[a] + x.im[c])
        let (evenRe, evenIm) = (x.re[a] - x.re[c], x.im[a] - x.im[c])
        let (otherRe, otherIm) = (x.re[b] + x.re[d], x.im[b] + x.im[d])
        let (oddRe, oddIm) = (x.re[b] - x.re[d], x.im[b] - x.im[d])
        y.re[o] = sumRe + otherRe
        y.im[o] = sumIm + otherIm
        let (re1, im1) = (evenRe + oddIm, evenIm - oddRe)
        y.re[o + stride] = re1 * c1 - im1 * s1
        y.im[o + stride] = re1 * s1 + im1 * c1
        let (re2, im2) = (sumRe - otherRe, sumIm - otherIm)
        y.re[o + 2 * stride] = re2 * c2 - im2 * s2
        y.im[o + 2 * stride] = re2 * s2 + im2 * c2
        let (re3, im3) = (evenRe - oddIm, evenIm + oddRe)
        y.re[o + 3 * stride] = re3 * c3 - im3 * s3
        y.im[o + 3 * stride] = re3 * s3 + im3 * c3
      }
    }
  }
}
