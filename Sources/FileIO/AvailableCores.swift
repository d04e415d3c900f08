import CAffinity
import Glibc

/// How many cores this process may use, and what says so: the processors that it may be put on (affinity), the
/// processor time that its cgroups allow (as containers and batch systems set it), and what Slurm has given the task.
public struct AvailableCores: Sendable, Equatable {
  /// Something that says how many.
  public struct Limit: Sendable, Equatable {
    /// `affinity`, `cgroup`, `SLURM_CPUS_PER_TASK`.
    public var name: String
    /// Of processor time, so that half a core is 0.5.
    public var cores: Double
    /// For a cgroup the file that says so.
    public var path: String?
  }

  /// One of each kind that there is; of the cgroups above one another, the one that allows least.
  public var limits: [Limit]

  /// Whole cores, of a broken number the next greater: at least 1.
  public var count: Int { limits.map { Int(max(1, min($0.cores, 1e6)).rounded(.up)) }.min() ?? 1 }

  /// The first limit that allows no more than ``count``.
  public var narrowest: Limit? { limits.min { $0.cores < $1.cores } }

  /// What holds for this process now.
  public static var current: AvailableCores {
    AvailableCores(affinity: Int(cpc_affinity())) { name in getenv(name).map { String(cString: $0) } }
  }

  /// - Parameters:
  ///   - affinity: Processors that the process may be put on; 0 if that is not known.
  ///   - root: What comes before the paths of `/proc` and `/sys`.
  ///   - environment: The value of a variable.
  public init(affinity: Int, root: String = "", environment: (String) -> String?) {
    let processors = affinity > 0 ? affinity : max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    limits = [Limit(name: "affinity", cores: Double(processors))]
    if let quota = Cgroups(root: root).quota { limits.append(quota) }
    let slurm = "SLURM_CPUS_PER_TASK"
    if let cores = environment(slurm).flatMap({ Int($0) }), cores > 0 {
      limits.append(Limit(name: slurm, cores: Double(cores)))
    }
  }
}
