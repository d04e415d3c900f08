import Archives
public import FileIO
import Glibc

/// How alignments are to be read.
public struct LabelReading: Sendable {
  /// Nil tells it from the content, else from the name.
  public var format: LabelFormat?
  /// The grid of the labels of Kaldi and of the CPC authors, and of a CTM whose times count frames. Nil:
  /// ``FrameGrid/snipEdges`` for the former, and times as they are for a CTM.
  public var grid: FrameGrid?
  /// Kaldi's phones by their numbers.
  public var symbols: SymbolTable?
  /// Names the classes of labels that are numbers.
  public var phoneSet = PhoneSet.cmu41
  public var map = PhoneMap()
  public var tiers = LabelTiers()

  public init() {}
}

/// The alignments of a file, of an archive, or of a folder with everything below it, whatever their formats.
///
/// Files of one utterance (TextGrid, MFA's JSON) are named by its id, which may be a path: see ``LabelFileName``. Of a
/// folder, and of an archive, files are read that have the extension of a format; text files are where they begin with
/// labels of frames or with a CTM. Each may be compressed on its own (`ali.txt.gz`).
public final class LabelFiles: LabelSource {
  public let path: String
  private let reading: LabelReading
  /// Files still to be read, the next one last.
  private var files: [FoundFile] = []
  private var archive: (members: ArchiveMembers, place: String?)?
  /// The file of many utterances that is being read.
  private var current: (source: any LabelSource, place: String?, format: LabelFormat)?
  /// The track of an input that is a file of one utterance.
  private var only: LabelTrack?
  private var isAnythingRead = false
  /// Those that have been found so far, in the order of the list.
  public var formats: [LabelFormat] { LabelFormat.allCases.filter(found.contains) }
  private var found: Set<LabelFormat> = []
  public private(set) var mends = LabelMends()

  /// A file of one utterance is not larger, by far.
  private static let documentLimit = 1 << 28
  private static let memberLimit = 1 << 31
  static let cell = 160
  static let rate = 16_000

  /// - Parameter path: a file, a folder, or `-` for standard input.
  public convenience init(_ path: String, reading: LabelReading = LabelReading()) throws {
    guard !isSame(path, "-"), Folder.kind(of: path) == .folder else {
      try self.init(File.reading(path), path: path, reading: reading)
      return
    }
    self.init(files: try FoundFile.all(below: path, where: Self.isCandidate).reversed(), path: path, reading: reading)
  }

  /// - Parameter path: for messages.
  public convenience init(_ file: File, path: String, reading: LabelReading = LabelReading()) throws {
    self.init(files: [], path: path, reading: reading)
    only = try open(file, place: nil)
  }

  private init(files: [FoundFile], path: String, reading: LabelReading) {
    self.files = files
    self.path = path
    self.reading = reading
  }

  public func next() throws -> LabelTrack? {
    if let track = only {
      only = nil
      return track
    }
    while true {
      if let (source, place, format) = current {
        guard let track = try source.next() else {
          current = nil
          continue
        }
        return try finished(track, place: place, format: format)
      }
      if let track = try openNext() { return track }
      if current == nil, files.isEmpty, archive == nil { break }
    }
    guard isAnythingRead else {
      isAnythingRead = true
      throw Failure(
        .badInput, path: path, "no alignment found",
        hint: "formats are \(LabelFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return nil
  }

  /// Opens the next file or member; its track, if it has just one.
  private func openNext() throws -> LabelTrack? {
    guard let (members, place) = archive else {
      switch files.popLast() {
      case .file(let path, let place): return try open(File.reading(path), place: place)
      case .bad(let failure): throw failure
      case nil: return nil
      }
    }
    guard let member = try members.next(limit: Self.memberLimit, where: Self.isCandidate) else {
      archive = nil
      return nil
    }
    // Its bytes have all been read: what follows them is nothing.
    let label = member.path ?? place
    let rest = File(
      descriptor: Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC), path: label.map { "\(path): \($0)" } ?? path)
    return try read(rest, head: member.bytes, place: label)
  }

  /// An archive's tracks, or those of a compressed file, come later.
  private func open(_ file: File, place: String?) throws -> LabelTrack? {
    let head = try Self.head(of: file)
    guard ArchiveMembers.isArchive(head: head) else { return try read(file, head: head, place: place) }
    archive = (try ArchiveMembers(file, head: head, allowsText: true), place)
    return nil
  }

  private func read(_ file: File, head: [UInt8], place: String?) throws -> LabelTrack? {
    let name = LabelFileName.uncompressed(Folder.name(of: place ?? file.path))
    let detected = LabelFormat.detect(
      head: Array(head.prefix(1 << 16)), name: name, hasSymbols: reading.symbols != nil)
    guard let format = reading.format ?? detected else {
      // Among other files there may be texts of any kind.
      if place != nil { return nil }
      throw Failure(
        .badInput, path: file.path, head.isEmpty ? "the file is empty" : "its format is not known",
        hint: "\(setting: "label_format") is one of \(LabelFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if place != nil, reading.format == nil, name.asciiLowercased.ends(with: ".txt"), format == .kaldi,
      reading.symbols == nil
    {
      return nil
    }
    isAnythingRead = true
    found.insert(format)
    let source: any LabelSource
    switch format {
    case .jsonl: source = LabelLines(file, head: head, tiers: reading.tiers)
    case .cpc:
      let set = reading.phoneSet
      source = FrameLines(file, head: head, grid: reading.grid ?? .snipEdges) { label, failure in
        guard let number = Int(label), set.names.indices.contains(number) else {
          throw failure("\(label) is no class of \(set.name), which has 0 to \(set.names.count - 1)")
        }
        return set.names[number]
      }
    case .kaldi:
      let symbols = reading.symbols
      source = FrameLines(file, head: head, grid: reading.grid ?? .snipEdges) { label, failure in
        try symbols?.name(label, at: failure) ?? label
      }
    case .ctm: source = CTMLines(file, head: head, symbols: reading.symbols)
    case .textgrid, .mfaJSON, .timit:
      let bytes = head + (try file.remainder(limit: Self.documentLimit))
      let name = LabelFileName(place ?? Folder.name(of: file.path), given: place == nil ? file.path : nil)
      guard !name.id.hasControlCharacter else {
        throw Failure(.badInput, path: file.path, "the name holds a control character")
      }
      var track =
        switch format {
        case .textgrid: try TextGrid.read(bytes, id: name.id, path: file.path, tiers: reading.tiers)
        case .timit: try TIMITPhones.read(bytes, id: name.id, path: file.path)
        default: try AlignmentJSON.read(bytes, id: name.id, path: file.path, tiers: reading.tiers)
        }
      track.otherIDs = name.otherIDs
      // Its names may be in small letters; ids of its layout are not.
      if format == .timit { track.otherIDs += name.capitals }
      return try finished(track, place: place, format: format)
    }
    current = (source, place, format)
    return nil
  }

  private func finished(_ track: LabelTrack, place: String?, format: LabelFormat) throws -> LabelTrack {
    var track = track
    if let place { track.position = "\(place), \(track.position)" }
    do {
      if format == .ctm, let grid = reading.grid {
        track = try track.counted(on: grid, rate: Self.rate, cell: Self.cell)
      }
      track = try reading.map(track)
      mends += track.mends
      return track
    } catch var failure as Failure {
      failure.path = path
      failure.position = track.position
      throw failure
    }
  }

  // MARK: Files

  private static func head(of file: File) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      count = try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  private static let extensions = ["textgrid", "json", "jsonl", "ctm", "txt", "phn"]

  private static func isCandidate(_ path: String) -> Bool {
    let name = LabelFileName.uncompressed(Folder.name(of: path))
    guard !name.begins(with: "."), let (_, ending) = name.divided(atLast: ".") else { return false }
    return extensions.contains { isSame($0, ending.asciiLowercased) }
  }
}

/// A file below a folder that may hold labels, or one whose name cannot be used.
private enum FoundFile {
  case file(path: String, place: String)
  case bad(Failure)

  /// Each folder's names in bytewise order.
  ///
  /// - Parameter parents: the folders that hold this one, so that a link to one of them ends the way.
  static func all(
    below folder: String, in place: String = "", parents: [FolderIdentity] = [], where isCandidate: (String) -> Bool
  ) throws -> [FoundFile] {
    let identity = try FolderIdentity(folder)
    guard !parents.contains(identity) else {
      return [.bad(Failure(.badInput, path: folder, "a link to a folder that it lies in: passed over"))]
    }
    return try Folder.rawNames(in: folder).flatMap { bytes -> [FoundFile] in
      let name = shown(bytes)
      let path = "\(folder)/\(name)"
      guard String(validating: bytes, as: UTF8.self) != nil else {
        return isCandidate(name) ? [.bad(Failure(.badInput, path: path, "the name is not UTF-8"))] : []
      }
      switch Folder.kind(of: path) {
      case .folder? where !name.begins(with: "."):
        return try all(
          below: path, in: "\(place)\(name)/", parents: parents + [identity], where: isCandidate)
      case .file? where isCandidate(name): return [.file(path: path, place: place + name)]
      default: return []
      }
    }
  }
}

/// Which folder a path leads to, whatever links lie on the way.
private struct FolderIdentity: Equatable {
  private let device: dev_t
  private let number: ino_t

  init(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Failure.system("read the folder", path: path) }
    (device, number) = (status.st_dev, status.st_ino)
  }
}
