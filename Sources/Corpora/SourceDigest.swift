import Digests
import Dispatch
import FileIO
import Synchronization

/// An archive that a corpus was read from, as whoever published it names it.
public struct CorpusSource: Sendable, Equatable {
  /// Without folders.
  public var name: String
  public var bytes: Int
  public var md5: String
}

/// The MD5 of an archive, made while the archive is read.
final class SourceDigest: @unchecked Sendable {
  private let name: String
  private let finished = DispatchGroup()
  private let result = Mutex<Result<CorpusSource, any Error>?>(nil)
  // Of a pipe, used by the thread that reads it alone.
  private var running: (digest: MessageDigest, bytes: Int)?

  /// Of a file: read a second time, on a thread of its own.
  init(file path: String) {
    name = Folder.name(of: path)
    DispatchQueue.global().async(group: finished) { [self] in
      let source = Result { try digest(File.reading(path)) }
      result.withLock { $0 = source }
    }
  }

  /// Of a pipe, whose blocks are to be given to ``update(_:)``.
  init(pipe name: String) throws {
    self.name = name
    running = (try MessageDigest(.md5), 0)
  }

  private func digest(_ file: File) throws -> CorpusSource {
    let digest = try MessageDigest(.md5)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    var bytes = 0
    while case let count = try file.readFully(into: buffer), count > 0 {
      try digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      bytes += count
    }
    return CorpusSource(name: name, bytes: bytes, md5: try digest.finish())
  }

  func update(_ block: UnsafeRawBufferPointer) throws {
    try running!.digest.update(block)
    running!.bytes += block.count
  }

  /// Waits for the end.
  func source() throws -> CorpusSource {
    if let running { return CorpusSource(name: name, bytes: running.bytes, md5: try running.digest.finish()) }
    finished.wait()
    return try result.withLock { $0! }.get()
  }
}
