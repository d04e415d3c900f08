import ArgumentParser
import Corpora
import Shards

/// What one run of the tool does.
enum Mode: String {
  case dataset = "a whole dataset"
  case part = "--part"
  case merge = "--merge"
  case dryRun = "--dry-run"
  case subset = "--select and --ids"
  case add = "--add"
  case remove = "--remove"
}

extension ShardCommand {
  var mode: Mode {
    if planes.add != nil { return .add }
    if planes.remove != nil { return .remove }
    if subset.isGiven { return .subset }
    if parts.dryRun { return .dryRun }
    if parts.part != nil { return .part }
    return parts.merge.isEmpty ? .dataset : .merge
  }

  /// Refuses flags that the mode would pass over. `--threads` and `--quiet` go with all: they change no result.
  func checkFlags() throws {
    let reading: [Mode] = [.dataset, .part, .merge, .dryRun]
    let flags: [(name: String, isGiven: Bool, modes: [Mode])] = [
      ("--layout", layout != .librispeech, reading), ("--below", below != nil, reading),
      ("--root", root != nil, reading), ("--resample", resample != nil, reading), ("--mixdown", mixdown, reading),
      ("--prefix-groups", prefixGroups, reading), ("--tail drop", tail != .pad, reading),
      ("--phones", phones != nil, reading), ("--dry-run", parts.dryRun, reading),
      ("--part", parts.part != nil, reading), ("--merge", !parts.merge.isEmpty, reading),
      ("--shard-records", shardRecords != nil, reading + [.subset]),
      ("--corpus-name", corpusName != nil, reading + [.subset]), ("--licence", licence != nil, reading + [.subset]),
      ("--strict", strict, reading + [.subset, .add]), ("--force", force, reading + [.subset, .add]),
    ]
    if let flag = flags.first(where: { $0.isGiven && !$0.modes.contains(mode) }) {
      throw ValidationError("\(flag.name) does not go with \(mode.rawValue)")
    }
  }
}
