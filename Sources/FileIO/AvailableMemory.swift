import Glibc

/// How much more memory this process may take before the kernel refuses or kills it, and what says so.
public struct AvailableMemory: Sendable, Equatable {
  public var bytes: Int
  /// `the machine`, `ulimit -v`, or the file of a cgroup.
  public var limit: String

  /// The least of what the machine has, what its cgroups allow and what `ulimit -v` allows; nil if nothing says.
  public static var current: AvailableMemory? {
    var addressSpace = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &addressSpace)
    return AvailableMemory(addressSpace: addressSpace.rlim_cur < UInt(Int.max) ? Int(addressSpace.rlim_cur) : nil)
  }

  /// - Parameters:
  ///   - addressSpace: Most bytes of address space, as `ulimit -v` sets it.
  ///   - root: What comes before the paths of `/proc` and `/sys`.
  init?(addressSpace: Int?, root: String = "") {
    let groups = Cgroups(root: root)
    var limits: [AvailableMemory] = []
    // MemAvailable: 12345 kB
    if let line = groups.lines("/proc/meminfo").first(where: { $0.utf8.starts(with: "MemAvailable:".utf8) }),
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    {
      limits.append(AvailableMemory(bytes: kilobytes << 10, limit: "the machine"))
    }
    for (folder, isNew) in groups.folders(controller: "memory") {
      let names = isNew ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes")
      func number(_ name: String) -> Int? { groups.lines("\(folder)/\(name)").first.flatMap { Int($0) } }
      guard let most = number(names.0), let used = number(names.1) else { continue }
      // Pages of files that can be dropped are counted as used.
      let key = isNew ? "inactive_file " : "total_inactive_file "
      let droppable = groups.lines("\(folder)/memory.stat").first { $0.utf8.starts(with: key.utf8) }
        .flatMap { Int($0.dropFirst(key.count)) }
      limits.append(AvailableMemory(bytes: most - used + (droppable ?? 0), limit: "\(folder)/\(names.0)"))
    }
    if let addressSpace, let pages = groups.lines("/proc/self/statm").first?.split(separator: " ").first,
      let pages = Int(pages)
    {
      limits.append(AvailableMemory(bytes: addressSpace - pages * sysconf(CInt(_SC_PAGESIZE)), limit: "ulimit -v"))
    }
    guard let least = limits.min(by: { $0.bytes < $1.bytes }) else { return nil }
    self = least
  }

  public init(bytes: Int, limit: String) {
    self.bytes = max(0, bytes)
    self.limit = limit
  }
}
