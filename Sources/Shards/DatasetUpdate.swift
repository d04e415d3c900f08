import FileIO
import Glibc
import Safetensors

/// A finished dataset while something is added or taken away: locked, with its card. What the card says is the state of
/// the dataset, so every change is one replacement of the card, with new files made before and old ones removed behind.
public final class DatasetUpdate {
  public let folder: String
  public private(set) var card: Card
  /// Held as long as this object lives.
  private let lock: File

  /// Waits until nobody else changes the dataset, completes a replacement that was interrupted, and removes what
  /// interrupted changes left.
  public init(_ folder: String) throws {
    _ = try Card.read(folder: folder)
    self.folder = folder
    lock = try File.open(folder, flags: O_RDONLY | O_DIRECTORY, action: "open folder")
    try lock.lock()
    card = try Card.read(folder: folder)
    for name in card.overlayNames { try settle(name) }
    try removeLeftovers()
  }

  func write(_ change: (inout Card) -> Void) throws {
    change(&card)
    try card.write(folder: folder)
  }

  // MARK: Added planes

  /// Whether a plane of this name is there. Anything else in its place is an error.
  public func has(_ name: String) throws -> Bool {
    if card.overlayNames.contains(name) { return true }
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
    try settle(overlay.name)
  }

  public func remove(overlay name: String) throws {
    guard card.overlayNames.contains(name) else {
      throw Failure(
        .badInput, path: folder, "no added plane \"\(name)\"",
        hint: card.overlayNames.isEmpty ? "nothing was added" : "there is \(card.overlayNames.joined(separator: ", "))")
    }
    let files = card.files(ofOverlay: name)
    try write { $0.remove(overlay: name) }
    for file in files { try Folder.remove(file: "\(folder)/\(file.path)") }
    try Folder.synchronize("\(folder)/shards")
  }

  /// Gives the files of a plane that has replaced another their lasting names. Until the card says so they are copies,
  /// so that whatever it says is there.
  private func settle(_ name: String) throws {
    let files = card.files(ofOverlay: name)
    guard files.contains(where: { Overlay.parse($0.path)?.isNew == true }),
      let overlay = try card.overlays().first(where: { $0.name == name })
    else { return }
    var settled = files
    for i in settled.indices {
      settled[i].path = Overlay.path(shard: i, name: name)
      let bytes = try File.contents(of: "\(folder)/\(files[i].path)")
      try writeAtomically(to: "\(folder)/\(settled[i].path)") { try $0.write(bytes) }
    }
    try write { $0.insert(overlay, files: settled) }
    for file in files { try Folder.remove(file: "\(folder)/\(file.path)") }
    try Folder.synchronize("\(folder)/shards")
  }

  /// Files of planes and splits that the card does not list, if they are of our making.
  private func removeLeftovers() throws {
    let partial = ".partial"
    for name in try Folder.names(in: "\(folder)/shards") {
      let isPartial = name.hasSuffix(partial)
      let path = "shards/" + (isPartial ? String(name.dropLast(partial.count)) : name)
      guard let parsed = Overlay.parse(path), isPartial || card.file(path) == nil else { continue }
      // A header is written last: a file with another is somebody's own.
      let isOurs =
        isPartial || parsed.isNew
        || (try? SafetensorsFile(mapping: "\(folder)/\(path)")).map { Overlay.isOverlay($0.header) } == true
      if isOurs { try Folder.remove(file: "\(folder)/shards/\(name)") }
    }
    guard Folder.kind(of: "\(folder)/splits") == .folder else { return }
    for name in try Folder.names(in: "\(folder)/splits") where name.hasSuffix(".txt" + partial) {
      try Folder.remove(file: "\(folder)/splits/\(name)")
    }
  }
}
