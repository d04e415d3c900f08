import CDNNL
import Synchronization

/// Products of bfloat16 matrices: by oneDNN where the processor has instructions for them, else by OpenBLAS from
/// operands rounded to bfloat16, which gains nothing.
public enum BFloat16Products {
  /// Whether the processor's own instructions are used.
  public static var isNative: Bool { state.reason == nil }
  /// Why they are not.
  public static var reason: String? { state.reason }
  /// Of oneDNN, where it could be loaded.
  public static var version: String? { state.version }
  /// Which of oneDNN's implementations multiplies, for example `brg:avx512_core_amx_bf16`.
  public static var implementation: String? { state.implementation }

  private struct State: Sendable {
    var reason: String?
    var version: String?
    var implementation: String?
  }

  private static let state: State = {
    if let reason = cpc_dnnl_open() { return State(reason: "oneDNN cannot be loaded: \(String(cString: reason))") }
    let version = String(cString: cpc_dnnl_version())
    guard cpc_dnnl_multiplies_bf16() else {
      return State(
        reason: "this processor has neither AVX512_BF16 nor AMX, or ONEDNN_MAX_CPU_ISA keeps oneDNN from using them",
        version: version)
    }
    guard BFloat16SelfCheck.passes() else {
      return State(reason: "oneDNN \(version) multiplies wrongly on this processor", version: version)
    }
    let shape = BFloat16Shape(m: 256, n: 512, k: 512, aStride: 512, bStride: 0, cStride: 512)
    return State(version: version, implementation: product(shape)?.implementation)
  }()

  /// Whether products over so many numbers are oneDNN's: those over a few gain nothing there.
  static func takes(depth: Int) -> Bool { isNative && depth >= 32 }

  private static let products = Mutex<[BFloat16Shape: BFloat16Product]>([:])

  /// Made once; nil where oneDNN has none.
  static func product(_ shape: BFloat16Shape, packedLike other: BFloat16Product? = nil) -> BFloat16Product? {
    products.withLock { products in
      if let known = products[shape] { return known }
      let made = BFloat16Product(shape, packedLike: other)
      products[shape] = made
      return made
    }
  }

  /// C[m, n] += A[k, m]ᵀ · B[k, n]; false if oneDNN has no such product here.
  static func addTransposed(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix<BFloat16>, _ b: Matrix<BFloat16>, _ c: Matrix<Float>, _ scratch: Scratch
  ) -> Bool {
    let shape = BFloat16Shape(
      m: m, n: n, k: k, aStride: a.stride, bStride: b.stride, cStride: c.stride, isTransposedA: true, accumulates: true)
    return product(shape)?.run(a.pointer, b.pointer, c.pointer, scratch) ?? false
  }
}

/// Sizes of a product, and the distances of rows as they are stored. A packed B has none.
struct BFloat16Shape: Hashable, Sendable {
  var m: Int
  var n: Int
  var k: Int
  var aStride: Int
  var bStride: Int
  var cStride: Int
  var isTransposedA = false
  var accumulates = false
}

/// One of oneDNN's products, of fixed sizes. Any number of threads may run it at once.
final class BFloat16Product: @unchecked Sendable {
  private let handle: OpaquePointer

  init?(_ shape: BFloat16Shape, packedLike other: BFloat16Product? = nil) {
    var sizes = cpc_dnnl_shape(
      m: shape.m, n: shape.n, k: shape.k, a_stride: shape.aStride, b_stride: shape.bStride, c_stride: shape.cStride,
      a_transposed: shape.isTransposedA, accumulate: shape.accumulates)
    guard let handle = cpc_dnnl_create(&sizes, other?.handle) else { return nil }
    self.handle = handle
  }

  var implementation: String { String(cString: cpc_dnnl_implementation(handle)) }
  var packedBytes: Int { cpc_dnnl_packed_bytes(handle) }

  func pack(
    _ b: UnsafePointer<BFloat16>, stride: Int, isTransposed: Bool, into packed: UnsafeMutableRawPointer
  ) -> Bool {
    cpc_dnnl_pack(handle, UnsafeRawPointer(b).assumingMemoryBound(to: UInt16.self), stride, isTransposed, packed)
  }

  /// False where oneDNN failed, which it never did yet.
  func run(
    _ a: UnsafePointer<BFloat16>, _ b: UnsafeRawPointer, _ c: UnsafeMutablePointer<Float>, _ scratch: Scratch
  ) -> Bool {
    let library = scratch.memory(.library, UInt8.self, count: max(64, cpc_dnnl_scratch_bytes(handle)))
    return cpc_dnnl_run(handle, UnsafeRawPointer(a).assumingMemoryBound(to: UInt16.self), b, c, library)
  }
}

/// A right factor in the order that oneDNN's products like best.
final class PackedBFloat16 {
  private let rows: Int
  private let columns: Int
  private let layout: BFloat16Product?
  private let memory: Buffer<UInt8>

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    let typical = BFloat16.rowsAtOnce(columns: columns)!
    layout = BFloat16Products.product(
      BFloat16Shape(m: typical, n: columns, k: rows, aStride: rows, bStride: 0, cStride: columns))
    memory = Buffer(count: layout?.packedBytes ?? 0)
  }

  /// False if oneDNN has no such product.
  func pack(_ numbers: UnsafePointer<BFloat16>, stride: Int, isTransposed: Bool) -> Bool {
    layout?.pack(numbers, stride: stride, isTransposed: isTransposed, into: memory.pointer) ?? false
  }

  /// C[m, n] = A · B, or C +=; false if oneDNN has no such product here.
  func multiply(
    rows m: Int, _ a: Matrix<BFloat16>, accumulate: Bool, _ c: Matrix<Float>, _ scratch: Scratch
  ) -> Bool {
    let shape = BFloat16Shape(
      m: m, n: columns, k: rows, aStride: a.stride, bStride: 0, cStride: c.stride, accumulates: accumulate)
    return BFloat16Products.product(shape, packedLike: layout)?.run(a.pointer, memory.pointer, c.pointer, scratch)
      ?? false
  }
}
