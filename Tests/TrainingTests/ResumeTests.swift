import FileIO
import Glibc
import Kernels
import Models
import OrderedJSON
import Shards
import TestSupport
import Testing
import Training

/// Runs that are interrupted, and end as if they had not been.
@Suite struct ResumeTests {
  private static let flags = [
    "--channels", "8", "--context", "8", "--batch", "4", "--steps-ahead", "3", "--valid-batches", "2",
    "--log-every", "7", "--checkpoint-every", "5", "--valid-every", "11", "--threads", "1", "--keep", "2",
    "--negatives", "same-speaker", "--num-negatives", "40", "--crop", "random", "--normalisation", "channel",
    "--clip", "1", "--warmup", "10", "--schedule", "cosine", "--accumulate", "2",
  ]

  /// A dataset, and the flags of a run on it that takes a second or two.
  private func makeRun(_ folder: TemporaryFolder, updates: Int) throws -> (_ run: String) -> [String] {
    _ = try makeDataset(folder("d"), someUtterances(40))
    let data = folder("d")
    return { [data, "-o", folder($0), "--updates", "\(updates)", "-q", "--resume"] + Self.flags }
  }

  /// Everything in a run's folder that must not depend on interruptions.
  private func expectSame(_ a: String, _ b: String, _ what: String) throws {
    for name in ["log.jsonl", "latest", "best", "config.json"] {
      #expect(try File.contents(of: "\(a)/\(name)") == File.contents(of: "\(b)/\(name)"), "\(what): \(name)")
    }
    let names = try Folder.names(in: "\(a)/checkpoints")
    #expect(try Folder.names(in: "\(b)/checkpoints") == names, "\(what)")
    for name in names {
      let same = try File.contents(of: "\(a)/checkpoints/\(name)") == File.contents(of: "\(b)/checkpoints/\(name)")
      #expect(same, "\(what): \(name)")
    }
  }

  private func uniform(_ stream: RandomStream, _ i: Int) -> Double { Double(stream.bits(UInt64(i)) >> 11) * 0x1p-53 }

  @Test(arguments: Precision.allCases) func killedRunsEndWithTheSameBytes(precision: Precision) throws {
    let folder = try TemporaryFolder()
    let run = try makeRun(folder, updates: 60)
    let arguments = { run($0) + ["--precision", precision.rawValue] }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try runTool("cpc-train", arguments("whole")).status == 0)
    let duration = (clock.now - start) / Duration.seconds(1)
    let random = RandomStream(seed: 20, purpose: .tests)
    var kills = 0
    var round = 0
    while kills < 20 {
      round += 1
      let run = "run\(round)"
      var status = 1
      while status != 0 {
        let process = try StartedProcess(toolPath("cpc-train"), arguments(run))
        usleep(UInt32(1e6 * duration * (0.05 + uniform(random, 100 * round + kills))))
        process.send(SIGKILL)
        status = try process.wait().status
        if status != 0 { kills += 1 }
        #expect(status == 0 || status == 128 + Int(SIGKILL))
        if kills > 200 { break }
      }
      try expectSame(folder("whole"), folder(run), "run \(round), \(kills) kills")
    }
  }

  @Test func stoppedRunsLoseNoUpdate() throws {
    let folder = try TemporaryFolder()
    let arguments = try makeRun(folder, updates: 200)
    #expect(try runTool("cpc-train", arguments("whole")).status == 0)
    let random = RandomStream(seed: 21, purpose: .tests)
    var stops = 0
    var made = 0
    for i in 0..<100 {
      let process = try StartedProcess(toolPath("cpc-train"), arguments("run"))
      // It is at work when it has logged something.
      let limit = monotonicSeconds() + 30
      while loggedUpdate(folder("run")) <= made, monotonicSeconds() < limit { usleep(500) }
      usleep(UInt32(20_000 * uniform(random, i)))
      if i % 3 == 1 { process.send(SIGUSR1) }
      process.send(i % 2 == 0 ? SIGTERM : SIGINT)
      let result = try process.wait()
      if result.status == 0 { break }
      #expect(result.status == 75, "\(result.status) \(result.messages)")
      // What was logged as done when it stopped is where the next one begins.
      let latest = try String(decoding: File.contents(of: folder("run/latest")), as: UTF8.self)
      let update = try #require(Int(latest.dropFirst("checkpoints/".count).prefix(7)))
      #expect(update > made, "an update was lost")
      made = update
      stops += 1
    }
    #expect(stops > 0)
    try expectSame(folder("whole"), folder("run"), "\(stops) stops")
  }

  private func loggedUpdate(_ run: String) -> Int {
    guard let bytes = try? File.contents(of: "\(run)/log.jsonl") else { return 0 }
    let updates = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      (try? JSON(parsing: $0))?["update"]?.intValue
    }
    return updates.last ?? 0
  }

  @Test func refusesOtherFlagsAndData() throws {
    let folder = try TemporaryFolder()
    let arguments = try makeRun(folder, updates: 4)
    let stopped = try runTool("cpc-train", arguments("run") + ["--stop-after", "0.00001"])
    #expect(stopped.status == 75)
    let before = try File.contents(of: folder("run/log.jsonl"))
    for (flag, value) in [
      ("--learning-rate", "0.1"), ("--seed", "7"), ("--batch", "5"), ("--negatives", "mixed-speaker"),
      ("--num-negatives", "41"), ("--crop", "none"), ("--channels", "9"), ("--updates", "5"),
      ("--valid-every", "12"), ("--score", "mean"), ("--input", "raw"), ("--schedule", "constant"),
      ("--precision", "bf16"),
    ] {
      let result = try runTool("cpc-train", arguments("run") + [flag, value])
      #expect(result.status == 64 && result.messages.contains("\(flag) was "), "\(result.messages)")
    }
    #expect(try File.contents(of: folder("run/log.jsonl")) == before, "a refusal changes nothing")
    let locked = try RunFolder(folder("run"), .resume)
    #expect(try runTool("cpc-train", arguments("run")).messages.contains("another process"))
    locked.close()
    let logging = ["--log-every", "1", "--checkpoint-every", "0", "--keep", "1", "--json"]
    let resumed = try runTool("cpc-train", arguments("run") + logging)
    #expect(resumed.status == 0, "\(resumed.messages)")
    let complete = try runTool("cpc-train", arguments("run"))
    #expect(complete.status == 0, "\(complete.messages)")
    _ = try makeDataset(folder("d"), someUtterances(41))
    let changed = try runTool("cpc-train", arguments("run"))
    #expect(changed.status == 1 && changed.messages.contains("its samples"), "\(changed.messages)")
  }

  @Test func moreUpdatesContinueAConstantSchedule() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    func train(_ path: String, updates: Int) throws -> String {
      configuration.updates = updates
      let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
      return try Trainer(
        configuration, source: PlannedBatches(division, configuration), data: division.data,
        folder: RunFolder(folder(path), .resume), threads: 1
      ).run().checkpoint
    }
    _ = try train("a", updates: 5)
    let extended = try Checkpoint(opening: train("a", updates: 9)).facts
    let direct = try Checkpoint(opening: train("b", updates: 9)).facts
    #expect(extended.identity == direct.identity && extended.state.update == 9)
    #expect(
      try tensors(folder("a/checkpoints/0000009.safetensors")) == tensors(folder("b/checkpoints/0000009.safetensors")))
    #expect { try train("a", updates: 7) } throws: {
      ($0 as? Failure)?.reason.contains("\(setting: "updates") was 9") == true
    }
    #expect(
      try Folder.names(in: folder("a/checkpoints")).contains("0000009.safetensors"), "a refusal changes nothing")
  }

  private func tensors(_ path: String) throws -> [UInt8] {
    // The header's metadata may know of the validation at the earlier end.
    let bytes = try File.contents(of: path)
    let header = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    return Array(bytes.dropFirst(8 + header))
  }
}
