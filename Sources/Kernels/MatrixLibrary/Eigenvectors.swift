import FileIO

/// Overwrites the symmetric matrix [n, n] with its eigenvectors, one a row, and returns their eigenvalues, ascending, by LAPACK's
/// divide and conquer (dsyevd) on the calling thread.
///
/// - Throws: Where the matrix library has no LAPACK in it, or does not converge, as with numbers that are not finite.
public func findEigenvectors(of matrix: Buffer<Double>, _ n: Int) throws -> [Double] {
  precondition(matrix.count >= n * n)
  guard n > 0 else { return [] }
  let solve = try MatrixLibrary.library.symmetricEigenvectors()
  var (order, status, wanted, wantedWhole) = (CInt(n), CInt(0), 0.0, CInt(0))
  var values = [Double](repeating: 0, count: n)
  var query: CInt = -1
  // The first call tells how much memory the second one works in.
  solve("V", "U", &order, matrix.pointer, &order, &values, &wanted, &query, &wantedWhole, &query, &status, 1, 1)
  guard status == 0 else { throw Failure(.system, "dsyevd: status \(status)") }
  let work = Buffer<Double>(count: Int(wanted))
  let whole = Buffer<CInt>(count: Int(wantedWhole))
  var (size, wholeSize) = (CInt(work.count), CInt(whole.count))
  withExtendedLifetime((work, whole)) {
    solve(
      "V", "U", &order, matrix.pointer, &order, &values, work.pointer, &size, whole.pointer, &wholeSize, &status, 1, 1)
  }
  guard status == 0 else {
    throw Failure(.badInput, "eigenvectors of a matrix of \(n) rows cannot be found: status \(status)")
  }
  return values
}
