public import ArgumentParser
import FileIO
import Glibc

/// One of several runs, on several machines, that make one dataset.
public struct PartOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Make one of n parts of the shards, counted from 0, for example 0/3. auto takes part and number of parts from Slurm \
      (SLURM_ARRAY_TASK_ID of an array, SLURM_PROCID of srun) or Open MPI (OMPI_COMM_WORLD_RANK), auto/n the part alone.
      """, valueName: "i/n"))
  public var part: String?

  public init() {}

  public func validate() throws { _ = try chosen() }

  /// The part that the flag, or what started this process, names: from 0 to `count` − 1.
  public func chosen() throws -> (index: Int, count: Int)? {
    guard let part else { return nil }
    let words = part.pieces(at: "/")
    guard words[0] == "auto", words.count < 3 else {
      guard words.count == 2, let index = Int(words[0]), let count = Int(words[1]), 0..<count ~= index else {
        throw ValidationError("--part \(part): a part is i/n with i from 0 to n - 1, for example 0/3, or auto")
      }
      return (index, count)
    }
    let number = { (name: String) in getenv(name).flatMap { Int(String(cString: $0)) } }
    let count = words.count == 2 ? Int(words[1]) : nil
    guard words.count == 1 || count ?? 0 > 0 else {
      throw ValidationError("--part \(part): after auto/ comes the number of parts, for example auto/8")
    }
    // The tasks of this job: mpirun starts its own with srun. A batch script has SLURM_PROCID without a step of tasks.
    let tasks = [("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS")].lazy
      .compactMap { names in number(names.1).flatMap { size in number(names.0).map { (rank: $0, size: size) } } }.first
    let found: (index: Int, count: Int?)
    if let task = number("SLURM_ARRAY_TASK_ID") {
      // Of --array=0-8:2, task 4 is the third. Several tasks of each make as many parts.
      let place = (task - (number("SLURM_ARRAY_TASK_MIN") ?? 0)) / max(1, number("SLURM_ARRAY_TASK_STEP") ?? 1)
      let (rank, size) = tasks ?? (0, 1)
      found = (place * size + rank, count ?? number("SLURM_ARRAY_TASK_COUNT").map { $0 * size })
    } else if let tasks {
      found = (tasks.rank, count ?? tasks.size)
    } else {
      throw ValidationError(
        "--part \(part): no array or step of Slurm and no Open MPI: SLURM_ARRAY_TASK_ID, SLURM_STEP_NUM_TASKS and "
          + "OMPI_COMM_WORLD_RANK are not set")
    }
    guard let count = found.count, 0..<count ~= found.index else {
      throw ValidationError("--part \(part): the environment asks for part \(found.index) of \(found.count ?? 0)")
    }
    return (found.index, count)
  }
}
