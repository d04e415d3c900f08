import FileIO

/// Follows the links inside an archive by reading it a second time: what a link names has mostly passed.
public final class ArchiveLinks {
  private let name: String
  private let path: String?
  private var reader: ArchiveReader?
  /// What the second reading has passed.
  private var passed: Set<SIMD2<UInt64>> = []
  private var last: (path: String, bytes: [UInt8])?

  /// - Parameters:
  ///   - name: of the archive, for messages.
  ///   - path: where it can be read again; nil for a pipe.
  public init(name: String, path: String?) {
    self.name = name
    self.path = path
  }

  /// The file that `member`, a link, stands for, at most `limit` bytes. A `Failure` of kind `badInput` says why there is
  /// none.
  public func read(_ member: ArchiveMember, limit: Int) throws -> [UInt8] {
    var link = member
    for _ in 0..<8 {
      guard let target = link.target else { break }
      func failure(_ reason: String, hint: String? = nil) -> Failure {
        Failure(.badInput, path: "\(name): \(member.path)", "a link to \(target.path), \(reason)", hint: hint)
      }
      guard path != nil else {
        throw failure(
          "which cannot be followed in a pipe", hint: "give the archive as a file, or unpack it and give the folder")
      }
      guard let place = target.place(from: link.path) else { throw failure("which is outside the archive") }
      if let last, isSame(last.path, place) { return last.bytes }
      guard let found = try find(place) else { throw failure("which the archive does not hold") }
      switch found.kind {
      case .file:
        let bytes = try reader!.read(limit: limit)
        last = (place, bytes)
        return bytes
      case .link: link = found
      case .folder, .other: throw failure("which is no file")
      }
    }
    throw Failure(.badInput, path: "\(name): \(member.path)", "a link that leads round in a circle")
  }

  /// Goes to the member at `place`.
  private func find(_ place: String) throws -> ArchiveMember? {
    if passed.contains(XXH3.key128(place)) { reader = nil }
    if reader == nil {
      reader = try ArchiveReader(try File.reading(path!), name: name)
      passed = []
    }
    while let found = try reader!.nextIntact() {
      let path = ArchiveMember.Target.tidy(found.path) ?? found.path
      passed.insert(XXH3.key128(path))
      if isSame(path, place) { return found }
    }
    return nil
  }
}

extension ArchiveMember {
  /// What a link names.
  public struct Target: Sendable {
    public var path: String
    /// Symbolic links are relative to their own folder, hard links to the archive's root.
    public var isSymbolic: Bool

    /// The member that is meant by a link at `path`; nil if it is outside the archive.
    public func place(from link: String) -> String? {
      guard isSymbolic else { return Self.tidy(path) }
      return path.utf8.first == UInt8(ascii: "/") ? nil : Self.tidy("\(Folder.parent(of: link))/\(path)")
    }

    /// Without `.` and `..`; nil if that leads out.
    public static func tidy(_ path: String) -> String? {
      var components: [Substring] = []
      for component in path.pieces(at: "/") where !component.isEmpty && component != "." {
        if component != ".." {
          components.append(component)
        } else if components.popLast() == nil {
          return nil
        }
      }
      return components.joined(separator: "/")
    }
  }
}
