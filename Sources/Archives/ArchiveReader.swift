import CArchive
public import FileIO
import Glibc

/// One member of an archive.
public struct ArchiveMember: Sendable {
  public enum Kind: Sendable { case file, folder, link, other }

  /// As ``shown(_:)`` makes it where the name is not UTF-8.
  public var path: String
  public var isUTF8: Bool
  public var kind: Kind
  /// Nil where the archive tells only after the data.
  public var size: Int?
  /// Of a link.
  public var target: Target?
}

/// Reads an archive once, front to back, one member at a time: tar and zip, also compressed as a whole.
public final class ArchiveReader {
  /// As the user knows it.
  public let name: String
  private let input: ArchiveInput
  private let archive: OpaquePointer
  private var entry: OpaquePointer?
  private var isOpen = false
  /// Nothing more can be read.
  public private(set) var isFinished = false
  /// What libarchive said of the next good header, after a damaged one.
  private var statusAfterDamage: CInt?
  private(set) var current: ArchiveMember?

  /// Whether what is compressed is no archive but one file.
  public var isText: Bool { archive_format(archive) & CInt(ARCHIVE_FORMAT_BASE_MASK) == CInt(ARCHIVE_FORMAT_RAW) }

  /// The first bytes of what has been found to be no archive; nil of one.
  public var foreignHead: [UInt8]? {
    archive_format(archive) == 0 && !CompressedText.isCompressed(input.firstBytes) ? input.firstBytes : nil
  }

  /// Bytes of the archive that have been read.
  public var position: Int { input.position }

  /// All that has been read, if the reader was made to keep it.
  public var recorded: [UInt8] { input.recorded }

  /// - Parameters:
  ///   - source: a file, a pipe, or an ``ArchivedArchive``.
  ///   - head: bytes already read from `source`.
  ///   - name: for messages.
  ///   - allowsText: takes anything that is compressed and no archive for a file.
  ///   - isRecorded: keeps what is read in ``recorded``.
  ///   - onRead: sees each block as it is read, and what follows the archive in a pipe.
  public init(
    _ source: any ByteSource, head: [UInt8] = [], name: String, allowsText: Bool = false, isRecorded: Bool = false,
    onRead: ((UnsafeRawBufferPointer) throws -> Void)? = nil
  ) throws {
    guard let archive = archive_read_new() else { throw Failure(.system, "no memory to read an archive") }
    self.name = name
    self.archive = archive
    input = try ArchiveInput(source, head: head, onRead: onRead, isRecorded: isRecorded)
    // Named one by one: "all" would start other programs for rare formats. Gzip is undone by the input.
    for enable in [
      archive_read_support_filter_bzip2, archive_read_support_filter_xz,
      archive_read_support_filter_lzma, archive_read_support_filter_zstd, archive_read_support_filter_lz4,
      archive_read_support_filter_compress, archive_read_support_format_tar, archive_read_support_format_gnutar,
      archive_read_support_format_zip,
    ] { _ = enable(archive) }
    if allowsText { archive_read_support_format_raw(archive) }
    // `cat a.tar b.tar` is an archive to everybody but a reader that stops at the first end mark.
    archive_read_set_option(archive, "tar", "read_concatenated_archives", "1")
  }

  deinit { archive_read_free(archive) }

  /// The next member; nil at the end. A failure is the end too (``isFinished``), but for a damaged header, which loses what
  /// it names: the next call goes on after it.
  public func next() throws -> ArchiveMember? {
    guard !isFinished else { return nil }
    current = nil
    let status = try statusAfterDamage.take() ?? nextHeader()
    switch status {
    case ARCHIVE_EOF:
      isFinished = true
      let hasMore = drain()
      if input.failure != nil || input.damage != nil { throw failure(after: nil) }
      try requireEndMarker()
      guard !hasMore else {
        throw Failure(
          .badInput, path: name, "two zip archives one after the other, of which only one can be read",
          hint: "give each by itself")
      }
      return nil
    case ARCHIVE_OK, ARCHIVE_WARN:
      current = withUTF8Names { member() }
      return current
    default:
      isFinished = true
      throw failure(after: nil)
    }
  }

  /// The data of the member that ``next()`` returned last, at most `limit` bytes.
  public func read(limit: Int) throws -> [UInt8] {
    guard let current else { throw Failure(.system, path: name, "no member to read") }
    guard archive_entry_is_encrypted(entry) == 0 else {
      throw Failure(
        .badInput, path: label(current), "encrypted: it can be read only with a password",
        hint: "unpack the archive with it, and give the folder")
    }
    if let size = current.size {
      // What pax says of sparse files is taken as it is.
      guard size >= 0 else { throw Failure(.badInput, path: label(current), at: place, "declares \(size) bytes") }
      guard size <= limit else { throw tooLong(current, limit) }
    }
    // What an archive claims is not allocated before it is there.
    var bytes = [UInt8]()
    var room = min(current.size ?? 1 << 16, 1 << 24) + 1
    while true {
      let chunk = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < room {
          let got = archive_read_data(archive, buffer.baseAddress! + count, room - count)
          if got == 0 { break }
          // To try again, as libarchive proposes for a sparse file whose parts are in disorder, would never end.
          guard got > 0 else { throw brokenData(got, current) }
          count += got
        }
      }
      let isLast = chunk.count < room
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      guard bytes.count <= limit else { throw tooLong(current, limit) }
      if isLast { break }
      room = 1 << 24
    }
    if input.damage != nil, current.size.map({ bytes.count < $0 }) ?? true {
      isFinished = true
      throw failure(after: isText ? nil : current)
    }
    if let size = current.size, bytes.count < size {
      throw Failure(.badInput, path: label(current), at: place, "only \(bytes.count) of its \(size) bytes are there")
    }
    return bytes
  }

  /// Some of the data of the member that ``next()`` returned last; 0 at its end.
  public func readSome(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    guard count > 0 || count == 0 && input.damage == nil else {
      isFinished = true
      throw failure(after: nil)
    }
    return count
  }

  /// For messages: `a.tar.gz: LibriSpeech/…/x.flac`.
  public func label(_ member: ArchiveMember?) -> String { member.map { "\(name): \($0.path)" } ?? name }

  private func open() -> Bool {
    if isOpen { return true }
    isOpen = true
    guard input.begin() else { return false }
    if input.isSeekable {
      archive_read_set_seek_callback(archive) { _, client, offset, whence in
        Int64(archiveInput(client).seek(Int(offset), whence))
      }
    }
    let client = Unmanaged.passUnretained(input).toOpaque()
    return archive_read_open2(
      archive, client, nil,
      { _, client, block in
        guard let bytes = archiveInput(client).read() else { return Int(ARCHIVE_FATAL) }
        block!.pointee = bytes.baseAddress
        return bytes.count
      },
      { _, client, count in Int64(archiveInput(client).skip(Int(count))) }, nil) == ARCHIVE_OK
  }

  private func nextHeader() throws -> CInt {
    func next() -> CInt { withUTF8Names { open() ? archive_read_next_header(archive, &entry) : ARCHIVE_FATAL } }
    var status = next()
    guard status == ARCHIVE_RETRY else { return status }
    let place = "byte \(archive_read_header_position(archive))"
    // libarchive looks for the next one that is good.
    while status == ARCHIVE_RETRY { status = next() }
    statusAfterDamage = status
    throw Failure(
      .badInput, path: name, at: place, "a damaged header: what it names, up to the next good one, is lost")
  }

  /// As ``next()``, for who looks for members by their names: what is lost is none of those that are found.
  public func nextIntact() throws -> ArchiveMember? {
    while true {
      do { return try next() } catch  where !isFinished { continue }
    }
  }

  /// Reads to the end of the source; says whether another zip archive stands before or after the one that was read.
  private func drain() -> Bool {
    guard archive_format(archive) & CInt(ARCHIVE_FORMAT_BASE_MASK) == CInt(ARCHIVE_FORMAT_ZIP) else {
      input.drain()
      return false
    }
    var zips = JoinedZips()
    // Of a pipe: what libarchive holds and has not looked at, and what follows.
    if input.size == nil {
      zips.look(input.lastBlock.suffix(max(0, input.position - Int(archive_filter_bytes(archive, 0)))))
    }
    input.drain { zips.look($0) }
    return zips.hasFound || JoinedZips.bytesBefore(input) > 0
  }

  private func member() -> ArchiveMember {
    let raw = (archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry)).map {
      UnsafeRawBufferPointer(start: $0, count: strlen($0))
    }
    let valid = raw.flatMap { String(validating: $0, as: UTF8.self) }
    let (hard, symbolic) = (archive_entry_hardlink(entry), archive_entry_symlink(entry))
    let kind: ArchiveMember.Kind =
      if hard != nil || symbolic != nil { .link } else {
        switch archive_entry_filetype(entry) {
        case S_IFREG: .file
        case S_IFDIR: .folder
        default: .other
        }
      }
    return ArchiveMember(
      path: valid ?? raw.map { shown($0) } ?? "?", isUTF8: valid != nil, kind: kind,
      size: archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil,
      target: (hard ?? symbolic).map { .init(path: String(cString: $0), isSymbolic: hard == nil) })
  }

  /// A tar file ends with blocks of zero bytes (POSIX pax, "ustar Interchange Format"): one cut between two members is
  /// told only by their absence.
  private func requireEndMarker() throws {
    let isTar = archive_format(archive) & CInt(ARCHIVE_FORMAT_BASE_MASK) == CInt(ARCHIVE_FORMAT_TAR)
    guard isTar, archive_filter_bytes(archive, 0) <= archive_read_header_position(archive) else { return }
    throw Failure(.badInput, path: name, at: place, "the archive ends without its end marker: it was cut short")
  }

  private func brokenData(_ status: Int, _ member: ArchiveMember) -> Failure {
    if status <= Int(ARCHIVE_FATAL) { isFinished = true }
    return failure(after: member)
  }

  private func tooLong(_ member: ArchiveMember, _ limit: Int) -> Failure {
    Failure(.badInput, path: label(member), "longer than the \(limit) bytes that make sense here")
  }

  private var place: String { "byte \(input.position)\(input.size.map { " of \($0)" } ?? "")" }

  private static let readable = "tar, tar compressed with gzip, zstd, bzip2 or xz, and zip can be read"

  private func failure(after member: ArchiveMember?) -> Failure {
    if var failure = input.failure {
      failure.path = name
      failure.position = place
      return failure
    }
    if input.isEmpty { return Failure(.badInput, path: name, "the file is empty") }
    let cut = "\(isText || archive_format(archive) == 0 ? "the file" : "the archive") is cut short or damaged"
    if var damage = input.damage {
      damage.path = label(member)
      damage.position = place
      damage.reason = "\(cut): \(damage.reason)"
      return damage
    }
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "the archive is damaged"
    if archive_format(archive) == 0 {
      // EILSEQ: what has been unpacked, as far as it could be, is of no known format. Of gzip it is known that it could.
      let isCompressed = CompressedText.isCompressed(input.firstBytes)
      if isCompressed, archive_errno(archive) != EILSEQ {
        return Failure(.badInput, path: name, at: place, "\(cut): \(reason)")
      }
      if isCompressed, !input.firstBytes.starts(with: Gunzip.magic) {
        return Failure(.badInput, path: name, at: place, "not a corpus archive, or cut short", hint: Self.readable)
      }
      return Failure(
        .badInput, path: name, "not a corpus archive", hint: Self.readable)
    }
    if reason.contains("nsupported ZIP compression method") || reason.contains("ompression method not supported") {
      return Failure(
        .badInput, path: label(member), "packed in a way that is not read: \(reason)",
        hint: "unpack the archive with 7z or unzip, and give the folder")
    }
    return Failure(.badInput, path: label(member), at: place, "\(cut): \(reason)")
  }
}

private func archiveInput(_ client: UnsafeMutableRawPointer?) -> ArchiveInput {
  Unmanaged<ArchiveInput>.fromOpaque(client!).takeUnretainedValue()
}
