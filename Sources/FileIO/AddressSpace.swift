import Glibc

/// The user's limit of address space (`ulimit -v`).
public enum AddressSpace {
  /// In bytes; nil if there is none.
  public static var limit: UInt? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur == rlim_t.max ? nil : UInt(limit.rlim_cur)
  }

  /// Throws if the limit does not leave `bytes`, for those who do not take no for an answer.
  ///
  /// - Parameter work: what takes them, for the message.
  public static func require(_ bytes: Int, for work: String, hint: String) throws {
    guard let limit else { return }
    if let room = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), room != MAP_FAILED {
      munmap(room, bytes)
      return
    }
    throw Failure(
      .system,
      "out of memory: \(work) takes up to \(bytes >> 20) MiB, and the limit of \(limit >> 20) MiB (ulimit -v) leaves less",
      hint: hint)
  }
}
