import FileIO
import Glibc

/// Reads encoded audio from memory or from a file, anywhere in it, a block at a time.
final class EncodedReader {
  let size: Int
  var position = 0
  private let bytes: [UInt8]
  private let file: File?
  private var block: [UInt8] = []
  private var blockStart = 0
  /// What the operating system refused, which the decoding libraries cannot tell.
  private(set) var failure: Failure?

  init(_ audio: EncodedAudio) throws {
    switch audio.storage {
    case .bytes(let bytes):
      self.bytes = bytes
      file = nil
      size = bytes.count
    case .file(let path, _):
      let file = try EncodedAudio.naming(audio.name) { try File.reading(path) }
      self.file = file
      size = try file.size()
      bytes = []
    }
  }

  /// Copies up to `count` bytes; 0 is the end.
  func read(into target: UnsafeMutableRawPointer, count: Int) -> Int {
    let wanted = max(0, min(count, size - position))
    var done = 0
    while done < wanted {
      let part =
        file == nil
        ? copy(from: bytes, at: position, to: target + done, count: wanted - done)
        : copy(from: block, at: position - blockStart, to: target + done, count: wanted - done)
      if part == 0, !fill() { break }
      done += part
      position += part
    }
    return done
  }

  /// The bytes from `offset`, up to `count`; the position stays.
  func bytes(at offset: Int, count: Int) -> [UInt8] {
    let before = position
    defer { position = before }
    position = offset
    return [UInt8](unsafeUninitializedCapacity: max(0, min(count, size - offset))) { buffer, got in
      got = buffer.isEmpty ? 0 : read(into: buffer.baseAddress!, count: buffer.count)
    }
  }

  private func copy(from source: [UInt8], at offset: Int, to target: UnsafeMutableRawPointer, count: Int) -> Int {
    guard offset >= 0, offset < source.count else { return 0 }
    let part = min(count, source.count - offset)
    source.withUnsafeBytes { _ = memcpy(target, $0.baseAddress! + offset, part) }
    return part
  }

  /// Reads the block at the position; false if nothing is there.
  private func fill() -> Bool {
    guard let file else { return false }
    blockStart = position
    block = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
      while true {
        let got = pread(file.descriptor, buffer.baseAddress!, buffer.count, off_t(position))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = Failure.system("read", path: file.path) }
        count = max(0, got)
        return
      }
    }
    return !block.isEmpty
  }
}
