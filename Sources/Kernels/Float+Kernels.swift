import COpenBLAS
import CVectorKernels

extension Float: KernelScalar {
  public static func gemm(
    _ p: Product, alpha: Float, _ a: Matrix<Float>, _ b: Matrix<Float>, beta: Float, _ c: Matrix<Float>
  ) {
    MatrixLibrary.library.sgemm(
      CblasRowMajor, p.transposeA ? CblasTrans : CblasNoTrans, p.transposeB ? CblasTrans : CblasNoTrans,
      blasint(p.m), blasint(p.n), blasint(p.k), alpha, a.pointer, blasint(a.stride), b.pointer, blasint(b.stride),
      beta, c.pointer, blasint(c.stride))
  }

  public static func exponentiate(_ x: UnsafeMutablePointer<Float>, _ count: Int, subtracting shift: Float) -> Float {
    cpc_exponentiate(x, count, shift)
  }

  public static func rectify(_ y: UnsafeMutablePointer<Float>, _ count: Int, adding bias: UnsafePointer<Float>) {
    cpc_bias_relu(y, bias, count)
  }

  public static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Float>, _ count: Int, output: UnsafePointer<Float>,
    addingTo sums: UnsafeMutablePointer<Float>
  ) {
    cpc_relu_gradient(gradient, output, sums, count)
  }

  public static func maximum(_ x: UnsafePointer<Float>, _ count: Int) -> Float { cpc_maximum(x, count) }

  public static func maximum(
    _ x: UnsafePointer<Float>, _ count: Int, countingBelow limit: Float
  ) -> (largest: Float, below: Int) {
    var largest: Float = 0
    let below = cpc_maximum_and_below(x, count, limit, &largest)
    return (largest, below)
  }
}

/// The pointer as what it is where `T` is Float: how generic functions call the vector kernels.
@inline(__always)
func single<T: KernelScalar>(_ x: UnsafePointer<T>) -> UnsafePointer<Float> {
  UnsafeRawPointer(x).assumingMemoryBound(to: Float.self)
}

@inline(__always)
func single<T: KernelScalar>(_ x: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<Float> {
  UnsafeMutableRawPointer(x).assumingMemoryBound(to: Float.self)
}
