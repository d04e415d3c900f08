import FileIO
import Glibc
public import OrderedJSON

/// The folder of a training run: `config.json`, `log.jsonl`, `timing.jsonl`, `checkpoints/`, and `latest` and `best`,
/// which name checkpoints. Locked while this object lives.
public final class RunFolder {
  public let path: String
  private let lock: FolderLock
  let log: File
  private let timing: File

  /// What to do with a run that the folder holds.
  public enum Mode: Sendable {
    case refuse
    case replace
    /// Go on with it, if it got as far as a checkpoint.
    case resume
  }

  /// Whether ``latest()`` is the newest checkpoint there is, because no file `latest` names one.
  public let isLatestMissing: Bool

  /// Makes the folder ready. One that holds anything but a run is refused, unless the run got as far as a checkpoint and
  /// is to go on: that leaves alone what others have put beside it.
  public init(_ path: String, _ mode: Mode) throws {
    self.path = path
    try Self.check(path, mode)
    try Folder.create(path)
    guard let lock = try FolderLock(path) else {
      throw Failure(.exists, path: path, "another process is training in it", hint: FolderLock.hint(path))
    }
    self.lock = lock
    // Without a checkpoint there is nothing to lose.
    let goesOn = try mode == .resume && Self.latest(in: path) != nil
    isLatestMissing = try goesOn && Self.named("latest", in: path) == nil
    if !goesOn { try Self.clear(path, but: mode == .resume ? ["config.json"] : []) }
    try Folder.create("\(path)/checkpoints")
    log = try Self.appending("\(path)/log.jsonl")
    timing = try Self.appending("\(path)/timing.jsonl")
  }

  /// Lets go of the folder before this object does.
  public func close() { lock.release() }

  private static func appending(_ path: String) throws -> File {
    try File.open(path, flags: O_RDWR | O_CREAT | O_APPEND, action: "create")
  }

  /// Throws if ``init(_:_:)`` would for what the folder holds, without changing anything: to be asked before long work.
  public static func check(_ path: String, _ mode: Mode) throws {
    guard let kind = Folder.kind(of: path) else { return }
    guard kind == .folder else { throw Failure(.exists, path: path, "there is a file of this name") }
    let names = try Folder.names(in: path)
    guard !names.isEmpty else { return }
    let ours = [
      "accumulation.safetensors", "best", "checkpoints", "config.json", "latest", "log.jsonl", "timing.jsonl",
    ]
    let foreign = names.first { !ours.contains($0.withoutPartial) }
    let goesOn = try mode == .resume && names.contains("checkpoints") && latest(in: path) != nil
    guard names.contains("checkpoints"), foreign == nil || goesOn else {
      let what = foreign.map { ": \($0)" } ?? ""
      throw Failure(.exists, path: path, "the folder holds something that is not a training run\(what)")
    }
    guard mode != .refuse else {
      throw Failure(
        .exists, path: path, "holds a run already",
        hint: "\(setting: "resume") goes on with it, \(setting: "force") replaces it")
    }
  }

  /// Whether a run that the folder holds has a checkpoint to go on from.
  public static func canGoOn(_ path: String) throws -> Bool {
    try Folder.kind(of: "\(path)/checkpoints") == .folder && latest(in: path) != nil
  }

  /// The folder of checkpoints goes last: whatever else is there, it tells whose it is. `kept` is written again.
  private static func clear(_ path: String, but kept: [String]) throws {
    for name in try Folder.names(in: path) where name != "checkpoints" && !kept.contains(where: { isSame($0, name) }) {
      try Folder.remove(file: "\(path)/\(name)")
    }
    let checkpoints = "\(path)/checkpoints"
    guard Folder.kind(of: checkpoints) == .folder else { return }
    for name in try Folder.names(in: checkpoints) where isCheckpoint(name.withoutPartial) {
      try Folder.remove(file: "\(checkpoints)/\(name)")
    }
    if kept.isEmpty { Folder.remove(emptyFolder: checkpoints) }
  }

  public func writeConfiguration(_ configuration: JSONObject) throws {
    try writeAtomically(to: "\(path)/config.json") { try $0.write(JSON.object(configuration).lines + "\n") }
  }

  /// Adds a line to the log, which is the same for each run of the same identity.
  public func log(_ line: JSONObject) throws { try Self.append(line, to: log) }

  /// Adds a line to what depends on the machine and the hour.
  public func logTiming(_ line: JSONObject) throws { try Self.append(line, to: timing) }

  private static func append(_ line: JSONObject, to file: File) throws {
    var bytes: [UInt8] = []
    JSON.object(line).write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    try file.write(bytes)
  }

  /// Removes what a run that goes on from `state` will write again, and a line that was cut short.
  func cutLogs(after state: TrainingState) throws {
    for file in [log, timing] {
      let bytes = try File.contents(of: file.path)
      // After the last line break is nothing, or a line that was cut short.
      var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      while let line = lines.last, !Self.covers(state, line) { lines.removeLast() }
      let kept = lines.reduce(0) { $0 + $1.count + 1 }
      guard ftruncate(file.descriptor, off_t(kept)) == 0 else { throw Failure.system("cut", path: file.path) }
    }
  }

  /// Whether what a line tells comes after `state`; one that stopped before a validation that was due still owes it.
  private static func covers(_ state: TrainingState, _ line: ArraySlice<UInt8>) -> Bool {
    guard let json = try? JSON(parsing: line), let update = json["update"]?.intValue else { return false }
    return switch json["type"]?.stringValue {
    case "validation": update <= state.validated
    // A line of the log that was due but that the state still owes.
    case "train": update <= state.update - state.interval.updates
    default: update <= state.update
    }
  }
}

extension String {
  var withoutPartial: String { hasSuffix(".partial") ? String(dropLast(".partial".count)) : self }
}
