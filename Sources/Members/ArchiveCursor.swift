package import Archives
import FileIO

/// An archive from which the lines of a manifest take members in the archive's order.
package final class ArchiveCursor {
  package let source: String
  private let reader: ArchiveReader
  /// An archive in the archive at which the reader stands: paths in it begin with its own.
  private var inner: (reader: ArchiveReader, path: String)?
  /// The member that was served last: several lines may cut pieces out of it.
  private var served: (member: String, audio: EncodedFile)?
  /// A member that the reader stands at and that a later line wants.
  private var held: ArchiveMember?
  private var damage: Failure?
  /// The archive in the archive that was read last, once nothing more comes of it, and what was wrong with it.
  private var finished: (path: String, damage: Failure?)?
  private let links: ArchiveLinks

  package init(source: String, path: String) throws {
    self.source = source
    reader = try ArchiveReader(try File.reading(path), name: path)
    links = ArchiveLinks(name: path, path: path)
  }

  /// The audio of `member`; a `Failure` of kind `badInput` if it does not come before one that `isWantedLater`, an archive
  /// in the archive if something in it is.
  package func audio(of member: String, isWantedLater: (String) throws -> Bool) throws -> EncodedFile {
    if let served, isSame(served.member, member) { return served.audio }
    try requireNotFinished(member)
    while let found = try advance(to: member) {
      let mayBeAudio = found.kind == .file || found.kind == .link
      if isSame(found.path, member), mayBeAudio {
        held = nil
        let limit = EncodedFile.limit
        let bytes =
          if let inner { try inner.reader.read(limit: limit) } else {
            try found.kind == .link ? links.read(found, limit: limit) : reader.read(limit: limit)
          }
        let audio = EncodedFile(name: reader.label(found), bytes: bytes)
        served = (member, audio)
        return audio
      }
      if mayBeAudio, try isWantedLater(found.path) {
        held = found
        throw missing(member, "does not come before \(found.path)")
      }
      held = nil
    }
    if let damage { throw damage }
    throw missing(member, "does not come in the rest of the archive")
  }

  /// Gives up memory while lines take from other archives.
  package func rest() { if let served, served.audio.byteCount > 1 << 24 { self.served = nil } }

  private func advance(to wanted: String) throws -> ArchiveMember? {
    if let held, inner != nil || !wanted.begins(with: held.path + "/") { return held }
    while true {
      if let found = nextOfInner() { return found }
      // The next archive in the archive is not for what this one does not have.
      try requireNotFinished(wanted)
      guard let found = try held ?? nextOfOuter() else { return nil }
      held = nil
      guard found.kind == .file, wanted.begins(with: found.path + "/") else { return found }
      let label = reader.label(found)
      do { inner = (try ArchiveReader(ArchivedArchive(in: reader, path: label), name: label), found.path) } catch {
        finished = (found.path, asBadInput(error))
      }
    }
  }

  private func nextOfInner() -> ArchiveMember? {
    guard let (reader, path) = inner else { return nil }
    do {
      if var found = try reader.nextIntact() {
        found.path = "\(path)/\(found.path)"
        return found
      }
      finished = (path, nil)
    } catch { finished = (path, asBadInput(error)) }
    inner = nil
    return nil
  }

  private func nextOfOuter() throws -> ArchiveMember? {
    do { return try reader.nextIntact() } catch {
      damage = asBadInput(error)
      return nil
    }
  }

  private func requireNotFinished(_ member: String) throws {
    guard let finished, member.begins(with: finished.path + "/") else { return }
    throw finished.damage ?? missing(member, "does not come in the rest of the archive")
  }

  private func missing(_ member: String, _ reason: String) -> Failure {
    Failure(
      .badInput, path: "\(reader.name): \(member)", reason,
      hint: "an archive is read once, front to back: lines must keep its order")
  }
}
