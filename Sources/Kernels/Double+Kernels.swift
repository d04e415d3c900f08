import COpenBLAS
import RealModule

extension Double: KernelScalar {
  public static func gemm(
    _ p: Product, alpha: Double, _ a: Matrix<Double>, _ b: Matrix<Double>, beta: Double, _ c: Matrix<Double>
  ) {
    MatrixLibrary.library.dgemm(
      CblasRowMajor, p.transposeA ? CblasTrans : CblasNoTrans, p.transposeB ? CblasTrans : CblasNoTrans,
      blasint(p.m), blasint(p.n), blasint(p.k), alpha, a.pointer, blasint(a.stride), b.pointer, blasint(b.stride),
      beta, c.pointer, blasint(c.stride))
  }

  public static func exponentiate(
    _ x: UnsafeMutablePointer<Double>, _ count: Int, subtracting shift: Double
  ) -> Double {
    var sum = 0.0
    for i in 0..<count {
      x[i] = Double.exp(x[i] - shift)
      sum += x[i]
    }
    return sum
  }

  public static func rectify(_ y: UnsafeMutablePointer<Double>, _ count: Int, adding bias: UnsafePointer<Double>) {
    for i in 0..<count {
      let value = y[i] + bias[i]
      y[i] = value < 0 ? 0 : value
    }
  }

  public static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Double>, _ count: Int, output: UnsafePointer<Double>,
    addingTo sums: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<count {
      if output[i] <= 0 { gradient[i] = 0 }
      sums[i] += gradient[i]
    }
  }

  public static func maximum(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    var best = -Double.infinity
    for i in 0..<count where x[i] > best { best = x[i] }
    return best
  }

  public static func maximum(
    _ x: UnsafePointer<Double>, _ count: Int, countingBelow limit: Double
  ) -> (largest: Double, below: Int) {
    var below = 0
    for i in 0..<count where x[i] < limit { below += 1 }
    return (maximum(x, count), below)
  }
}
