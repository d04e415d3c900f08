import FileIO
import Safetensors

/// A finished dataset while something is added or taken away: locked, with its card. What the card says is the state of
/// the dataset, so every change is one replacement of the card, with new files made before and old ones removed after.
public final class DatasetUpdate {
  public let folder: String
  public private(set) var card: Card
  /// Held as long as this object lives.
  private let lock: FolderLock

  /// Waits until nobody else changes the dataset, completes a replacement that was interrupted, and removes what
  /// interrupted changes left.
  public init(_ folder: String) throws {
    _ = try Card.read(folder: folder)
    self.folder = folder
    lock = try FolderLock.waiting(for: folder)
    card = try Card.read(folder: folder)
    try settle()
    try removeLeftovers()
  }

  private func write(_ change: (inout Card) -> Void) throws {
    change(&card)
    try card.write(folder: folder)
  }

  /// Makes a file that is no plane part of the dataset, instead of one that has its lasting name.
  func insert(_ entry: FileEntry) throws {
    try write { card in
      card.files.removeAll { isSame($0.path, FileEntry.lastingPath(entry.path)) }
      card.insert(entry)
    }
    try settle()
  }

  // MARK: Added planes

  /// Whether a plane of this name is there. Anything else in its place is an error.
  public func has(_ name: String) throws -> Bool {
    if card.overlayNames.contains(where: { isSame($0, name) }) { return true }
    for shard in card.shards.indices {
      let path = "\(folder)/\(Overlay.path(shard: shard, name: name))"
      guard Folder.kind(of: path) == nil else {
        throw Failure(
          .exists, path: path, "a file that does not belong to the dataset is in the way", hint: "choose another name")
      }
    }
    return false
  }

  /// Makes a plane part of the dataset, instead of one of the same name.
  public func insert(_ overlay: Overlay, files: [FileEntry]) throws {
    try write { $0.insert(overlay, files: files) }
    try settle()
  }

  public func remove(overlay name: String) throws {
    guard card.overlayNames.contains(where: { isSame($0, name) }) else {
      throw Failure(
        .badInput, path: folder, "no added plane \"\(name)\"",
        hint: card.overlayNames.isEmpty ? "nothing was added" : "there is \(card.overlayNames.joined(separator: ", "))")
    }
    let files = card.files(ofOverlay: name)
    try write { $0.remove(overlay: name) }
    for file in files { try Folder.remove(file: "\(folder)/\(file.path)") }
    try Folder.synchronize("\(folder)/shards")
  }

  /// Gives files that have replaced others their lasting names. Until the card says so they are copies, so that
  /// whatever it says is there.
  private func settle() throws {
    let pending = card.files.filter { !isSame(FileEntry.lastingPath($0.path), $0.path) }
    guard !pending.isEmpty else { return }
    for entry in pending {
      let bytes = try File.contents(of: "\(folder)/\(entry.path)")
      try writeAtomically(to: "\(folder)/\(FileEntry.lastingPath(entry.path))") { try $0.write(bytes) }
    }
    try write { card in
      for i in card.files.indices { card.files[i].path = FileEntry.lastingPath(card.files[i].path) }
    }
    for entry in pending { try Folder.remove(file: "\(folder)/\(entry.path)") }
  }

  /// Half a card, and files of planes and splits that the card does not list, if they are of our making.
  private func removeLeftovers() throws {
    let partial = ".partial"
    try Folder.remove(file: "\(folder)/\(Card.fileName)\(partial)")
    let listed = Set(card.files.map { Name($0.path) })
    for parent in ["shards", "splits"] where Folder.kind(of: "\(folder)/\(parent)") == .folder {
      for name in try Folder.names(in: "\(folder)/\(parent)") {
        let isPartial = name.ends(with: partial)
        let path = "\(parent)/" + (isPartial ? String(name.dropping(last: partial.utf8.count)) : name)
        let isPlane = Overlay.parse(path) != nil
        guard isPlane || Split.name(ofPath: path) != nil, isPartial || !listed.contains(Name(path)) else { continue }
        // Names that only unfinished work has; and finished planes, which their headers tell from other people's files.
        let isOurs =
          isPartial || !isSame(FileEntry.lastingPath(path), path)
          || isPlane
            && (try? SafetensorsFile(mapping: "\(folder)/\(path)")).map { Overlay.isOverlay($0.header) } == true
        if isOurs { try Folder.remove(file: "\(folder)/\(parent)/\(name)") }
      }
    }
  }
}
