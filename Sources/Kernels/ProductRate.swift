import FileIO

/// What the machine makes of matrix products alone: the limit of everything that is made of them.
public enum ProductRate {
  /// Multiplications and additions a second, in 10⁹, of the fastest of as many products of 1,024 × 1,024 × 1,024 as
  /// `seconds` have room for, after one that warms up.
  ///
  /// - Parameter operand: What is multiplied.
  public static func gigaflops<E: Operand>(_ operand: E.Type, workers: Workers, seconds: Double) -> Double {
    let n = 1024
    let (numbers, c) = (Buffer<E.Sum>(count: n * n), Buffer<E.Sum>(count: n * n))
    for i in 0..<n * n { numbers[i] = E.Sum(i % 7) - 3 }
    let rows = OperandRows<E>(rows: n, columns: n)
    let a = rows.round(numbers.matrix(n), count: n, workers)
    let b = RightFactor<E>(rows: n, columns: n, isTransposed: false)
    workers.set([(b, numbers.matrix(n))])
    func multiply() { workers.multiply(rows: n, [(a, b)], into: c.matrix(n)) }
    multiply()
    let start = monotonicSeconds()
    var (now, best) = (start, Double.infinity)
    repeat {
      let before = now
      multiply()
      now = monotonicSeconds()
      best = min(best, now - before)
    } while now - start < seconds
    // Where operands are numbers as they are, `a` is these.
    return withExtendedLifetime((rows, numbers, c)) { 2e-9 * Double(n * n * n) / best }
  }
}
