import CArchive
public import FileIO

/// A tar archive on its way to a file or a pipe: ustar, with pax headers only for names that need them. The same members
/// give the same bytes: owner 0, mode 644, time 0.
public final class TarStream {
  private let archive: OpaquePointer
  private let output: Output

  public init(_ file: File) throws {
    guard let archive = archive_write_new() else { throw Failure(.system, "no memory to write an archive") }
    self.archive = archive
    output = Output(file)
    archive_write_set_format_pax_restricted(archive)
    archive_write_set_bytes_per_block(archive, 1 << 18)
    // As tar pads: to twenty blocks.
    archive_write_set_bytes_in_last_block(archive, 10_240)
    let status = archive_write_open(
      archive, Unmanaged.passUnretained(output).toOpaque(), nil,
      { _, client, bytes, count in
        let output = Unmanaged<Output>.fromOpaque(client!).takeUnretainedValue()
        do {
          try output.file.write(UnsafeRawBufferPointer(start: bytes, count: count))
          return count
        } catch {
          output.failure = error as? Failure
          return -1
        }
      }, nil)
    try require(status)
  }

  deinit {
    // After a failure nothing more may be written.
    archive_write_fail(archive)
    archive_write_free(archive)
  }

  /// Adds a file. A failure is of kind `system` or as the output gives it.
  public func add(_ name: String, _ bytes: [UInt8]) throws {
    guard let entry = archive_entry_new() else { throw Failure(.system, "no memory to write an archive") }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_size(entry, Int64(bytes.count))
    archive_entry_set_filetype(entry, UInt32(0o100000))
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 0, 0)
    try require(archive_write_header(archive, entry))
    let written = bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
    try require(written == bytes.count ? ARCHIVE_OK : ARCHIVE_FATAL)
  }

  /// Writes the end of the archive.
  public func finish() throws { try require(archive_write_close(archive)) }

  private func require(_ status: CInt) throws {
    guard status != ARCHIVE_OK else { return }
    if let failure = output.failure { throw failure }
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "status \(status)"
    throw Failure(.system, path: output.file.path, "cannot write the archive: \(reason)")
  }

  private final class Output {
    let file: File
    /// What the operating system refused, which libarchive cannot tell.
    var failure: Failure?
    init(_ file: File) { self.file = file }
  }
}
