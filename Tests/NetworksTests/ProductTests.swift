import Kernels
import Testing

/// Products of every kind of operand against plain sums of the operands as they are rounded.
@Suite struct ProductTests {
  /// Rows `stride` apart, as sums and as operands.
  private struct Rows<E: Operand> {
    let sums: Buffer<E.Sum>
    let operands: Buffer<E>
    let stride: Int

    init(_ noise: Noise, rows: Int, columns: Int) {
      stride = columns + noise.integer(0...3)
      sums = noise.buffer(max(1, rows * stride))
      operands = Buffer(count: sums.count)
      E.round(sums.pointer, into: operands.pointer, sums.count)
    }

    /// An element as it is multiplied.
    subscript(row: Int, column: Int) -> Double {
      var value: E.Sum = 0
      E.expand(operands.pointer + row * stride + column, into: &value, 1)
      return Double(value)
    }
  }

  private func sizes(_ noise: Noise) -> (Int, Int, Int) {
    let most = noise.integer(0...2) == 0 ? 150 : 30
    return (noise.integer(1...most), noise.integer(1...most), noise.integer(1...most))
  }

  private func check<E: Operand>(_: E.Type, workers count: Int, tolerance: Double) {
    let workers = Workers(count: count)
    let noise = Noise(count)
    for trial in 0..<16 {
      let (m, n, k) = sizes(noise)
      let isTransposed = trial % 2 == 0
      let a = Rows<E>(noise, rows: m + 1, columns: k)
      let b = Rows<E>(noise, rows: isTransposed ? n : k, columns: isTransposed ? k : n)
      let factor = RightFactor<E>(rows: k, columns: n, isTransposed: isTransposed)
      workers.set([(factor, b.sums.matrix(b.stride))])
      func product(_ i: Int, _ j: Int) -> Double {
        (0..<k).reduce(0) { $0 + a[i, $1] * (isTransposed ? b[j, $1] : b[$1, j]) }
      }
      let what = "\(E.self), \(m) × \(n) × \(k), transposed \(isTransposed)"

      let c: Buffer<E.Sum> = noise.buffer(m * (n + 1))
      let before = c.array.map { Double($0) }
      let terms = [(a.operands.matrix(a.stride), factor), (a.operands.matrix(a.stride).from(row: 1), factor)]
      workers.multiply(rows: m, terms, accumulate: trial % 4 > 1, into: c.matrix(n + 1))
      var expected = before
      for i in 0..<m {
        for j in 0..<n {
          expected[i * (n + 1) + j] =
            product(i, j) + product(i + 1, j) + (trial % 4 > 1 ? before[i * (n + 1) + j] : 0)
        }
      }
      #expect(relativeDistance(c.array.map { Double($0) }, expected) < tolerance, "\(what)")

      // The same, each row finished by itself; every row is, once.
      let results = Buffer<E>(count: m * n)
      let marks = Buffer<Int32>(count: m)
      workers.multiply(rows: m, terms, into: results.matrix(n)) { _, range, sums in
        for i in range {
          marks[i] += 1
          let row = sums.row(i - range.lowerBound)
          for j in 0..<n { row[j] = E.Sum(2) * row[j] }
          E.round(row, into: results.pointer + i * n, n)
        }
      }
      #expect(marks.array.allSatisfy { $0 == 1 })
      let doubled = Buffer<E.Sum>(count: m * n)
      E.expand(results.pointer, into: doubled.pointer, m * n)
      let sums = (0..<m * n).map { 2 * (product($0 / n, $0 % n) + product($0 / n + 1, $0 % n)) }
      #expect(relativeDistance(doubled.array.map { Double($0) }, sums) < tolerance + rounding(E.self), "\(what)")
    }
  }

  private func checkTransposed<E: Operand>(_: E.Type, workers count: Int, tolerance: Double) {
    let workers = Workers(count: count)
    let noise = Noise(100 + count)
    for trial in 0..<12 {
      var (m, n, k) = sizes(noise)
      if trial == 0 { (m, n, k) = (35, 40, 1100) }
      let a = Rows<E>(noise, rows: k, columns: m)
      let b = Rows<E>(noise, rows: k, columns: n)
      let c: Buffer<E.Sum> = noise.buffer(m * n)
      let expected = (0..<m * n).map { at in
        Double(c[at]) + (0..<k).reduce(0) { $0 + a[$1, at / n] * b[$1, at % n] }
      }
      workers.addTransposedProduct(
        m, n, k, a.operands.matrix(a.stride), b.operands.matrix(b.stride), c.matrix(n))
      #expect(relativeDistance(c.array.map { Double($0) }, expected) < tolerance, "\(E.self), \(m) × \(n) × \(k)")
    }
  }

  /// Half of the distance between two neighbours, as a share of the smaller.
  private func rounding<E: Operand>(_: E.Type) -> Double { E.self == BFloat16.self ? 0x1p-8 : 0 }

  @Test(arguments: [1, 2, 3, 4, 7])
  func agreeWithTheDefinition(workers: Int) {
    check(Double.self, workers: workers, tolerance: 1e-12)
    check(Float.self, workers: workers, tolerance: 1e-6)
    check(BFloat16.self, workers: workers, tolerance: 1e-6)
    checkTransposed(Double.self, workers: workers, tolerance: 1e-12)
    checkTransposed(Float.self, workers: workers, tolerance: 1e-6)
    checkTransposed(BFloat16.self, workers: workers, tolerance: 1e-6)
  }

  /// Every bfloat16 comes back as it was, and what lies between two goes to the nearer one, from the middle to the even.
  @Test func roundsToTheNearest() {
    for bits in UInt16.min...UInt16.max {
      let number = BFloat16(bits: bits)
      let again = BFloat16(number.float)
      guard !number.float.isNaN else {
        #expect(again.float.isNaN)
        continue
      }
      #expect(again == number)
      guard bits & 0x7fff < 0x7f7f else { continue }
      let next = BFloat16(bits: bits + 1).float
      let middle = Float(bitPattern: UInt32(bits) << 16 | 0x8000)
      #expect(BFloat16(middle).bits == (bits % 2 == 0 ? bits : bits + 1))
      #expect(BFloat16(Float(bitPattern: middle.bitPattern - 1)) == number)
      #expect(BFloat16(Float(bitPattern: middle.bitPattern + 1)).float == next)
    }
    #expect(BFloat16(Float.greatestFiniteMagnitude).float == .infinity)
  }
}
