import FileIO
import Glibc
public import OrderedJSON

/// The folder of a training run: `config.json`, `log.jsonl`, `timing.jsonl`, `checkpoints/`, and `latest` and `best`,
/// which name checkpoints. Locked while this object lives.
public final class RunFolder {
  public let path: String
  private let lock: FolderLock
  private let log: File
  private let timing: File

  /// What to do with a run that the folder holds.
  public enum Mode: Sendable {
    case refuse
    case replace
    /// Go on with it, if it got as far as a checkpoint.
    case resume
  }

  /// Makes the folder ready. One that holds anything but a run is always refused.
  public init(_ path: String, _ mode: Mode) throws {
    self.path = path
    try Self.check(path, mode)
    try Folder.create(path)
    guard let lock = try FolderLock(path) else {
      throw Failure(.exists, path: path, "another process is training in it", hint: FolderLock.hint(path))
    }
    self.lock = lock
    // Without a checkpoint there is nothing to lose.
    if try mode != .resume || Self.named("latest", in: path) == nil { try Self.clear(path) }
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
    let ours = ["best", "checkpoints", "config.json", "latest", "log.jsonl", "timing.jsonl"]
    guard names.contains("checkpoints"), names.allSatisfy({ ours.contains($0.withoutPartial) }) else {
      throw Failure(.exists, path: path, "the folder holds something that is not a training run")
    }
    guard mode != .refuse else {
      throw Failure(.exists, path: path, "holds a run already", hint: "--resume goes on with it, --force replaces it")
    }
  }

  /// The folder of checkpoints goes last: whatever else is there, it tells whose it is.
  private static func clear(_ path: String) throws {
    for name in try Folder.names(in: path) where name != "checkpoints" { try Folder.remove(file: "\(path)/\(name)") }
    let checkpoints = "\(path)/checkpoints"
    guard Folder.kind(of: checkpoints) == .folder else { return }
    for name in try Folder.names(in: checkpoints) where name.withoutPartial.hasSuffix(".safetensors") {
      try Folder.remove(file: "\(checkpoints)/\(name)")
    }
    Folder.remove(emptyFolder: checkpoints)
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
      // Behind the last line break is nothing, or a line that was cut short.
      var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      while let line = lines.last, !Self.covers(state, line) { lines.removeLast() }
      let kept = lines.reduce(0) { $0 + $1.count + 1 }
      guard ftruncate(file.descriptor, off_t(kept)) == 0 else { throw Failure.system("cut", path: file.path) }
    }
  }

  /// Whether what a line tells is behind `state`; one that stopped before a validation that was due still owes it.
  private static func covers(_ state: TrainingState, _ line: ArraySlice<UInt8>) -> Bool {
    guard let json = try? JSON(parsing: line), let update = json["update"]?.intValue else { return false }
    return update <= (json["type"]?.stringValue == "validation" ? state.validated : state.update)
  }
}

// MARK: - Checkpoints

extension RunFolder {
  /// `0000400.safetensors`
  public static func checkpointName(update: Int) -> String {
    let digits = "\(update)"
    return String(repeating: "0", count: max(0, 7 - digits.count)) + digits + ".safetensors"
  }

  public func checkpointPath(update: Int) -> String { "\(path)/checkpoints/\(Self.checkpointName(update: update))" }

  /// The newest checkpoint.
  public func latest() throws -> String? { try Self.named("latest", in: path) }

  /// The newest checkpoint of an update before `update`.
  func checkpoint(before update: Int) throws -> String? {
    try Self.updates(Folder.names(in: "\(path)/checkpoints")).filter { $0 < update }.max().map(checkpointPath)
  }

  /// The updates of finished checkpoints among `names`.
  private static func updates(_ names: [String]) -> [Int] {
    names.filter { $0.hasSuffix(".safetensors") }.compactMap { Int($0.dropLast(".safetensors".count)) }
  }

  private static func named(_ name: String, in path: String) throws -> String? {
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
    let folder = "\(path)/checkpoints"
    let names = try Folder.names(in: folder).filter { $0.withoutPartial.hasSuffix(".safetensors") }
    let updates = Self.updates(names).filter { $0 <= update }
    let wanted = Set([update] + (best.map { [$0] } ?? []) + updates.sorted().filter(scheduled).suffix(keep))
    for name in names where !wanted.contains(Int(name.dropLast(".safetensors".count)) ?? -1) {
      try Folder.remove(file: "\(folder)/\(name)")
    }
  }

  private func point(_ name: String, to update: Int) throws {
    let text = "checkpoints/\(Self.checkpointName(update: update))\n"
    let file = "\(path)/\(name)"
    if Folder.kind(of: file) == .file, try File.contents(of: file) == Array(text.utf8) { return }
    try writeAtomically(to: file) { try $0.write(text) }
  }
}

extension String {
  fileprivate var withoutPartial: String { hasSuffix(".partial") ? String(dropLast(".partial".count)) : self }
}
