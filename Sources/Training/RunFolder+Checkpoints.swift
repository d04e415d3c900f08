import FileIO

extension RunFolder {
  /// `0000400.safetensors`
  public static func checkpointName(update: Int) -> String {
    let digits = "\(update)"
    return String(repeating: "0", count: max(0, 7 - digits.count)) + digits + ".safetensors"
  }

  public func checkpointPath(update: Int) -> String { "\(path)/checkpoints/\(Self.checkpointName(update: update))" }

  /// Where the beginning of an update lies that was stopped between its batches.
  var accumulationPath: String { "\(path)/accumulation.safetensors" }

  /// The newest checkpoint.
  public func latest() throws -> String? { try Self.latest(in: path) }

  /// The checkpoint that a path means: a file is itself, a run's folder means its best one, or else its latest.
  public static func checkpoint(at path: String) throws -> String {
    guard Folder.kind(of: path) == .folder else { return path }
    guard let checkpoint = try named("best", in: path) ?? latest(in: path) else {
      throw Failure(
        .badInput, path: path, "no checkpoint in this folder", hint: "cpc-train writes them to RUN/checkpoints")
    }
    return checkpoint
  }

  /// What the file `latest` names, or else the newest checkpoint there is: a process may end before it names its first,
  /// and files get lost when folders are copied.
  static func latest(in path: String) throws -> String? {
    if let named = try named("latest", in: path) { return named }
    return try updates(in: path).last.map { "\(path)/checkpoints/\(checkpointName(update: $0))" }
  }

  /// The newest checkpoint of an update before `update`.
  func checkpoint(before update: Int) throws -> String? {
    try Self.updates(in: path).last { $0 < update }.map(checkpointPath)
  }

  /// The newest of all checkpoints but `damaged` whose bytes are as they were written.
  func intactCheckpoint(besides damaged: String) throws -> String? {
    try Self.updates(in: path).reversed().map(checkpointPath).first {
      $0 != damaged && (try? Checkpoint(opening: $0))?.digest != nil
    }
  }

  /// The updates of finished checkpoints, ascending.
  public static func updates(in path: String) throws -> [Int] {
    let folder = "\(path)/checkpoints"
    guard Folder.kind(of: folder) == .folder else { return [] }
    return try Folder.names(in: folder).compactMap(update(ofCheckpoint:)).sorted()
  }

  /// The update of a checkpoint's name; nil if it is not one that ``checkpointName(update:)`` gives. Nothing else in the
  /// folder is ever touched: it is not ours.
  private static func update(ofCheckpoint name: String) -> Int? {
    guard let update = Int(name.prefix { $0 != "." }), update >= 0,
      name.utf8.elementsEqual(checkpointName(update: update).utf8)
    else { return nil }
    return update
  }

  static func isCheckpoint(_ name: String) -> Bool { update(ofCheckpoint: name) != nil }

  /// The path of the checkpoint that the file `name` names; nil if there is no such file, or nothing in it.
  static func named(_ name: String, in path: String) throws -> String? {
    let file = "\(path)/\(name)"
    guard Folder.kind(of: file) != nil else { return nil }
    return String(decoding: try File.contents(of: file), as: UTF8.self).split(separator: "\n").first
      .map { "\(path)/\($0)" }
  }

  /// Makes what was logged durable, so that no checkpoint knows more than the log.
  public func synchronizeLog() throws { try log.synchronize() }

  /// Names `update` as the latest checkpoint and `best` as the best, and removes those that are no longer wanted: all
  /// but these two and the last `keep` of those that `scheduled` is true for.
  public func publish(update: Int, best: Int?, keep: Int, scheduled: (Int) -> Bool) throws {
    if let best { try point("best", to: best) }
    try point("latest", to: update)
    let updates = try Self.updates(in: path).filter { $0 <= update }
    let wanted = Set([update] + (best.map { [$0] } ?? []) + updates.filter(scheduled).suffix(keep))
    let folder = "\(path)/checkpoints"
    for name in try Folder.names(in: folder) {
      guard let update = Self.update(ofCheckpoint: name.withoutPartial) else { continue }
      // Of a checkpoint that is being written nothing is left by now, but for what a killed process left.
      if name != name.withoutPartial || !wanted.contains(update) { try Folder.remove(file: "\(folder)/\(name)") }
    }
  }

  private func point(_ name: String, to update: Int) throws {
    let text = "checkpoints/\(Self.checkpointName(update: update))\n"
    let file = "\(path)/\(name)"
    if Folder.kind(of: file) == .file, try File.contents(of: file) == Array(text.utf8) { return }
    try writeAtomically(to: file) { try $0.write(text) }
  }
}

// MARK: - When something is wrong

extension RunFolder {
  /// Opens a checkpoint. An error says which other one is good.
  func open(_ checkpoint: String) throws -> Checkpoint {
    do { return try Checkpoint(opening: checkpoint) } catch var failure as Failure {
      if let good = try intactCheckpoint(besides: checkpoint) {
        failure.hint =
          "\(good) is intact: write checkpoints/\(Folder.name(of: good)) into \(path)/latest to go on from it"
      } else {
        failure.hint = "no other checkpoint of \(path) is intact"
      }
      throw failure
    }
  }

  /// Throws if there is no room for a checkpoint of so many bytes: better now than after the first updates.
  func requireSpace(forCheckpoint size: Int) throws {
    let free = try Folder.freeSpace(at: path)
    guard free <= size else { return }
    throw Failure(
      .noSpace, path: path, "a checkpoint takes \(mebibytes(size)), the disk has \(mebibytes(free)) free",
      hint: "free some space and rerun")
  }

  /// An error of the file system in the making of a checkpoint, with the figures.
  func explained(_ error: any Error, checkpointSize size: Int) -> any Error {
    guard var failure = error as? Failure, failure.isOfSystem else { return error }
    let free = (try? Folder.freeSpace(at: path)).map { ", the disk has \(mebibytes($0)) free" } ?? ""
    let last = (try? latest()).flatMap { $0 }.map { "the last checkpoint is \($0)" } ?? "there is no checkpoint yet"
    failure.hint = [failure.hint, "a checkpoint takes \(mebibytes(size))\(free); \(last)"].compactMap { $0 }
      .joined(separator: "; ")
    return failure
  }
}

private func mebibytes(_ bytes: Int) -> String { "\((10 * Double(bytes) / 0x1p20).rounded() / 10) MiB" }
