import FileIO
// The variable stdout is C's.
@preconcurrency import Glibc

/// Makes the end of the process look at what C's standard output could not write: help and versions go there, and would
/// be lost without a word if it is closed or full.
func failAtExitIfOutputIsLost() {
  atexit {
    guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return }
    let reason = String(cString: strerror(errno))
    let tool = CommandLine.arguments.first.map { Folder.name(of: $0) } ?? ""
    let message = "\(tool): error: standard output: cannot write: \(reason)\n"
    _ = message.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    _exit(1)
  }
}
