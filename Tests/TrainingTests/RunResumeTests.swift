import FileIO
import OrderedJSON
import TestSupport
import Testing
import Training

/// `cpc-train RUN --resume`: a run that goes on with the flags of its `config.json`.
@Suite struct RunResumeTests {
  private let folder: TemporaryFolder
  private let flags = [
    "--channels", "8", "--context", "8", "--batch", "4", "--steps-ahead", "3", "--valid-batches", "2", "--threads", "1",
    "--log-every", "2", "--checkpoint-every", "3", "--valid-every", "4", "--updates", "1e1", "--valid-fraction", "20%",
    "--score", "cosine", "--temperature", "0.2", "--clip", "1",
  ]

  init() throws {
    folder = try TemporaryFolder()
    _ = try makeDataset(folder("d"), someUtterances(20))
  }

  private func train(_ arguments: [String]) throws -> ToolResult {
    try runTool("cpc-train", arguments, in: folder(""))
  }

  @Test func aRunKnowsItsFlags() throws {
    #expect(try train(["d", "-o", "whole"] + flags).status == 0)
    var result = try train(["d", "-o", "a run"] + flags + ["--stop-after", "0.00001"])
    #expect(result.status == 75 && result.messages.contains("\nto go on: cpc-train 'a run' --resume\n"))
    result = try train(["a run", "--resume", "--stop-after", "0.00001"])
    #expect(result.status == 75 && result.messages.contains("to go on: "), "\(result.messages)")
    result = try train(["a run", "--resume"])
    #expect(result.status == 0 && !result.messages.contains("threads"), "\(result.messages)")
    for name in ["log.jsonl", "config.json", "latest", "checkpoints/0000010.safetensors"] {
      #expect(try File.contents(of: folder("a run/\(name)")) == File.contents(of: folder("whole/\(name)")), "\(name)")
    }
    // More of it; and the flags of what is there still count.
    #expect(try train(["a run", "--resume", "--updates", "12"]).status == 0)
    #expect(try train(["a run", "--resume", "--seed", "2"]).messages.contains("--seed was 1"))
  }

  @Test func anotherNumberOfThreadsIsTold() throws {
    #expect(try train(["d", "-o", "run", "--stop-after", "0.00001"] + flags).status == 75)
    let result = try train(["run", "--resume", "--threads", "2"])
    #expect(result.status == 0 && result.messages.contains("it had 1 thread before and has 2 from here"))
    #expect(try SettingsFile(reading: folder("run/config.json")).threads() == 2)
  }

  @Test func whatIsNotThereIsNamed() throws {
    #expect(try train(["d", "-o", "run", "--stop-after", "0.00001"] + flags).status == 75)
    let away = try runTool("cpc-train", ["run/../run", "--resume"], in: folder("d"))
    #expect(away.status == 64 && away.messages.contains("run/../run: there is no config.json"), "\(away.messages)")
    let moved = try runTool("cpc-train", [folder("run"), "--resume"], in: folder("d"))
    #expect(moved.status == 1 && moved.messages.contains("error: d: there is no such dataset"), "\(moved.messages)")
    #expect(moved.messages.contains("--resume --config \(folder("run"))/config.json"), "\(moved.messages)")
    let named = [folder("d"), "-o", folder("run"), "--resume", "--config", folder("run/config.json")]
    #expect(try runTool("cpc-train", named, in: folder("d")).status == 0)
    for (arguments, message) in [
      (["d", "--resume"], "d: a dataset, no run (-o names"), (["d"], "-o must name the run's folder"),
      (["run", "--resume", "--config", "run/config.json"], "--config is for new runs"),
      (["run", "--resume", "--force"], "--force and --resume exclude each other"),
    ] {
      let result = try train(arguments)
      #expect(result.status == 64 && result.messages.contains(message), "\(result.messages)")
    }
  }

  /// Fine-tuning: the settings and the parameters of another run.
  @Test func aRunBeginsWithAnother() throws {
    #expect(try train(["d", "-o", "a"] + flags).status == 0)
    let result = try train([
      "d", "-o", "b", "--config", "a/config.json", "--init", "a", "--updates", "2", "--seed", "5",
    ])
    #expect(result.status == 0 && result.messages.contains("beginning with "), "\(result.messages)")
    let config = try JSON(parsing: File.contents(of: folder("b/config.json")))
    #expect(config["init"]?["path"]?.stringValue == "a" && config["init"]?["digest"]?.stringValue?.count == 32)
    #expect(config["channels"]?.intValue == 8 && config["seed"]?.intValue == 5 && config["log_every"]?.intValue == 2)
    let replaced = try train(["d", "-o", "a", "--force", "--init", "a", "--config", "a/config.json"])
    #expect(replaced.status == 64 && replaced.messages.contains("--force would remove"), "\(replaced.messages)")
    let other = try train(["d", "-o", "c", "--config", "a/config.json", "--init", "a", "--channels", "9"])
    #expect(other.status == 64 && other.messages.contains("is [8, 1, 10], in this run's model it is [9, 1, 10]"))
    #expect(Folder.kind(of: folder("c")) == nil, "nothing is left behind")
  }
}
