import FileIO
import Glibc
import OrderedJSON
import TestSupport
import Testing
import Training

/// `cpc-train` when its data, its terminal or its time are taken away while it works.
@Suite struct LostInputTests {
  private let folder: TemporaryFolder
  private let shard: String

  init() throws {
    folder = try TemporaryFolder()
    _ = try makeDataset(folder("d"), someUtterances(40))
    shard = folder("d/shards/00000.safetensors")
  }

  private func arguments(_ run: String, updates: Int = 1_000_000) -> [String] {
    [
      folder("d"), "-o", folder(run), "--updates", "\(updates)", "-q", "--resume", "--channels", "16", "--context", "8",
      "--batch", "4", "--valid-batches", "2", "--log-every", "1", "--checkpoint-every", "0", "--valid-every", "0",
      "--threads", "1", "--window", "5120",
    ]
  }

  private func logged(_ run: String) -> Int {
    let bytes = (try? File.contents(of: folder("\(run)/log.jsonl"))) ?? []
    return bytes.count { $0 == UInt8(ascii: "\n") }
  }

  /// Starts a run and waits until it has made some updates.
  private func start(_ path: String, _ arguments: [String]) throws -> StartedProcess {
    let process = try StartedProcess(path, arguments)
    let limit = monotonicSeconds() + 120
    while logged("run") < 3, monotonicSeconds() < limit { usleep(1000) }
    return process
  }

  /// A shard that another program cuts short: all of its samples, or some bytes that its last page is left without.
  @Test(arguments: [70_000, -100])
  func aShardThatIsCutShortEndsTheRunWithACheckpoint(bytes: Int) throws {
    let whole = try File.contents(of: shard)
    let process = try start(toolPath("cpc-train"), arguments("run", updates: 500))
    #expect(truncate(shard, bytes > 0 ? bytes : whole.count + bytes) == 0)
    let result = try process.wait()
    #expect(result.status == 1, "\(result.status)")
    #expect(result.messages.contains("\(shard): cut short"), "\(result.messages)")
    let latest = try String(decoding: File.contents(of: folder("run/latest")).dropLast(), as: UTF8.self)
    #expect(result.messages.contains("saved before: \(folder("run/\(latest)"))"), "\(result.messages)")
    let update = try Checkpoint(opening: folder("run/\(latest)")).facts.state.update
    #expect(update == logged("run") && update >= 3, "no update was lost")
    // With the shard as it was, the run ends as if nothing had happened.
    try File.open(shard, flags: O_WRONLY | O_TRUNC, action: "open").write(whole)
    for run in ["run", "whole"] { #expect(try runTool("cpc-train", arguments(run, updates: 500)).status == 0) }
    for name in ["log.jsonl", "latest", "checkpoints/0000500.safetensors"] {
      #expect(try File.contents(of: folder("run/\(name)")) == File.contents(of: folder("whole/\(name)")), "\(name)")
    }
  }

  @Test(arguments: [SIGHUP, SIGXCPU, SIGTERM, SIGINT])
  func aSignalStopsTheRunWithACheckpoint(signal: CInt) throws {
    let process = try start(toolPath("cpc-train"), arguments("run"))
    process.send(signal)
    // More than once, as kernels and shells do; timeout(1) sends one to the process and one to its group.
    for _ in 0..<(signal == SIGHUP || signal == SIGXCPU ? 3 : 1) { process.send(signal) }
    let result = try process.wait()
    #expect(result.status == 75, "\(result.status) \(result.messages)")
    let latest = try String(decoding: File.contents(of: folder("run/latest")).dropLast(), as: UTF8.self)
    #expect(try Checkpoint(opening: folder("run/\(latest)")).facts.state.update == logged("run"))
  }

  @Test func nohupKeepsTheRunFromStoppingWithItsTerminal() throws {
    let process = try start(
      "/bin/bash", ["-c", #"trap "" HUP; exec "$0" "$@""#, toolPath("cpc-train")] + arguments("run"))
    process.send(SIGHUP)
    let made = logged("run")
    let limit = monotonicSeconds() + 120
    while logged("run") < made + 3, monotonicSeconds() < limit { usleep(1000) }
    #expect(logged("run") >= made + 3)
    process.send(SIGTERM)
    #expect(try process.wait().status == 75)
  }

  @Test func memoryThatCannotBeHadIsAnErrorWithTheFigure() throws {
    let result = try runProcess(
      "/bin/bash",
      [
        "-c", #"ulimit -v 4000000; exec "$0" "$@""#, toolPath("cpc-train"), folder("d"), "-o", folder("run"),
        "--channels", "16000", "--threads", "1", "--batch", "4",
      ])
    #expect(result.status == 1, "\(result.status) \(result.messages)")
    #expect(result.messages.contains("memory"), "\(result.messages)")
  }
}
