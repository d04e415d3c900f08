import FileIO
import OrderedJSON
import Shards

/// The output folder while it becomes a dataset: locked, with a hidden folder for the journal and the spool that is gone
/// when the dataset is complete.
final class Workspace {
  let dataset: String
  let journal: Journal
  let stamps: StampLog
  /// For the spool.
  let folder: String
  private let lock: FolderLock
  private let maker: any RecordMaker
  private var schema: RecordSchema { maker.schema }

  private static let folderName = ".cpc-shard"
  private static func journalPath(_ dataset: String) -> String { "\(dataset)/\(folderName)/journal" }

  /// Takes the output folder, or says why it cannot be had. Nothing that this tool did not make is ever removed.
  ///
  /// - Returns: nil if the folder holds the finished result of the very same command whose last step, removing the
  ///   journal, was interrupted; it has been removed now.
  static func open(dataset: String, options: ShardingOptions) throws -> Workspace? {
    switch Folder.kind(of: dataset) {
    case nil: try Folder.create(dataset)
    case .folder: break
    default: throw Failure(.exists, path: dataset, "the output exists and is not a folder")
    }
    guard let lock = try FolderLock(dataset) else {
      throw Failure(
        .exists, path: dataset, "another process is writing this dataset", hint: FolderLock.hint(dataset))
    }

    let command = JSON.object(options.fingerprint)
    let earlier = Journal.command(at: journalPath(dataset))
    if Folder.kind(of: "\(dataset)/\(Card.fileName)") != nil {
      if earlier == nil, (try? Card.read(folder: dataset)) == nil { throw foreign(Card.fileName, in: dataset) }
      if earlier == command {
        try removeWorkFolder(dataset)
        return nil
      }
      if earlier == nil { try removeWorkFolder(dataset) }
      guard options.force else {
        throw Failure(.exists, path: dataset, "it already holds a dataset", hint: "\(setting: "force") replaces it")
      }
      try clear(dataset, options.maker)
    } else if Folder.kind(of: "\(dataset)/\(FinishedPart.fileName)") != nil {
      let maker = Journal.command(at: "\(dataset)/\(FinishedPart.fileName)")
      guard maker != nil || earlier != nil else { throw foreign(FinishedPart.fileName, in: dataset) }
      if !options.force, maker == command {
        try removeWorkFolder(dataset)
        return nil
      }
      guard options.force else {
        throw Failure(.exists, path: dataset, "it already holds a part", hint: "\(setting: "force") replaces it")
      }
      try clear(dataset, options.maker)
    } else if Folder.kind(of: "\(dataset)/\(folderName)") != nil {
      // Without a finished shard there is nothing to lose.
      guard try earlier == command || options.force || shardFiles(dataset).isEmpty else {
        let key = FinishedPart.difference(earlier?.objectValue, options.fingerprint).map { " of '\($0)'" } ?? ""
        throw Failure(
          .exists, path: dataset,
          "it holds the unfinished work of another command: the setting\(key) is another, or a file that it names has changed",
          hint: "the same command on the same files goes on with it, \(setting: "force") discards it")
      }
      if earlier != command || options.force { try clear(dataset, options.maker) }
    } else if let name = try Folder.names(in: dataset).first {
      throw Failure(
        .exists, path: dataset, "the folder is not empty and holds no dataset: \(name)", hint: "choose another name")
    }
    return try Workspace(dataset: dataset, command: command, lock: lock, maker: options.maker)
  }

  private init(dataset: String, command: JSON, lock: FolderLock, maker: any RecordMaker) throws {
    self.dataset = dataset
    self.maker = maker
    self.lock = lock
    folder = "\(dataset)/\(Self.folderName)"
    // The work folder comes first and goes last: whatever else is there, it tells whose it is.
    try Folder.create(folder)
    try Folder.create("\(dataset)/shards")
    journal = try Journal(path: Self.journalPath(dataset), command: command, dataset: dataset, schema: maker.schema)
    stamps = try StampLog(path: "\(folder)/stamps")
    try Folder.synchronize(folder)
    try Folder.synchronize(dataset)
  }

  /// Gives up what is not known to have been made of what is there now.
  func forgetUnstamped() { journal.forget { !stamps.knows($0) } }

  /// Removes the journal and the spool: the dataset is complete.
  func finish() throws { try Self.removeWorkFolder(dataset) }

  /// The part is complete: its journal becomes what tells of it.
  func finish(_ plan: PartPlan, _ part: Part, _ summary: ShardingSummary) throws -> ShardingSummary {
    try journal.publish(
      .object([
        "part": .int(part.index), "parts": .int(part.count), "first_shard": .int(plan.shards.lowerBound),
        "shards": .int(plan.shards.count), "all_shards": .int(plan.allShards), "utterances": .int(summary.utterances),
        "groups": .int(plan.groups.count), schema.unit: .int(summary.units),
        "padded_records": .int(summary.paddedRecords), "padding_\(schema.unit)": .int(summary.paddingUnits),
        "dropped_\(schema.unit)": .int(summary.droppedUnits),
      ]), as: "\(dataset)/\(FinishedPart.fileName)")
    try Self.removeWorkFolder(dataset)
    return summary
  }

  /// Takes over the shards of a finished part.
  func adopt(_ part: FinishedPart, progress: ProgressHandler) throws {
    var adopted: [FinishedShard] = []
    // What an interrupted merge has taken stays only if the part is still the same.
    for shard in part.shards where journal.shards[shard.shard]?.json(schema) != shard.json(schema) {
      let path = "\(dataset)/\(shard.file.path)"
      try Folder.remove(file: path)
      try Folder.link("\(part.folder)/\(shard.file.path)", as: path)
      do { try part.check(shard, in: dataset) } catch {
        try Folder.remove(file: path)
        throw error
      }
      adopted.append(shard)
      progress(
        Progress(done: shard.shard + 1, total: part.allShards, unit: "shards", detail: "part \(part.part.description)"))
    }
    try Folder.synchronize("\(dataset)/shards")
    try journal.append(adopted)
  }

  /// After a failure: leaves what a rerun can use, and nothing if there is nothing to use.
  func abandon() { if journal.shards.isEmpty { try? discard() } }

  /// Removes all of this run's work.
  func discard() throws { try Self.clear(dataset, maker) }

  private static func foreign(_ name: String, in dataset: String) -> Failure {
    Failure(
      .exists, path: dataset, "its \(name) is damaged, or was not made by this tool",
      hint: "choose another name, or remove the folder")
  }

  /// Removes what this tool has made, the card first so that no half of a dataset ever looks whole: what card and journal
  /// list, and what only a run of this tool calls so.
  private static func clear(_ dataset: String, _ maker: any RecordMaker) throws {
    let listed = (try? Card.read(folder: dataset))?.files.map(\.path) ?? []
    try Folder.create("\(dataset)/\(folderName)")
    try Folder.remove(file: "\(dataset)/\(Card.fileName)")
    try Folder.synchronize(dataset)
    for path in listed { try Folder.remove(file: "\(dataset)/\(path)") }
    for name in try shardFiles(dataset) { try Folder.remove(file: "\(dataset)/shards/\(name)") }
    for name in try names(in: "\(dataset)/splits") where listed.isEmpty && isSplit("\(dataset)/splits/\(name)") {
      try Folder.remove(file: "\(dataset)/splits/\(name)")
    }
    for name in [UtteranceList.fileName, DatasetIndex.fileName, Card.fileName, FinishedPart.fileName]
      + maker.files.map(\.name)
    {
      try Folder.remove(file: "\(dataset)/\(name)")
      try Folder.remove(file: "\(dataset)/\(name).partial")
    }
    for name in ["shards", "splits"] { Folder.remove(emptyFolder: "\(dataset)/\(name)") }
    try removeWorkFolder(dataset)
  }

  private static func shardFiles(_ dataset: String) throws -> [String] {
    try names(in: "\(dataset)/shards").filter(isShard)
  }

  /// `00000.safetensors` and `00000.NAME.safetensors`, also while they are made.
  private static func isShard(_ name: String) -> Bool {
    var parts = name.pieces(at: ".").map { Name($0) }[...]
    if parts.starts(with: [Name(""), Name("new")]) { parts = parts.dropFirst(2) }
    if parts.last == Name("partial") { parts = parts.dropLast() }
    guard let number = parts.first?.text, parts.last == Name("safetensors"), 2...3 ~= parts.count else { return false }
    return number.utf8.count >= 5 && number.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Lines of an id, a TAB and a part: a run that did not come to its card has left it.
  private static func isSplit(_ path: String) -> Bool {
    guard path.ends(with: ".txt"), let file = try? File.reading(path), let line = try? LineReader(file).next() else {
      return path.ends(with: ".txt.partial")
    }
    return line.count { $0 == UInt8(ascii: "\t") } == 1
  }

  private static func names(in folder: String) throws -> [String] {
    Folder.kind(of: folder) == .folder ? try Folder.names(in: folder) : []
  }

  /// The journal goes last: while it is there, a rerun knows what the rest belongs to.
  private static func removeWorkFolder(_ dataset: String) throws {
    let folder = "\(dataset)/\(folderName)"
    guard Folder.kind(of: folder) == .folder else { return }
    for name in try Folder.names(in: folder) where !isSame(name, "journal") {
      try Folder.remove(file: "\(folder)/\(name)")
    }
    try Folder.remove(file: journalPath(dataset))
    Folder.remove(emptyFolder: folder)
    try Folder.synchronize(dataset)
  }
}
