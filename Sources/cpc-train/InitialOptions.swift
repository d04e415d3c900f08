import ArgumentParser
import CommandSupport
import FileIO
import Glibc
import RunOptions
import Training

/// What a new run's parameters are at first.
struct InitialOptions: ParsableArguments {
  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      """
      Begin with the parameters of this checkpoint, or of a run's best one, in place of random ones: at update 0, with a \
      new optimiser. Everything else is as the flags say; --config takes that run's.
      """, valueName: "checkpoint"), completion: .file())
  var checkpoint: String?
  @Option(
    name: .customLong("init-parts"),
    help: ArgumentHelp(
      "With --init: which parts are taken; the others are random. all: the heads, too, which predict. (default: all)",
      valueName: "encoder|encoder,context|all"), completion: choices(InitialParameters.Parts.self))
  var parts: String?

  func validate() throws {
    guard parts == nil || checkpoint != nil else { throw ValidationError("--init-parts goes with --init") }
  }

  func parameters() throws -> InitialParameters? {
    guard let checkpoint else { return nil }
    return InitialParameters(path: checkpoint, parts: try parts.map { try choice("init_parts", $0) } ?? .all)
  }

  /// Throws if the checkpoint is one of the run that is about to be replaced.
  func requireKept(_ origin: InitialParameters.Origin, of run: String) throws {
    func identity(_ path: String) -> stat? {
      var status = stat()
      return stat(path, &status) == 0 ? status : nil
    }
    let folder = "\(run)/checkpoints"
    guard let mine = identity(origin.checkpoint), Folder.kind(of: folder) == .folder else { return }
    // By whatever name, also that of a link to it.
    let isOfRun = try Folder.names(in: folder).contains { name in
      identity("\(folder)/\(name)").map { mine.st_dev == $0.st_dev && mine.st_ino == $0.st_ino } ?? false
    }
    guard isOfRun else { return }
    throw Failure(
      .usage, path: run, "--force would remove what --init begins with, \(origin.checkpoint)",
      hint: "another -o, or a copy of the checkpoint")
  }

  /// Says where parameters come from.
  func note(_ origin: InitialParameters.Origin, _ console: Console) {
    console.note(
      "beginning with \(counted(origin.count, "parameter")) of \(origin.checkpoint) (\(origin.initial.parts.rawValue)), "
        + "\(counted(origin.updates, "update")), "
        + (origin.digest.isEmpty ? "without a digest" : "digest \(origin.digest)"))
    if !origin.differences.isEmpty {
      console.note("settings that are not those of its run: \(origin.differences.joined(separator: "; "))")
    }
  }
}
