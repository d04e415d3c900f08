import FileIO
import TestSupport
import Testing

@Suite struct AvailableCoresTests {
  private static let newMount = "29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let oldMounts = """
    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
    33 31 0:30 / /sys/fs/cgroup/cpuset rw,relatime shared:9 - cgroup cgroup rw,cpuset
    32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:8 master:1 - cgroup cgroup rw,cpu,cpuacct
    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n
    """

  /// What a process with four processors finds in these files.
  private func cores(_ files: [String: String], slurm: String? = nil) throws -> AvailableCores {
    let folder = try TemporaryFolder()
    for (path, text) in files {
      try Folder.create(Folder.parent(of: folder("root") + path))
      try File.writing(folder("root") + path).write(text)
    }
    return AvailableCores(affinity: 4, root: folder("root")) { $0 == "SLURM_CPUS_PER_TASK" ? slurm : nil }
  }

  private func new(_ group: String, _ quotas: [String: String], mount: String = newMount) throws -> AvailableCores {
    var files = ["/proc/self/cgroup": "0::\(group)\n", "/proc/self/mountinfo": mount]
    for (folder, quota) in quotas { files["/sys/fs/cgroup\(folder)/cpu.max"] = quota + "\n" }
    return try cores(files)
  }

  private func old(_ group: String, _ quotas: [String: (Int, Int)], mounts: String = oldMounts) throws -> AvailableCores
  {
    var files = ["/proc/self/cgroup": "4:cpuset:/x\n3:cpu,cpuacct:\(group)\n0::/\n", "/proc/self/mountinfo": mounts]
    for (folder, quota) in quotas {
      files["/sys/fs/cgroup/cpu,cpuacct\(folder)/cpu.cfs_quota_us"] = "\(quota.0)\n"
      files["/sys/fs/cgroup/cpu,cpuacct\(folder)/cpu.cfs_period_us"] = "\(quota.1)\n"
    }
    return try cores(files)
  }

  @Test func affinityAloneWhereNothingElseIsSaid() throws {
    for files in [
      [:], ["/proc/self/cgroup": "0::/\n"], ["/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": Self.newMount],
      ["/proc/self/cgroup": "nonsense\n::\n", "/proc/self/mountinfo": "nonsense - \n"],
    ] as [[String: String]] {
      let cores = try cores(files)
      #expect(cores.count == 4 && cores.limits.map(\.name) == ["affinity"])
    }
  }

  @Test(arguments: [
    ("50000 100000", 1), ("100000 100000", 1), ("100001 100000", 2), ("250000 100000", 3), ("1000 1000000", 1),
    ("800000 100000", 4), ("max 100000", 4), ("", 4), ("nonsense 100000", 4), ("100000 0", 4), ("-1 100000", 4),
  ])
  func quotaRoundedUp(quota: String, count: Int) throws {
    #expect(try new("/job", ["/job": quota]).count == count)
  }

  @Test func theLeastOfAGroupAndThoseAbove() throws {
    let above = try new(
      "/a/b/c", ["": "max 100000", "/a": "150000 100000", "/a/b": "300000 100000", "/a/b/c": "max 100000"])
    #expect(above.count == 2)
    let limit = try #require(above.narrowest)
    #expect(limit.name == "cgroup" && limit.cores == 1.5 && limit.path == "/sys/fs/cgroup/a/cpu.max")
    #expect(try new("/a/b", ["/a": "300000 100000", "/a/b": "100000 100000", "/a/b/c": "50000 100000"]).count == 1)
    // Neither a sibling nor what only begins alike.
    #expect(try new("/a", ["/b": "100000 100000", "/ab": "100000 100000"]).count == 4)
  }

  @Test func groupsOfContainers() throws {
    // Their own group is the top of what they see,
    #expect(try new("/", ["": "200000 100000"]).count == 2)
    let mount = "29 23 0:26 /docker/123 /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
    #expect(try new("/docker/123/job", ["": "300000 100000", "/job": "200000 100000"], mount: mount).count == 2)
    // or they are told of a place that they cannot see.
    #expect(try new("/other/place", ["": "300000 100000"], mount: mount).count == 3)
    #expect(try new("/../place", ["": "300000 100000"]).count == 3)
  }

  @Test func groupsOfTheOldKind() throws {
    #expect(try old("/job", ["/job": (50_000, 100_000)]).count == 1)
    #expect(try old("/job/step", ["/job": (150_000, 100_000), "/job/step": (-1, 100_000)]).count == 2)
    #expect(try old("/job", ["/job": (-1, 100_000), "": (-1, 100_000)]).count == 4)
    let limit = try #require(try old("/job", ["/job": (50_000, 100_000)]).narrowest)
    #expect(limit.cores == 0.5 && limit.path == "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us")
  }

  @Test(arguments: [("1", 1), ("3", 3), ("16", 4), ("0", 4), ("-2", 4), ("two", 4), ("", 4)])
  func whatSlurmGives(value: String, count: Int) throws { #expect(try cores([:], slurm: value).count == count) }

  @Test func thisProcessHasSome() {
    let cores = AvailableCores.current
    #expect(cores.count >= 1 && cores.limits[0].name == "affinity" && cores.limits[0].cores >= 1)
  }
}
