import FileIO
import Glibc

/// Ends the process where it stands, for whoever asked in vain for `bytes`: cleaning up would need memory, too.
func endWithoutMemory(_ tool: String, bytes: Int) -> Never {
  let limit = AddressSpace.limit.map { ", the limit (ulimit -v) is \($0) bytes" } ?? ""
  try? File.standardError.write("\(tool): error: out of memory: \(bytes) bytes more cannot be had\(limit)\n")
  _exit(1)
}

/// Under a limit of address space, allocations fail in places that cannot say so, of the runtime and of C libraries, and
/// these end the process with a signal: then at least the limit is named. Without a limit nothing is changed.
func nameLimitWhenMemoryFails(_ tool: String) {
  guard let limit = AddressSpace.limit else { return }
  lastWords = UnsafePointer(
    strdup(
      "\(tool): error: ended by a signal, most likely because memory could not be had: the limit (ulimit -v) is "
        + "\(limit) bytes\n"))
  for number in [SIGSEGV, SIGILL, SIGTRAP, SIGABRT] {
    signal(number) { _ in
      if let words = lastWords { _ = write(STDERR_FILENO, words, strlen(words)) }
      _exit(1)
    }
  }
}

/// Written once, before there are threads; a handler may use nothing that allocates.
nonisolated(unsafe) private var lastWords: UnsafePointer<CChar>?
