import FileIO
import Glibc

/// A fresh folder that disappears with this object.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/cpc-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure.system("create a temporary folder", path: nil) }
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  deinit {
    Self.remove(path)
    // Names that are not UTF-8 cannot be spelled in Swift.
    if Folder.kind(of: path) != nil { _ = try? runProcess("/bin/rm", ["-rf", path]) }
  }

  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      chmod(path, 0o700)
      for name in (try? Folder.names(in: path)) ?? [] { remove("\(path)/\(name)") }
      rmdir(path)
    } else {
      unlink(path)
    }
  }
}
