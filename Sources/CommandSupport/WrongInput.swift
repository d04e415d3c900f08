import FileIO

extension Failure {
  /// With what the input is as the hint, where a tool needed something else: a library knows only what is its own.
  func tellingWhatItIs() -> Failure {
    guard let path else { return self }
    var failure = self
    let isRun = Folder.kind(of: "\(path)/config.json") == .file && Folder.kind(of: "\(path)/checkpoints") == .folder
    if reason.begins(with: "not a dataset: "), let other = isRun ? Self.run : Self.other(path) {
      failure.hint = other
    } else if reason.begins(with: "empty corpus: "), isRun {
      failure.hint = Self.run
    } else if reason.begins(with: "no checkpoint in this folder"), Folder.kind(of: "\(path)/dataset.json") == .file {
      failure.hint = "it is a dataset; the run stands before it: RUN DATASET"
    } else if reason.begins(with: "not a safetensors file"), hint == nil, !path.ends(with: ".safetensors") {
      failure.hint = "what cpc-shard, cpc-train and --save-model write is one"
    } else if reason.begins(with: "no utterance "), hint == nil {
      failure.hint = "cpc-cat \(shellWord(path)) --utterances lists them"
    }
    return failure
  }

  private static let run = "it is a run of cpc-train: cpc-inspect tells which dataset it was trained on"

  /// Nil of what may become a dataset yet.
  private static func other(_ path: String) -> String? {
    switch Folder.kind(of: path) {
    case .file?: "it is a file: of a manifest or a corpus, cpc-shard \(shellWord(path)) -o DATASET makes one"
    case .folder? where Folder.kind(of: "\(path)/shards") == nil:
      "of a corpus, cpc-shard \(shellWord(path)) -o DATASET makes one"
    default: nil
    }
  }
}
