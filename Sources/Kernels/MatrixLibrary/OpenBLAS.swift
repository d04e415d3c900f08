import COpenBLAS
import FileIO
import Glibc

/// One loading of OpenBLAS: it chooses its kernels when it is loaded and never again, so that other kernels need
/// another loading.
///
/// Its own threads are never used: products are split by ``Workers``. So it is loaded with one, which makes unloading
/// safe.
final class OpenBLAS: @unchecked Sendable {
  typealias SingleProduct =
    @convention(c) (
      CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint, Float, UnsafePointer<Float>?, blasint,
      UnsafePointer<Float>?, blasint, Float, UnsafeMutablePointer<Float>?, blasint
    ) -> Void
  typealias DoubleProduct =
    @convention(c) (
      CBLAS_ORDER, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint, blasint, Double, UnsafePointer<Double>?, blasint,
      UnsafePointer<Double>?, blasint, Double, UnsafeMutablePointer<Double>?, blasint
    ) -> Void

  /// LAPACK's dsyevd, as Fortran calls it: matrices by columns, lengths of texts last.
  typealias SymmetricEigenvectors =
    @convention(c) (
      UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafePointer<blasint>, UnsafeMutablePointer<Double>,
      UnsafePointer<blasint>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafePointer<blasint>,
      UnsafeMutablePointer<blasint>, UnsafePointer<blasint>, UnsafeMutablePointer<blasint>, Int, Int
    ) -> Void

  /// The ABI that Debian and most others give the library; its integers have 32 bits.
  static let fileName = "libopenblas.so.0"

  let sgemm: SingleProduct
  let dgemm: DoubleProduct
  /// The kernels that it uses, as it calls them.
  let core: String
  /// `0.3.21`; empty if it does not say.
  let version: String
  private let handle: UnsafeMutableRawPointer

  /// What OpenBLAS 0.3 maps for a thread that multiplies, at most, with its kernels for the largest caches. It asks when
  /// it first needs them, and where there is no room it asks for ever.
  fileprivate static let threadBytes = 160 << 20

  /// Loads the library with the kernels of this name, or with its own choice. No other thread may read or change the
  /// environment meanwhile.
  init(core name: String?, file: String = OpenBLAS.fileName) throws {
    // The library itself takes 40 MiB, and its kernels are tried with a product.
    try AddressSpace.require(
      Self.threadBytes + (64 << 20), for: "the matrix library OpenBLAS", hint: "a higher limit")
    let handle = Self.withEnvironment(["OPENBLAS_NUM_THREADS": "1", KernelSearch.pinVariable: name]) {
      dlopen(file, RTLD_NOW | RTLD_LOCAL)
    }
    guard let handle else { throw Self.failure("cannot be loaded: \(Self.lastError())", file) }
    func symbol<T>(_ name: String, as type: T.Type) throws -> T {
      guard let address = dlsym(handle, name) else { throw Self.failure("has no function \(name)", file) }
      return unsafeBitCast(address, to: T.self)
    }
    sgemm = try symbol("cblas_sgemm", as: SingleProduct.self)
    dgemm = try symbol("cblas_dgemm", as: DoubleProduct.self)
    typealias Text = @convention(c) () -> UnsafePointer<CChar>?
    core = try symbol("openblas_get_corename", as: Text.self)().map { String(cString: $0) } ?? ""
    let configuration = try symbol("openblas_get_config", as: Text.self)().map { String(cString: $0) } ?? ""
    version = configuration.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    // For builds on OpenMP, which have their own variable for threads.
    try symbol("openblas_set_num_threads", as: (@convention(c) (CInt) -> Void).self)(1)
    self.handle = handle
  }

  deinit { dlclose(handle) }

  /// Most builds have LAPACK in them; few need it.
  func symmetricEigenvectors() throws -> SymmetricEigenvectors {
    guard let address = dlsym(handle, "dsyevd_") else { throw Self.failure("was built without LAPACK", Self.fileName) }
    return unsafeBitCast(address, to: SymmetricEigenvectors.self)
  }

  private static func failure(_ reason: String, _ file: String) -> Failure {
    Failure(
      .system, path: file, "the matrix library OpenBLAS \(reason)",
      hint: "install it: on Debian, the package libopenblas0")
  }

  private static func lastError() -> String { dlerror().map { String(cString: $0) } ?? "no reason given" }

  /// Runs `body` with environment variables set, or unset where nil, and then as they were: what is started later must
  /// not inherit them.
  private static func withEnvironment<Result>(_ values: KeyValuePairs<String, String?>, _ body: () -> Result) -> Result
  {
    let before = values.map { (name, _) in (name, getenv(name).map { String(cString: $0) }) }
    func set(_ name: String, _ value: String?) {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
    for (name, value) in values { set(name, value) }
    defer { for (name, value) in before { set(name, value) } }
    return body()
  }
}

extension MatrixLibrary {
  /// Throws if the user's limit of address space does not leave what each of `threads` needs for products, and `others`
  /// bytes.
  public static func requireAddressSpace(threads: Int, others: Int = 0) throws {
    // And what the C library reserves for the memory of a thread, and its stack.
    try AddressSpace.require(
      threads * (OpenBLAS.threadBytes + (72 << 20)) + others,
      for: threads == 1 ? "work on one thread" : "work on \(threads) threads",
      hint: "a higher limit, or fewer \(setting: "threads")")
  }
}
