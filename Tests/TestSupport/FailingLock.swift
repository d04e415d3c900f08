import FileIO

/// Tools on a file system that has no locks: a library loaded before all others makes `flock` fail, as Lustre (ENOSYS),
/// NFS (ENOLCK) and some of FUSE (EOPNOTSUPP) do.
public struct FailingLock {
  private let library: String
  private let code: String

  /// - Parameter code: the number of the error.
  public init(_ folder: TemporaryFolder, code: String) throws {
    self.code = code
    library = folder("no-flock.so")
    try File.writing(folder("no-flock.c")).write(
      """
      #include <errno.h>
      #include <stdlib.h>
      int flock(int descriptor, int operation) {
        (void)descriptor;
        (void)operation;
        errno = atoi(getenv("FLOCK_ERROR"));
        return -1;
      }

      """)
    let made = try runProcess("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, folder("no-flock.c")])
    guard made.status == 0 else { throw Failure(.system, "cc: \(made.messages)") }
  }

  /// The words that start a tool so.
  public func words(_ tool: String, _ arguments: [String]) throws -> [String] {
    ["LD_PRELOAD=\(library)", "FLOCK_ERROR=\(code)", try toolPath(tool)] + arguments
  }

  public func run(_ tool: String, _ arguments: [String]) throws -> ToolResult {
    try runProcess("/usr/bin/env", words(tool, arguments))
  }
}
