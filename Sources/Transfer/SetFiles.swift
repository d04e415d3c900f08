import Archives
import FileIO

/// Files of labelled sentences by their names: those of a folder, of an archive, or single ones, also compressed.
public struct SetFiles: Sendable {
  /// A file as it was found.
  public struct Found: Sendable {
    /// For messages.
    public var path: String
    /// Its name without folders, and without what says how it is kept (`mr` of `mr.tsv.gz`).
    public var stem: String
    public var bytes: [UInt8]
  }

  public private(set) var files: [Found] = []
  /// Files of a folder or archive that are no such lists by their names.
  public private(set) var passed: [String] = []

  /// Larger files are no lists of sentences, in bytes.
  private static let limit = 1 << 28
  private static let endings = [".tsv", ".txt", ".tab"]
  private static let compressions = [".gz", ".zst", ".bz2", ".xz", ".lz4"]

  public init() {}

  /// Adds a file, an archive's members or a folder's files, whose names end with `.tsv`, `.txt` or `.tab`, perhaps compressed.
  public mutating func add(_ path: String) throws {
    guard Folder.kind(of: path) == .folder else { return try addFile(path, isNamed: true) }
    let count = files.count
    for raw in try Folder.rawNames(in: path) {
      guard let name = String(validating: raw, as: UTF8.self) else {
        passed.append("\(path)/\(shown(raw))")
        continue
      }
      let inner = "\(path)/\(name)"
      guard Folder.kind(of: inner) == .file, Self.isList(name) else {
        passed.append(inner)
        continue
      }
      try addFile(inner, isNamed: false)
    }
    guard files.count > count else {
      throw Failure(
        .badInput, path: path, "no file of labelled sentences",
        hint: "their names end with \(Self.endings.joined(separator: ", ")), perhaps compressed")
    }
  }

  private mutating func addFile(_ path: String, isNamed: Bool) throws {
    let file = try File.reading(path)
    let head = try [UInt8](unsafeUninitializedCapacity: 512) { buffer, count in
      count = try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard ArchiveMembers.isArchive(head: head) else {
      let bytes = try head + file.remainder(limit: Self.limit)
      return files.append(Found(path: path, stem: Self.stem(path), bytes: bytes))
    }
    let members = try ArchiveMembers(file, head: head, allowsText: true)
    let count = files.count
    var passed: [String] = []
    while let member = try members.next(
      limit: Self.limit,
      where: { name in
        let isList = Self.isList(Folder.name(of: name))
        if !isList { passed.append("\(path): \(name)") }
        return isList
      })
    {
      files.append(
        Found(
          path: member.path.map { "\(path): \($0)" } ?? path, stem: Self.stem(member.path ?? path), bytes: member.bytes)
      )
    }
    self.passed += passed
    guard files.count > count else {
      throw Failure(
        .badInput, path: path, "the archive holds no file of labelled sentences",
        hint: "their names end with \(Self.endings.joined(separator: ", "))")
    }
  }

  /// Hidden files, such as those that other systems put beside each file, are none.
  private static func isList(_ name: String) -> Bool {
    let name = uncompressed(name).asciiLowercased
    return !name.begins(with: ".") && endings.contains { name.ends(with: $0) }
  }

  private static func uncompressed(_ name: String) -> String {
    let lower = name.asciiLowercased
    return compressions.first { lower.ends(with: $0) }.map { String(name.dropping(last: $0.utf8.count)) } ?? name
  }

  private static func stem(_ path: String) -> String {
    let name = uncompressed(Folder.name(of: path))
    let lower = name.asciiLowercased
    return endings.first { lower.ends(with: $0) }.map { String(name.dropping(last: $0.utf8.count)) } ?? name
  }
}
