import Glibc

/// A file for the time of a run, in `$TMPDIR` or `/tmp`: it is gone with this object, or with the process however that
/// ends.
public final class ScratchFile: Sendable {
  /// Opens it again.
  public let path: String
  public let file: File

  public init() throws {
    var template = Array("\(scratchPrefix())XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let name = text(template)
    guard descriptor >= 0 else { throw Failure.system("create", path: name) }
    file = File(descriptor: descriptor, path: name)
    // It goes with the process, however that ends; until then its descriptor names it.
    unlink(name)
    path = "/proc/self/fd/\(descriptor)"
  }
}

/// A folder for the time of a run, in `$TMPDIR` or `/tmp`: it is gone with this object.
public final class ScratchFolder: Sendable {
  public let path: String

  public init() throws {
    var template = Array("\(scratchPrefix())XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure.system("create folder", path: text(template)) }
    path = text(template)
  }

  deinit { Self.remove(path) }

  private static func remove(_ path: String) {
    guard Folder.kind(of: path) == .folder else { return _ = unlink(path) }
    for name in (try? Folder.names(in: path)) ?? [] { remove("\(path)/\(name)") }
    Folder.remove(emptyFolder: path)
  }
}

/// Begins with the tool's name, so that what a killed process leaves tells whose it is.
private func scratchPrefix() -> String {
  let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  return "\(folder)/\(CommandLine.arguments.first.map { Folder.name(of: $0) } ?? "cpc")-"
}

private func text(_ template: [CChar]) -> String {
  String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
