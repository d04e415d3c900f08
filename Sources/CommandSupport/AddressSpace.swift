import FileIO
import Glibc

/// The user's limit of address space (`ulimit -v`) in bytes; nil if there is none.
private var addressSpaceLimit: UInt? {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
  return limit.rlim_cur == rlim_t.max ? nil : UInt(limit.rlim_cur)
}

/// Throws if the user's limit of address space does not leave what each of `threads` needs for products of matrices, and
/// `others` bytes: OpenBLAS asks for its buffers when they are first needed, and where there is no room it asks for ever.
public func requireAddressSpace(forProductsOn threads: Int, others: Int = 0) throws {
  guard let limit = addressSpaceLimit else { return }
  let bytes = threads * (bufferOfAThread + heapOfAThread) + others
  if let room = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), room != MAP_FAILED {
    munmap(room, bytes)
    return
  }
  throw Failure(
    .system,
    "out of memory: work on \(threads) threads takes up to \(bytes >> 20) MiB, and the limit of \(limit >> 20) MiB "
      + "(ulimit -v) leaves less", hint: "a higher limit, or fewer --threads")
}

/// What OpenBLAS 0.3 maps for a thread at most, with its kernels for the largest caches.
private let bufferOfAThread = 160 << 20
/// What the C library reserves for the memory of a thread, and its stack.
private let heapOfAThread = 72 << 20

/// Ends the process where it stands, for whoever asked in vain for `bytes`: cleaning up would need memory, too.
func endWithoutMemory(_ tool: String, bytes: Int) -> Never {
  let limit = addressSpaceLimit.map { ", the limit (ulimit -v) is \($0) bytes" } ?? ""
  try? File.standardError.write("\(tool): error: out of memory: \(bytes) bytes more cannot be had\(limit)\n")
  _exit(1)
}

/// Under a limit of address space, allocations fail in places that cannot say so, of the runtime and of C libraries, and
/// these end the process with a signal: then at least the limit is named. Without a limit nothing is changed.
func nameLimitWhenMemoryFails(_ tool: String) {
  guard let limit = addressSpaceLimit else { return }
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
