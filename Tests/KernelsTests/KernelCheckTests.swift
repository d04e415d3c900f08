import COpenBLAS
import Kernels
import Testing

/// Plain products as cblas_sgemm and cblas_dgemm would make them, and with a fault.
private func plain<T: KernelScalar>(_ fault: Fault?) -> KernelCheck.Function<T> {
  { _, transposeA, transposeB, m, n, k, alpha, a, strideA, b, strideB, beta, c, strideC in
    let (m, n, k) = (Int(m), Int(n), Int(k))
    let (strideA, strideB, strideC) = (Int(strideA), Int(strideB), Int(strideC))
    let isA = transposeA == CblasTrans
    let isB = transposeB == CblasTrans && fault != .transposeIgnored
    for i in 0..<m {
      for j in 0..<n {
        var sum: T = 0
        let terms = fault == .lastTermLeftOut ? k - 1 : k
        for l in 0..<terms {
          sum += a![isA ? l * strideA + i : i * strideA + l] * b![isB ? j * strideB + l : l * strideB + j]
        }
        let old = fault == .oldValueIgnored ? 0 : beta * c![i * strideC + j]
        c![i * strideC + j] = (fault == .scaleIgnored ? 1 : alpha) * sum + old
      }
      if fault == .writesBeyondRows, i < m - 1 { c![i * strideC + n] = 0 }
    }
    switch fault {
    case .lastElement: c![(m - 1) * strideC + n - 1] += 0.001
    case .notANumber: c![0] = .nan
    default: break
    }
  }
}

private enum Fault: CaseIterable {
  case transposeIgnored, lastTermLeftOut, oldValueIgnored, scaleIgnored, writesBeyondRows, lastElement, notANumber
}

@Suite struct KernelCheckTests {
  @Test func rightProductsPass() { #expect(KernelCheck(single: plain(nil), double: plain(nil)).passes) }

  @Test(arguments: Fault.allCases)
  fileprivate func wrongProductsDoNot(fault: Fault) {
    #expect(!KernelCheck(single: plain(fault), double: plain(nil)).passes)
    #expect(!KernelCheck(single: plain(nil), double: plain(fault)).passes)
  }

  @Test func theLibraryAtHandPasses() throws {
    let choice = try MatrixLibrary.choice()
    #expect(!choice.core.isEmpty && choice.version.first?.isNumber == true)
    #expect(
      KernelCheck(
        single: { _, ta, tb, m, n, k, alpha, a, sa, b, sb, beta, c, sc in
          Float.gemm(
            Product(Int(m), Int(n), Int(k), transposeA: ta == CblasTrans, transposeB: tb == CblasTrans), alpha: alpha,
            Matrix(UnsafeMutablePointer(mutating: a!), stride: Int(sa)),
            Matrix(UnsafeMutablePointer(mutating: b!), stride: Int(sb)), beta: beta, Matrix(c!, stride: Int(sc)))
        },
        double: { _, ta, tb, m, n, k, alpha, a, sa, b, sb, beta, c, sc in
          Double.gemm(
            Product(Int(m), Int(n), Int(k), transposeA: ta == CblasTrans, transposeB: tb == CblasTrans), alpha: alpha,
            Matrix(UnsafeMutablePointer(mutating: a!), stride: Int(sa)),
            Matrix(UnsafeMutablePointer(mutating: b!), stride: Int(sb)), beta: beta, Matrix(c!, stride: Int(sc)))
        }
      ).passes)
  }
}
