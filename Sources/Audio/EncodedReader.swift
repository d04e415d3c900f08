import Archives
import FileIO
import Glibc

/// Reads encoded audio from memory or from a file, anywhere in it, a block at a time: the whole of it, or a stretch that
/// is a file of its own to whoever reads it.
final class EncodedReader {
  /// Of the stretch.
  let size: Int
  var position = 0
  /// Bytes that are read in place of those in the file, by their place in the stretch: headers that are put right.
  var patches: [(offset: Int, bytes: [UInt8])] = []
  private let start: Int
  /// Zeros at the end that are not in the file.
  private let zeros: Int
  private let bytes: [UInt8]
  private let file: File?
  private var block: [UInt8] = []
  private var blockStart = 0
  /// What the operating system refused, which the decoding libraries cannot tell.
  private(set) var failure: Failure?

  init(_ encoded: EncodedFile) throws {
    start = 0
    zeros = 0
    switch encoded.storage {
    case .bytes(let bytes):
      self.bytes = bytes
      file = nil
      size = bytes.count
    case .file(let path, _):
      let file = try encoded.naming { try File.reading(path) }
      self.file = file
      size = try file.size()
      bytes = []
    }
  }

  /// A stretch of another reader's, which does not follow that reader's patches.
  private init(_ whole: EncodedReader, _ range: Range<Int>, _ zeros: Int) {
    bytes = whole.bytes
    file = whole.file
    start = whole.start + range.lowerBound
    size = range.count + zeros
    self.zeros = zeros
  }

  /// The bytes in `range` as a file of their own, with so many zeros after them.
  func stretch(_ range: Range<Int>, zeros: Int = 0) -> EncodedReader { EncodedReader(self, range, zeros) }

  /// Copies up to `count` bytes; 0 is the end.
  func read(into target: UnsafeMutableRawPointer, count: Int) -> Int {
    let wanted = max(0, min(count, size - position))
    let stored = max(0, min(wanted, size - zeros - position))
    let first = position
    var done = 0
    while done < stored {
      let part =
        file == nil
        ? copy(from: bytes, at: start + position, to: target + done, count: stored - done)
        : copy(from: block, at: position - blockStart, to: target + done, count: stored - done)
      if part == 0, !fill() { break }
      done += part
      position += part
    }
    if done == stored, wanted > stored {
      memset(target + done, 0, wanted - stored)
      position += wanted - stored
      done = wanted
    }
    for patch in patches {
      let common = (patch.offset..<(patch.offset + patch.bytes.count)).clamped(to: first..<(first + done))
      for place in common {
        target.storeBytes(of: patch.bytes[place - patch.offset], toByteOffset: place - first, as: UInt8.self)
      }
    }
    return done
  }

  /// The bytes from `offset`, up to `count`; the position stays.
  func bytes(at offset: Int, count: Int) -> [UInt8] {
    guard offset >= 0 else { return [] }
    let before = position
    defer { position = before }
    position = offset
    return [UInt8](unsafeUninitializedCapacity: max(0, min(count, size - offset))) { buffer, got in
      got = buffer.isEmpty ? 0 : read(into: buffer.baseAddress!, count: buffer.count)
    }
  }

  /// Whether `text` stands at `offset`.
  func has(_ text: String, at offset: Int) -> Bool {
    offset >= 0 && bytes(at: offset, count: text.utf8.count).elementsEqual(text.utf8)
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
        let got = pread(file.descriptor, buffer.baseAddress!, buffer.count, off_t(start + position))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = Failure.system("read", path: file.path) }
        count = max(0, got)
        return
      }
    }
    return !block.isEmpty
  }
}

/// A whole number of any number of bytes, without sign.
func number(_ bytes: some Sequence<UInt8>, isBigEndian: Bool) -> Int {
  (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
}

/// The `count` bytes of a whole number without sign.
func bytes(of number: Int, count: Int, isBigEndian: Bool) -> [UInt8] {
  let ascending = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  return isBigEndian ? ascending.reversed() : ascending
}
