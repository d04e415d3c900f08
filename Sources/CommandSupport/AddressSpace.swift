import FileIO
import Glibc

/// Throws if the user's limit (`ulimit -v`) does not leave the buffers that each of `threads` needs for products of
/// matrices: OpenBLAS asks for them when they are first needed, and where there is no room it asks for ever.
public func requireAddressSpace(forProductsOn threads: Int) throws {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else { return }
  let bytes = threads * bufferOfAThread
  if let room = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), room != MAP_FAILED {
    munmap(room, bytes)
    return
  }
  throw Failure(
    .system,
    "out of memory: products of matrices on \(threads) threads take up to \(bytes >> 20) MiB, and the limit of "
      + "\(limit.rlim_cur >> 20) MiB (ulimit -v) leaves less", hint: "a higher limit, or fewer --threads")
}

/// What OpenBLAS 0.3 maps for a thread at most, with its kernels for the largest caches.
private let bufferOfAThread = 160 << 20
