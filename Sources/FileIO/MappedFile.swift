import CMapGuard
import Glibc

/// A file mapped read-only for as long as this object lives; its bytes are seen through closures, so that nobody reads
/// them after it has gone.
///
/// Callers compare ``count`` with what the file should hold before they read. A file that is cut short after that kills
/// the process (SIGBUS) unless it has chosen ``failOnFaults(named:)`` or ``rememberFaults()``.
public final class MappedFile: @unchecked Sendable {
  public let path: String
  private let bytes: UnsafeRawBufferPointer
  public var count: Int { bytes.count }
  private let guardSlot: CInt
  private let file: (device: dev_t, inode: ino_t)

  public init(_ path: String) throws {
    let file = try File.reading(path)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(.badInput, path: path, "not a regular file") }
    let size = Int(status.st_size)
    self.path = path
    self.file = (status.st_dev, status.st_ino)
    if size == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      guardSlot = -1
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor, 0), address != MAP_FAILED else {
      throw Failure.system("map its \(size) bytes", path: path)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
    guardSlot = cmap_add(address, size, path)
  }

  deinit {
    cmap_remove(guardSlot)
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }

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

// MARK: - Files that are cut short while they are mapped

extension MappedFile {
  private static let fault = "cut short, or its disk failed, while it was being read"

  /// From now on, a page that cannot be read ends the process with status 1 and a line that names the file: for tools
  /// whose results nobody takes for whole unless they end well. To be called once, by a tool.
  public static func failOnFaults(named tool: String) {
    cmap_fail(strdup("\(tool): error: "), strdup(": \(fault)\n"))
  }

  /// From now on, a page that cannot be read becomes one of zeros, and ``checkFaults()`` throws. For whoever has something
  /// to save first, and asks before anything is made of what was read.
  public static func rememberFaults() { cmap_remember() }

  /// Throws if a page of any mapped file could not be read.
  public static func checkFaults() throws {
    guard let path = cmap_fault() else { return }
    throw Failure(.corrupt, path: String(cString: path), fault)
  }

  /// Throws if the file is shorter than it was when it was mapped: what is missing in its last page reads as zeros. A
  /// file that has another of its name in its place is still whole.
  public func checkSize() throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode,
      status.st_size < bytes.count
    else { return }
    throw Failure(
      .corrupt, path: path, "cut short while it was being read: \(status.st_size) bytes of \(bytes.count) are left")
  }
}
