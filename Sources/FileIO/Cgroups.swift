/// The control groups that this process is in (cgroups(7)), of version 1 and 2.
struct Cgroups {
  /// What comes before the paths of `/proc` and `/sys`.
  let root: String

  /// The least processor time that one of the process's groups allows, up to the top of the hierarchy; nil if none
  /// limits it.
  var quota: AvailableCores.Limit? {
    var least: AvailableCores.Limit?
    for (folder, isNew) in folders(controller: "cpu") {
      guard let limit = isNew ? newQuota(folder) : oldQuota(folder) else { continue }
      if least.map({ limit.cores < $0.cores }) ?? true { least = limit }
    }
    return least
  }

  /// The folders of the process's groups that a controller knows, and of those above them; which are of version 2.
  func folders(controller: String) -> [(folder: String, isNew: Bool)] {
    let mounts = mounts(controller)
    return lines("/proc/self/cgroup").flatMap { line -> [(folder: String, isNew: Bool)] in
      // hierarchy:controllers:path; version 2 has no controllers.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      let isNew = fields[1].isEmpty
      guard isNew || fields[1].split(separator: ",").contains(Substring(controller)),
        let mount = mounts.first(where: { $0.isNew == isNew })
      else { return [] }
      return folders(String(fields[2]), mount).map { ($0, isNew) }
    }
  }

  /// Where a hierarchy is mounted, and which of its groups is what is seen there.
  private struct Mount {
    var isNew: Bool
    var group: String
    var folder: String
  }

  /// The hierarchies that a controller may be in.
  private func mounts(_ controller: String) -> [Mount] {
    lines("/proc/self/mountinfo").compactMap { line in
      // id parent device root folder options … - type source options
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { return nil }
      let isNew = fields[dash + 1] == "cgroup2"
      guard
        isNew || fields[dash + 1] == "cgroup" && fields[dash + 3].split(separator: ",").contains(Substring(controller))
      else {
        return nil
      }
      return Mount(isNew: isNew, group: String(fields[3]), folder: String(fields[4]))
    }
  }

  /// The folders of a group and of those above it, as far as they are mounted.
  private func folders(_ group: String, _ mount: Mount) -> [String] {
    // A container may see its own group as the top, or not be told where in the hierarchy it is.
    var rest = Substring(group)
    if mount.group != "/" { rest = rest.hasPrefix(mount.group) ? rest.dropFirst(mount.group.count) : "" }
    let names = rest.split(separator: "/")
    guard !names.contains("..") else { return [mount.folder] }
    return (0...names.count).map { count in ([mount.folder] + names[..<count].map(String.init)).joined(separator: "/") }
  }

  /// cpu.max: `QUOTA PERIOD` in microseconds, or `max PERIOD`.
  private func newQuota(_ folder: String) -> AvailableCores.Limit? {
    let path = "\(folder)/cpu.max"
    let fields = lines(path).first?.split(separator: " ") ?? []
    guard fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]) else { return nil }
    return limit(quota, period, path)
  }

  private func oldQuota(_ folder: String) -> AvailableCores.Limit? {
    let path = "\(folder)/cpu.cfs_quota_us"
    guard let quota = lines(path).first.flatMap({ Double($0) }),
      let period = lines("\(folder)/cpu.cfs_period_us").first.flatMap({ Double($0) })
    else { return nil }
    return limit(quota, period, path)
  }

  /// A negative quota is none.
  private func limit(_ quota: Double, _ period: Double, _ path: String) -> AvailableCores.Limit? {
    guard quota > 0, period > 0 else { return nil }
    return AvailableCores.Limit(name: "cgroup", cores: quota / period, path: path)
  }

  func lines(_ path: String) -> [Substring] {
    guard let bytes = try? File.contents(of: root + path) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}
