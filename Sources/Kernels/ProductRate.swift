import FileIO

/// What the machine makes of matrix products alone: the limit of everything that is made of them.
public enum ProductRate {
  /// Multiplications and additions a second, in 10⁹, of the fastest of as many products of 1,024 × 1,024 × 1,024 as
  /// `seconds` have room for, after one that warms up.
  ///
  /// - Parameter zero: Of the precision to measure.
  public static func gigaflops<T: KernelScalar>(_ zero: T, workers: Workers, seconds: Double) -> Double {
    let n = 1024
    let (a, b, c) = (Buffer<T>(count: n * n), Buffer<T>(count: n * n), Buffer<T>(count: n * n))
    for i in 0..<n * n { (a[i], b[i]) = (T(i % 7) - 3, T(i % 5) - 2) }
    func multiply() { workers.gemm(Product(n, n, n), a.matrix(n), b.matrix(n), c.matrix(n)) }
    multiply()
    let start = monotonicSeconds()
    var (now, best) = (start, Double.infinity)
    repeat {
      let before = now
      multiply()
      now = monotonicSeconds()
      best = min(best, now - before)
    } while now - start < seconds
    return 2e-9 * Double(n * n * n) / best
  }
}
