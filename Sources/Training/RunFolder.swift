import FileIO
public import OrderedJSON

/// The folder of a training run: `config.json`, `log.jsonl`, `checkpoints/`, `latest`.
public final class RunFolder {
  public let path: String
  private let log: File

  /// Creates the folder. One that holds a run is refused, or with `replacing` emptied of what a run makes; one that
  /// holds anything else is always refused.
  public init(creating path: String, replacing: Bool) throws {
    self.path = path
    try Self.check(path, replacing: replacing)
    if Folder.kind(of: path) == .folder { try Self.clear(path) }
    try Folder.create("\(path)/checkpoints")
    log = try File.writing("\(path)/log.jsonl")
  }

  /// Throws if ``init(creating:replacing:)`` would, without changing anything: to be asked before long work.
  public static func check(_ path: String, replacing: Bool) throws {
    guard let kind = Folder.kind(of: path) else { return }
    guard kind == .folder else { throw Failure(.exists, path: path, "there is a file of this name") }
    let names = try Folder.names(in: path)
    guard !names.isEmpty else { return }
    let ours = ["checkpoints", "config.json", "latest", "log.jsonl"]
    guard names.contains("log.jsonl"), names.allSatisfy({ ours.contains($0.withoutPartial) }) else {
      throw Failure(.exists, path: path, "the folder holds something that is not a training run")
    }
    guard replacing else { throw Failure(.exists, path: path, "holds a run already", hint: "--force replaces it") }
  }

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

  public func log(_ line: JSONObject) throws {
    var bytes: [UInt8] = []
    JSON.object(line).write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    try log.write(bytes)
  }

  /// `checkpoints/0000400.safetensors`
  public static func checkpointName(update: Int) -> String {
    let digits = "\(update)"
    return String(repeating: "0", count: max(0, 7 - digits.count)) + digits + ".safetensors"
  }

  /// Names the checkpoint as the latest, and removes the one that was.
  public func publishLatest(_ name: String) throws {
    let file = "\(path)/latest"
    let previous = Folder.kind(of: file) == nil ? nil : String(decoding: try File.contents(of: file), as: UTF8.self)
    try writeAtomically(to: file) { try $0.write("checkpoints/\(name)\n") }
    if let previous = previous?.split(separator: "\n").first, previous != "checkpoints/\(name)" {
      try Folder.remove(file: "\(path)/\(previous)")
    }
  }
}

extension String {
  fileprivate var withoutPartial: String { hasSuffix(".partial") ? String(dropLast(".partial".count)) : self }
}
