import Dispatch
import FileIO
import Synchronization

/// A file as whoever published it names it.
public struct FileDigest: Sendable, Equatable {
  /// Without folders.
  public var name: String
  public var bytes: Int
  public var md5: String
}

/// The MD5 of a file, made while others read it.
public final class FileDigester: @unchecked Sendable {
  private let name: String
  private let finished = DispatchGroup()
  private let result = Mutex<Result<FileDigest, any Error>?>(nil)
  // Of a pipe, used by the thread that reads it alone.
  private var running: (digest: MessageDigest, bytes: Int)?

  /// Of a file: read a second time, on a thread of its own.
  public init(file path: String) {
    name = Folder.name(of: path)
    DispatchQueue.global().async(group: finished) { [self] in
      let file = Result { try digest(File.reading(path)) }
      result.withLock { $0 = file }
    }
  }

  /// Of a pipe, whose blocks are to be given to ``update(_:)``.
  public init(pipe name: String) throws {
    self.name = name
    running = (try MessageDigest(.md5), 0)
  }

  private func digest(_ file: File) throws -> FileDigest {
    let digest = try MessageDigest(.md5)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    var bytes = 0
    while case let count = try file.readFully(into: buffer), count > 0 {
      try digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      bytes += count
    }
    return FileDigest(name: name, bytes: bytes, md5: try digest.finish())
  }

  /// The next block of a pipe.
  public func update(_ block: UnsafeRawBufferPointer) throws {
    try running!.digest.update(block)
    running!.bytes += block.count
  }

  /// Waits for the end of a file; of a pipe, which must be at its end, nothing can be added after this. A `Failure` says
  /// why the file cannot be read.
  public func finish() throws -> FileDigest {
    if let running { return FileDigest(name: name, bytes: running.bytes, md5: try running.digest.finish()) }
    finished.wait()
    return try result.withLock { $0! }.get()
  }
}
