import CXXHash

/// XXH3 (Collet, xxHash 0.8): a fast checksum against accidents, not against forgery.
public enum XXH3 {
  public static func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 { cpc_xxh3_64(bytes.baseAddress, bytes.count) }

  /// As `xxhsum -H2` prints it: 32 lower-case hexadecimal digits.
  public static func hash128(_ bytes: UnsafeRawBufferPointer) -> String {
    hexadecimal(cpc_xxh3_128(bytes.baseAddress, bytes.count))
  }

  public static func hash128(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { hash128($0) } }

  /// XXH3-128 of a whole file. Reading through a small buffer costs less than mapping what is read only once.
  public static func hash128(ofFile path: String) throws -> String {
    let file = try File.reading(path)
    let stream = Stream()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = try file.readFully(into: buffer)
      stream.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      if count < buffer.count { return stream.digest128 }
    }
  }

  /// The 128 bits as two words, low first: a small key that stands for a long name in sets and dictionaries.
  public static func key128(_ text: String) -> SIMD2<UInt64> {
    var text = text
    return text.withUTF8 { key128(UnsafeRawBufferPointer($0)) }
  }

  public static func key128(_ bytes: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
    let hash = cpc_xxh3_128(bytes.baseAddress, bytes.count)
    return SIMD2(hash.low64, hash.high64)
  }

  fileprivate static func hexadecimal(_ hash: XXH128_hash_t) -> String {
    func digits(_ value: UInt64) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    return digits(hash.high64) + digits(hash.low64)
  }

  /// Hashes bytes that come in pieces.
  public final class Stream {
    private let state: OpaquePointer

    public init() {
      state = XXH3_createState()
      reset()
    }

    deinit { XXH3_freeState(state) }

    public func reset() { XXH3_128bits_reset(state) }
    public func update(_ bytes: UnsafeRawBufferPointer) { cpc_xxh3_update(state, bytes.baseAddress, bytes.count) }
    public var digest128: String { XXH3.hexadecimal(XXH3_128bits_digest(state)) }
    /// The 64-bit hash of the same bytes.
    public var digest64: UInt64 { XXH3_64bits_digest(state) }
  }
}
