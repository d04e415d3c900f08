import CArchive
import FileIO
import Glibc

/// Writes archives for tests with libarchive.
public enum ArchiveFile {
  public enum Format: Sendable, CaseIterable { case ustar, gnuTar, pax, zip }
  public enum Compression: Sendable, CaseIterable { case none, gzip, zstd, bzip2, xz }

  public struct Member: Sendable {
    /// The name's bytes: UTF-8, or not.
    public var name: [UInt8]
    public var bytes: [UInt8]
    /// What a link points at; nil is a file.
    public var link: String?
    public var isHard = false

    public init(_ name: String, linkedTo link: String, isHard: Bool = false) {
      self.init(name, [])
      self.link = link
      self.isHard = isHard
    }

    public init(_ name: String, _ bytes: [UInt8]) { self.init(rawName: Array(name.utf8), bytes) }

    public init(rawName: [UInt8], _ bytes: [UInt8]) {
      name = rawName
      self.bytes = bytes
    }

    /// The name, repaired where it is not UTF-8.
    public var path: String { String(decoding: name, as: UTF8.self) }
  }

  public static func write(
    _ members: [Member], to path: String, format: Format = .ustar, compression: Compression = .none
  ) throws {
    guard let archive = archive_write_new() else { throw Failure(.system, "no memory") }
    defer { archive_write_free(archive) }
    let setFormat =
      switch format {
      case .ustar: archive_write_set_format_ustar
      case .gnuTar: archive_write_set_format_gnutar
      case .pax: archive_write_set_format_pax
      case .zip: archive_write_set_format_zip
      }
    let addFilter =
      switch compression {
      case .none: archive_write_add_filter_none
      case .gzip: archive_write_add_filter_gzip
      case .zstd: archive_write_add_filter_zstd
      case .bzip2: archive_write_add_filter_bzip2
      case .xz: archive_write_add_filter_xz
      }
    try require(setFormat(archive), archive)
    try require(addFilter(archive), archive)
    if format == .zip { try require(archive_write_set_options(archive, "zip:compression=store"), archive) }
    try require(archive_write_open_filename(archive, path), archive)
    for member in members { try add(member, to: archive) }
    try require(archive_write_close(archive), archive)
  }

  private static func add(_ member: Member, to archive: OpaquePointer) throws {
    guard let entry = archive_entry_new() else { throw Failure(.system, "no memory") }
    defer { archive_entry_free(entry) }
    // With UTF-8 names known as such, zip and pax mark them as UTF-8.
    if let name = String(validating: member.name, as: UTF8.self) {
      archive_entry_set_pathname_utf8(entry, name)
    } else {
      (member.name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
        archive_entry_copy_pathname(entry, $0.baseAddress)
      }
    }
    archive_entry_set_size(entry, Int64(member.bytes.count))
    archive_entry_set_filetype(entry, UInt32(member.link == nil || member.isHard ? 0o100000 : 0o120000))
    if let link = member.link {
      member.isHard ? archive_entry_set_hardlink(entry, link) : archive_entry_set_symlink(entry, link)
    }
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 1_400_000_000, 0)
    try utf8 { try require(archive_write_header(archive, entry), archive) }
    let written = member.bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
    guard written == member.bytes.count else { throw Failure(.system, "the archive took \(written) bytes") }
  }

  private static func utf8<T>(_ body: () throws -> T) rethrows -> T {
    let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
    let previous = uselocale(locale)
    defer {
      uselocale(previous)
      freelocale(locale)
    }
    return try body()
  }

  private static func require(_ status: CInt, _ archive: OpaquePointer) throws {
    guard status >= ARCHIVE_WARN else {
      throw Failure(.system, archive_error_string(archive).map { String(cString: $0) } ?? "status \(status)")
    }
  }
}
