import Glibc

/// A file mapped read-only for as long as this object lives; its bytes are seen through closures, so that nobody reads
/// them after it has gone.
///
/// A file that is cut short while mapped kills the process (SIGBUS), so callers compare ``count`` with what the file
/// should hold before they read.
public final class MappedFile: @unchecked Sendable {
  public let path: String
  private let bytes: UnsafeRawBufferPointer
  public var count: Int { bytes.count }

  public init(_ path: String) throws {
    let file = try File.reading(path)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(.badInput, path: path, "not a regular file") }
    let size = Int(status.st_size)
    self.path = path
    if size == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor, 0), address != MAP_FAILED else {
      throw Failure.system("map", path: path)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit { if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) } }

  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  /// Advises the kernel that a range will be read soon.
  public func willNeed(_ range: Range<Int>) {
    guard let base = bytes.baseAddress, !range.isEmpty else { return }
    let page = 4096
    let start = range.lowerBound / page * page
    madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, MADV_WILLNEED)
  }
}
