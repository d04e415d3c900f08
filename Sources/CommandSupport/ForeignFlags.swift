import FileIO

/// Flags of other programs, and what does the same here.
struct ForeignFlag {
  /// As others spell it, with `-` where they have `_`.
  var names: [String]
  /// The flag here; nil where there is none.
  var own: String?
  /// What else there is to know.
  var remark: String?

  static let all: [ForeignFlag] = [
    ForeignFlag(names: ["--lr", "--learning_rate", "--step-size"], own: "--learning-rate"),
    ForeignFlag(
      names: ["--batch-size", "--bs", "--train-batch-size", "--per-device-train-batch-size"], own: "--batch"),
    ForeignFlag(
      names: ["--epochs", "--epoch", "--max-epochs", "--num-epochs", "--n-epochs", "--num-train-epochs"],
      own: "--updates", remark: "how many batches an epoch has is printed when a run starts"),
    ForeignFlag(
      names: ["--steps", "--max-steps", "--num-steps", "--max-update", "--iterations", "--iters", "--max-iter"],
      own: "--updates"),
    ForeignFlag(
      names: ["--gradient-accumulation-steps", "--accumulate-grad-batches", "--grad-accum", "--update-freq"],
      own: "--accumulate"),
    ForeignFlag(
      names: ["--grad-clip", "--clip-norm", "--gradient-clip-val", "--max-grad-norm", "--clip-grad-norm"],
      own: "--clip"),
    ForeignFlag(names: ["--warmup-steps", "--warmup-updates", "--num-warmup-steps"], own: "--warmup"),
    ForeignFlag(names: ["--lr-scheduler", "--scheduler", "--lr-schedule"], own: "--schedule"),
    ForeignFlag(names: ["--workers", "--num-workers", "--jobs", "--nj", "--num-threads", "--cpus"], own: "--threads"),
    ForeignFlag(names: ["--out", "--output-dir", "--out-dir", "--save-dir", "--exp-dir"], own: "--output"),
    ForeignFlag(names: ["--logdir", "--log-dir", "--tb", "--tensorboard-dir"], own: "--tensorboard"),
    ForeignFlag(
      names: ["--save-every", "--save-freq", "--save-steps", "--save-interval", "--checkpoint-interval"],
      own: "--checkpoint-every"),
    ForeignFlag(names: ["--log-interval", "--log-steps", "--logging-steps", "--log-freq"], own: "--log-every"),
    ForeignFlag(names: ["--eval-every", "--eval-steps", "--val-interval", "--eval-interval"], own: "--valid-every"),
    ForeignFlag(
      names: ["--pretrained", "--init-from", "--load", "--from-checkpoint", "--finetune", "--ckpt", "--checkpoint"],
      own: "--init", remark: "a run goes on with --resume"),
    ForeignFlag(
      names: ["--resume-from", "--resume-from-checkpoint", "--continue"], own: "--resume",
      remark: "it takes no value: cpc-train RUN --resume"),
    ForeignFlag(names: ["--overwrite", "--overwrite-output-dir"], own: "--force"),
    ForeignFlag(names: ["--hidden-size", "--hidden-dim", "--gru-units"], own: "--context"),
    ForeignFlag(names: ["--prediction-steps", "--predict-steps", "--n-predicts", "--timestep"], own: "--steps-ahead"),
    ForeignFlag(names: ["--negative-samples", "--n-negatives", "--negative-sampling-ext"], own: "--num-negatives"),
    ForeignFlag(names: ["--val-fraction", "--val-split", "--valid-size", "--test-size"], own: "--valid-fraction"),
    ForeignFlag(names: ["--fp16", "--bf16", "--amp", "--dtype"], own: "--precision"),
    ForeignFlag(names: ["--settings", "--config-file", "--cfg"], own: "--config"),
    ForeignFlag(
      names: ["--gpu", "--gpus", "--device", "--cuda"], own: nil,
      remark: "the tools compute on the processor; Tools/torch has the same models and data for PyTorch"),
  ]

  /// What others call so; `word` may have a value after `=`, and `_` for `-`.
  static func named(_ word: String) -> (flag: Substring, meaning: ForeignFlag)? {
    guard word.begins(with: "--") else { return nil }
    let flag = word.divided(atFirst: "=")?.head ?? Substring(word)
    let usual = "--" + flag.dropping(first: 2).pieces(at: "_").joined(separator: "-")
    guard
      let meaning = all.first(where: { $0.names.contains { name in isSame(name, usual) || isSame(name, flag) } })
    else { return nil }
    return (flag, meaning)
  }

  /// What to type instead, for a tool with this help; nil if it has nothing of the kind.
  func advice(help: String) -> String? {
    guard let own else { return remark }
    guard help.pieces(at: " ", "\n", ",", "[", "]").contains(where: { isSame($0, own) }) else { return nil }
    return "here it is \(own)" + (remark.map { "; \($0)" } ?? "")
  }
}
