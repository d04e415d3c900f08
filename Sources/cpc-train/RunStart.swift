import CommandSupport
import FileIO
import RunOptions
import Shards
import Training

/// What a command line asks for: data for a new run, or a run that goes on with the flags of its `config.json`.
struct RunStart {
  /// A dataset, or `-`.
  let input: String
  /// The run's folder.
  let output: String
  /// Whose settings it begins with; with ``isOfRun`` they are the run's own.
  let file: SettingsFile?
  let isOfRun: Bool
  /// Whether there is a checkpoint to go on from.
  let goesOn: Bool

  init(dataset: String?, output: String?, isResumed: Bool, config: String?) throws {
    if isResumed, dataset == nil || output == nil, let run = output ?? dataset {
      guard config == nil else {
        throw Failure(.usage, "--config is for new runs: one that goes on has its own, \(run)/config.json")
      }
      (file, input, self.output, isOfRun) = try (Self.settings(of: run), Self.dataset(of: run), run, true)
      if let missing = file?.missingBookkeeping {
        throw Failure(
          .usage, path: run, "its config.json is of an earlier version, which did not keep \(missing)",
          hint: "go on with the flags that it began with: cpc-train DATASET -o RUN --resume …")
      }
    } else {
      guard let input = dataset ?? (File.standardInput.isTerminal ? nil : "-"), let output else {
        throw Failure(.usage, "no dataset", hint: "name a dataset folder, or pipe a record stream")
      }
      (self.input, self.output, isOfRun) = (input, output, false)
      file = try config.map { try SettingsFile(reading: $0) }
    }
    guard !isResumed || input != "-" else {
      throw Failure(.usage, "a run on a record stream cannot be resumed", hint: "cpc-shard makes a dataset that can")
    }
    goesOn = try isResumed && RunFolder.canGoOn(self.output)
  }

  private static func settings(of run: String) throws -> SettingsFile {
    let path = "\(run)/config.json"
    guard Folder.kind(of: path) == .file else {
      let isDataset = Folder.kind(of: "\(run)/\(Card.fileName)") == .file
      throw Failure(
        .usage, path: run,
        isDataset ? "a dataset, no run" : "there is no config.json in it, which names data and flags",
        hint: isDataset
          ? "-o names the run's folder"
          : RunFolder.isRun(run) ? "cpc-train DATASET -o RUN --resume goes on" : "cpc-train DATASET -o RUN begins a run"
      )
    }
    return try SettingsFile(reading: path)
  }

  private static func dataset(of run: String) throws -> String {
    let file = try settings(of: run)
    guard let dataset = try file.dataset() else { throw Failure(.corrupt, path: file.path, "it names no dataset") }
    return dataset
  }

  /// The settings of the run that goes on, where they can be read: `cpc_tools` writes none, and with data and flags named
  /// anew they are written again.
  private var own: SettingsFile? { isOfRun ? file : goesOn ? try? SettingsFile(reading: "\(output)/config.json") : nil }

  /// As many threads as the run had, so that it ends with the same bytes on a machine of more or fewer cores.
  var threads: Int? { get throws { try goesOn ? own?.threads() : nil } }

  /// What the run began with, which is one of its settings.
  var initialParameters: InitialParameters? {
    get throws { try own?.initialParameters() }
  }

  func openDataset() throws -> Dataset {
    guard isOfRun, Folder.kind(of: input) == nil else { return try Dataset(opening: input) }
    throw Failure(
      .badInput, path: input, "there is no such dataset, which \(file?.path ?? "") names",
      hint: (input.begins(with: "/") ? "it was moved: " : "go to the folder where the run began, or ")
        + "name it: cpc-train DATASET -o \(shellWord(output)) --resume --config \(shellWord(file?.path ?? ""))")
  }

  /// With the division that the file's run chose, where no flag chooses another.
  func completed(_ data: DataOptions) throws -> DataOptions {
    var data = data
    data.splitName = try data.splitName ?? file?.splitName()
    data.validSplit = try data.validSplit ?? file?.validPart()
    return data
  }

  func noteThreads(_ threads: Int, before: Int?, _ console: Console) {
    if let before {
      console.note(
        "it had \(counted(before, "thread")) before and has \(grouped(threads)) from here: later digits may differ from "
          + "those of a run that always had \(grouped(before))")
    } else if goesOn, threads > AvailableCores.current.count {
      let cores = AvailableCores.current.count
      console.note(
        "\(counted(threads, "thread")), as before, on \(counted(cores, "core")): --threads \(cores) may be faster, but "
          + "later digits may then differ")
    }
  }

  /// What to type to go on.
  func continuation(_ tool: String) -> String {
    // A name that begins with a dash would be taken for a flag.
    "\(tool) \(shellWord(output.begins(with: "-") ? "./\(output)" : output)) --resume"
  }
}
