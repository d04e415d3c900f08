public import FileIO

/// What a compressed file holds that is no archive, read front to back: a manifest, for example.
public final class CompressedText: ByteSource {
  private let reader: ArchiveReader
  public var path: String { reader.name }

  /// - Parameter head: bytes already read from `file`.
  public convenience init(_ file: File, head: [UInt8] = []) throws {
    try self.init(file, head: head, path: file.path)
  }

  private init(_ file: File, head: [UInt8], path: String) throws {
    reader = try ArchiveReader(file, head: head, name: path, allowsText: true)
    guard try reader.next() != nil, reader.isText else {
      throw Failure(.badInput, path: path, "an archive, where a text file is read")
    }
  }

  /// - Parameter bytes: all of the file.
  public convenience init(_ bytes: [UInt8], path: String) throws {
    let nothing = try File.reading("/dev/null")
    try self.init(nothing, head: bytes, path: path)
  }

  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try reader.readSome(into: buffer) }

  /// The whole of a text file, which may be compressed; a `Failure` if it has more than `limit` bytes.
  public static func contents(of path: String, limit: Int) throws -> [UInt8] {
    let file = try File.reading(path).remainder(limit: limit)
    guard isCompressed(file) else { return file }
    let text = try CompressedText(file, path: path)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = try chunk.withUnsafeMutableBytes({ try text.read(into: $0) }), count > 0 {
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw Failure(.badInput, path: path, "longer than \(limit) bytes") }
    }
    return bytes
  }

  /// Passes over bytes.
  public func skip(_ count: Int) throws {
    var rest = count
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while rest > 0 {
      let got = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(rest, buffer.count)]))
      guard got > 0 else { throw Failure(.badInput, path: path, "it has become shorter") }
      rest -= got
    }
  }

  /// Whether first bytes are those of gzip, zstd, bzip2, xz or lz4.
  public static func isCompressed(_ head: [UInt8]) -> Bool {
    let magics: [[UInt8]] = [
      [0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], Array("BZh".utf8), [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
      [0x04, 0x22, 0x4d, 0x18],
    ]
    return magics.contains { head.starts(with: $0) }
  }

  /// The first bytes of what is compressed, empty if it is an archive or cannot be read; and all that has been read of
  /// the file for that, `head` included.
  public static func peek(_ file: File, head: [UInt8]) -> (text: [UInt8], read: [UInt8]) {
    guard let reader = try? ArchiveReader(file, head: head, name: file.path, allowsText: true, isRecorded: true) else {
      return ([], head)
    }
    var text: [UInt8] = []
    if (try? reader.next()) != nil, reader.isText {
      text = [UInt8](repeating: 0, count: 4096)
      let count = (try? text.withUnsafeMutableBytes { try reader.readSome(into: $0) }) ?? 0
      text.removeLast(text.count - count)
    }
    return (text, reader.recorded)
  }
}
