import FileIO

/// A file as it was found, not yet decoded: in memory (from an archive) or still on disk (from a folder). Any thread may
/// load it.
public struct EncodedFile: Sendable {
  public enum Storage: Sendable {
    case bytes([UInt8])
    case file(path: String, size: Int)
  }

  /// For messages: `a.tar.gz: LibriSpeech/…/x.flac`, or the path of the file.
  public var name: String
  public let storage: Storage

  public init(name: String, storage: Storage) {
    self.name = name
    self.storage = storage
  }

  /// Encoded bytes in memory.
  public init(name: String, bytes: [UInt8]) { self.init(name: name, storage: .bytes(bytes)) }

  /// Nothing larger is read into memory, in bytes.
  public static let limit = 1 << 30

  /// Whether `other` is the same file, held in the same place.
  public func isSame(as other: EncodedFile) -> Bool {
    switch (storage, other.storage) {
    case (.bytes(let a), .bytes(let b)):
      FileIO.isSame(name, other.name)
        && a.withUnsafeBytes { a in b.withUnsafeBytes { a.baseAddress == $0.baseAddress } }
    case (.file(let a, _), .file(let b, _)): FileIO.isSame(a, b)
    default: false
    }
  }

  /// Encoded bytes that are held in memory.
  public var heldBytes: Int { if case .bytes(let bytes) = storage { bytes.count } else { 0 } }

  public var byteCount: Int {
    switch storage {
    case .bytes(let bytes): bytes.count
    case .file(_, let size): size
    }
  }

  /// Tells whether it is what it was, to a later run: the digest of what is in memory, size and time of what is on disk.
  /// Nil if it cannot be had now.
  public var stamp: String? {
    switch storage {
    case .bytes(let bytes): XXH3.hash128(bytes)
    case .file(let path, _): File.stamp(of: path)
    }
  }

  /// The whole file. A `Failure` of kind `badInput` says why it cannot be read.
  public func load() throws -> [UInt8] {
    switch storage {
    case .bytes(let bytes): return bytes
    case .file(let path, _): return try naming { try File.reading(path).remainder(limit: Self.limit) }
    }
  }

  /// The first `count` bytes of what is on disk, or fewer if it has no more; all of what is in memory.
  public func head(_ count: Int) throws -> [UInt8] {
    guard case .file(let path, let size) = storage else { return try load() }
    return try naming {
      let file = try File.reading(path)
      return try [UInt8](unsafeUninitializedCapacity: min(size, count)) { buffer, count in
        count = try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }

  /// Runs `body`, which reads the file: what the system refuses is a bad input, named and left out.
  public func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch var failure as Failure {
      failure.kind = .badInput
      failure.path = name
      throw failure
    }
  }
}
