import FileIO
import Glibc

/// The bytes of an archive as libarchive asks for them: a file that can be sought in, a pipe, or a member of another
/// archive. Gzip is undone here.
final class ArchiveInput {
  private let source: any ByteSource
  /// The source if it is a file or a pipe.
  let file: File?
  /// Nil for a pipe.
  let size: Int?
  /// Bytes that were read from the file before it came here.
  private var head: [UInt8]
  /// How many of them have been handed out.
  private var headOffset = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
  private(set) var position = 0
  /// Whether it has ended without a byte.
  private(set) var isEmpty = false
  /// What the operating system refused, which libarchive cannot tell.
  private(set) var failure: Failure?
  /// Each undoes what the one before hands out.
  private var gunzips: [Gunzip] = []
  /// More than once is a mistake that occurs; without end are files made to do harm.
  private static let maximumGunzips = 4
  /// Whether it is known that the last of them does not hand out gzip.
  private var isInnermost = false
  /// The first bytes of the file, up to 64.
  private(set) var firstBytes: [UInt8] = []
  /// What ends the reading of gzip before its end: to libarchive it is an end like any other, so that it hands out all
  /// that came before.
  var damage: Failure? { gunzips.lazy.compactMap(\.damage).first }

  /// As it was read from the source, until more is.
  private(set) var lastBlock = UnsafeRawBufferPointer(start: nil, count: 0)
  /// What has been read so far, if it is to be read again.
  private(set) var recorded: [UInt8] = []
  private let isRecorded: Bool
  private let onRead: ((UnsafeRawBufferPointer) throws -> Void)?

  /// - Parameter onRead: sees each block that is read.
  init(
    _ source: any ByteSource, head: [UInt8], onRead: ((UnsafeRawBufferPointer) throws -> Void)? = nil,
    isRecorded: Bool = false
  ) throws {
    self.isRecorded = isRecorded
    self.onRead = onRead
    self.source = source
    self.head = head
    file = source as? File
    let status = try file?.status()
    // A file redirected to standard input may stand anywhere: it is read like a pipe.
    let isRegular = status.map { $0.st_mode & S_IFMT == S_IFREG } == true && file?.descriptor != STDIN_FILENO
    size = isRegular ? status.map { Int($0.st_size) } : nil
  }

  deinit { buffer.deallocate() }

  /// Whether libarchive may go to any place; to be asked before the first block is read, and after ``begin()``.
  var isSeekable: Bool { size != nil && head.isEmpty && !isRecorded && gunzips.isEmpty }

  /// Looks at the first bytes, before anything is read.
  func begin() -> Bool {
    reading {
      firstBytes = try peek(64)
      if firstBytes.starts(with: Gunzip.magic) {
        gunzips = [try Gunzip { [unowned self] in try nextBlock() }]
      }
      return true
    } ?? false
  }

  private func peek(_ wanted: Int) throws -> [UInt8] {
    if let file, size != nil, head.isEmpty {
      let place = lseek(file.descriptor, 0, SEEK_CUR)
      return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        count = max(0, pread(file.descriptor, buffer.baseAddress, wanted, place))
      }
    }
    while head.count < wanted {
      let count = try source.read(into: buffer)
      if count == 0 { break }
      head += buffer[..<count]
    }
    return Array(head.prefix(wanted))
  }

  /// The next block; nil if reading failed, empty at the end.
  func read() -> UnsafeRawBufferPointer? { reading { try plainBlock() } }

  private func reading<Result>(_ body: () throws -> Result) -> Result? {
    do { return try body() } catch {
      failure = error as? Failure
      return nil
    }
  }

  private func plainBlock() throws -> UnsafeRawBufferPointer {
    guard let last = gunzips.last else { return try nextBlock() }
    let block = try last.next()
    guard !isInnermost, gunzips.count < Self.maximumGunzips, block.starts(with: Gunzip.magic) else {
      isInnermost = true
      return block
    }
    var first: UnsafeRawBufferPointer? = block
    gunzips.append(
      try Gunzip {
        defer { first = nil }
        return try first ?? last.next()
      })
    return try plainBlock()
  }

  private func nextBlock() throws -> UnsafeRawBufferPointer {
    let block = try readBlock()
    lastBlock = block
    try onRead?(block)
    if isRecorded { recorded += block }
    return block
  }

  private func readBlock() throws -> UnsafeRawBufferPointer {
    if !head.isEmpty {
      let count = min(head.count - headOffset, buffer.count)
      head.withUnsafeBytes {
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[headOffset...].prefix(count)))
      }
      headOffset += count
      if headOffset == head.count { head = [] }
      position += count
      return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
    let count = try source.read(into: buffer)
    if count == 0, position == 0 { isEmpty = true }
    position += count
    return UnsafeRawBufferPointer(rebasing: buffer[..<count])
  }

  /// Skips up to `count` bytes, never beyond the end, where a cut archive would go unnoticed.
  func skip(_ count: Int) -> Int {
    guard isSeekable, let file, let size else { return 0 }
    let step = max(0, min(count, size - position))
    guard step > 0, lseek(file.descriptor, off_t(step), SEEK_CUR) >= 0 else { return 0 }
    position += step
    return step
  }

  func seek(_ offset: Int, _ whence: CInt) -> Int {
    guard let file else { return -1 }
    let reached = lseek(file.descriptor, off_t(offset), whence)
    if reached >= 0 { position = reached }
    return reached
  }

  /// Reads what follows the end of the archive: gzip's to its end, where the checksum stands, and of a pipe all, so that
  /// the program which writes it can finish in peace.
  ///
  /// - Parameter look: sees each block.
  func drain(_ look: (UnsafeRawBufferPointer) -> Void = { _ in }) {
    guard size == nil || !gunzips.isEmpty else { return }
    var rest = onRead == nil && gunzips.isEmpty ? 1 << 24 : Int.max
    while rest > 0, let block = read(), !block.isEmpty {
      look(block)
      rest -= block.count
    }
  }
}

/// Runs `body` with UTF-8 as this thread's character set, whatever the user's locale: libarchive converts member names
/// through it.
func withUTF8Names<T>(_ body: () throws -> T) rethrows -> T {
  guard let locale = utf8Locale else { return try body() }
  let previous = uselocale(locale)
  defer { uselocale(previous) }
  return try body()
}

// A locale object may be used by many threads at once.
nonisolated(unsafe) private let utf8Locale: locale_t? = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
