import FileIO
import Glibc
import OrderedJSON
import TestSupport
import Testing

/// `cpc-shard make --part` and `merge`: several runs make what one run makes.
@Suite struct PartTests {
  private let folder: TemporaryFolder
  private let flags = ["--shard-records", "4"]

  /// A manifest with lines that cannot be used and audio that cannot be decoded among the good ones.
  init() throws {
    folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84, 1272, 61], utterancesPerChapter: 6,
      lengths: [45_000, 81_920, 900, 20_480, 141_000, 90_000, 61_440, 25_000, 20_480, 30_000, 20_800, 39_000])
    #expect(try runTool("cpc-scan", [corpus.folder, "-o", folder("good.jsonl")]).status == 0)
    var lines = String(decoding: try File.contents(of: folder("good.jsonl")), as: UTF8.self).split(separator: "\n")
      .map { String($0) }
    let damaged = corpus.utterances[5].path
    let path = try #require(
      [folder("corpus/\(damaged)"), folder("corpus/LibriSpeech/\(damaged)")].first { Folder.kind(of: $0) == .file })
    try File.writing(path).write("fLaC, but no more")
    lines[7] = lines[7].replacing(".flac\"", with: ".absent\"")
    lines.insert(lines[2], at: 9)
    lines.insert("{\"id\": nothing", at: 4)
    lines.insert("", at: 11)
    try File.writing(folder("m.jsonl")).write(lines.joined(separator: "\n") + "\n")
  }

  private func shard(_ arguments: String...) throws -> ToolResult {
    try runTool("cpc-shard", [folder("m.jsonl")] + flags + arguments)
  }

  private func whole() throws -> [String: [UInt8]] {
    let result = try shard("-o", folder("d"))
    #expect(result.status == 1, "\(result.messages)")
    let content = try tree(folder("d"))
    _ = try runProcess("/bin/rm", ["-r", folder("d")])
    return content
  }

  @Test(arguments: [1, 2, 3, 40]) func partsMakeWhatOneRunMakes(count: Int) throws {
    let expected = try whole()
    #expect(expected.keys.count { $0.contains("shards/") } > 5)
    for part in (0..<count).reversed() {
      let result = try shard("--part", "\(part)/\(count)", "-o", folder("p\(part)"), "--threads", "\(1 + part % 3)")
      #expect(result.status == 0 || result.messages.contains("skipped"), "\(result.messages)")
      #expect(try Folder.names(in: folder("p\(part)")).contains("part.jsonl"))
    }
    let parts = (0..<count).map { folder("p\($0)") }
    let result = try runTool(
      "cpc-shard", ["merge", folder("m.jsonl"), "-o", folder("d")] + flags + ["--parts"] + parts.reversed())
    #expect(result.status == 1, "\(result.messages)")
    let merged = try tree(folder("d"))
    #expect(merged.keys.sorted() == expected.keys.sorted())
    for (name, bytes) in expected { #expect(merged[name] == bytes, "\(name)") }
    #expect(try runTool("cpc-inspect", ["verify", folder("d"), "--quiet"]).status == 0)
    // The parts are as they were, and the same commands find nothing to do.
    #expect(try shard("--part", "0/\(count)", "-o", folder("p0")).messages.contains("finished already"))
  }

  @Test func killedPartsGoOn() throws {
    let expected = try whole()
    let clock = ContinuousClock()
    /// Kills a command at several moments of the time that it takes; returns how often it had not finished, and finishes
    /// it.
    func kill(_ arguments: [String], until isFinished: () -> Bool) throws -> Int {
      let output = try #require(arguments.firstIndex(of: "-o").map { arguments[$0 + 1] })
      let start = clock.now
      #expect(try runTool("cpc-shard", arguments).status <= 1)
      let duration = (clock.now - start) / .seconds(1)
      _ = try runProcess("/bin/rm", ["-r", output])
      var interrupted = 0
      for round in 0..<100 where !isFinished() || interrupted == 0 {
        // On a busy machine it may have ended before it could be killed.
        if isFinished() { _ = try runProcess("/bin/rm", ["-r", output]) }
        let fraction = [0, 0.1, 0.2, 0.4, 0.6, 0.5, 0.7][round % 7]
        let process = try StartedProcess(try toolPath("cpc-shard"), arguments)
        // First as soon as there is something, however busy the machine.
        for _ in 0..<100_000 where fraction == 0 && Folder.kind(of: output) == nil { usleep(100) }
        usleep(UInt32(fraction * duration * 1_000_000))
        process.send(9)
        _ = try process.wait()
        if Folder.kind(of: output) != nil, !isFinished() { interrupted += 1 }
      }
      #expect(try runTool("cpc-shard", arguments).status <= 1)
      #expect(isFinished())
      return interrupted
    }
    for part in 0..<2 {
      let arguments = [folder("m.jsonl")] + flags + ["--part", "\(part)/2", "-o", folder("p\(part)"), "--threads", "1"]
      let interrupted = try kill(arguments) { Folder.kind(of: folder("p\(part)/part.jsonl")) != nil }
      #expect(interrupted > 0)
    }
    let merge = ["merge", folder("m.jsonl"), "-o", folder("d")] + flags + ["--parts", folder("p0"), folder("p1")]
    let interrupted = try kill(merge) { Folder.kind(of: folder("d/dataset.json")) != nil }
    #expect(interrupted > 0)
    let merged = try tree(folder("d"))
    #expect(merged.keys.sorted() == expected.keys.sorted())
    for (name, bytes) in expected { #expect(merged[name] == bytes, "\(name)") }
  }

  @Test func refusesWhatDoesNotBelongTogether() throws {
    for part in 0..<3 { _ = try shard("--part", "\(part)/3", "-o", folder("p\(part)")) }
    _ = try shard("--part", "1/3", "-o", folder("other"), "--tail", "drop")
    _ = try shard("--part", "1/2", "-o", folder("half"))
    let p = { (i: Int) in self.folder("p\(i)") }
    for (parts, message) in [
      ([p(0), p(2)], "missing: part 1/3"), ([p(0), p(1), p(1), p(2)], "is in"),
      ([p(0), folder("other"), p(2)], "tail"),
      ([p(0), folder("half"), p(2)], "does not go with"), ([p(0), p(1), folder("corpus")], "no finished part"),
    ] {
      let result = try runTool(
        "cpc-shard", ["merge", folder("m.jsonl"), "-o", folder("d")] + flags + ["--parts"] + parts)
      #expect(result.status == 1 && result.messages.contains(message), "\(message): \(result.messages)")
      #expect(Folder.kind(of: folder("d")) == nil)
    }
    // A shard that is no longer what the part made.
    let name = try #require(try Folder.names(in: folder("p1/shards")).first)
    var bytes = try File.contents(of: folder("p1/shards/\(name)"))
    bytes[bytes.count / 2] ^= 1
    try File.writing(folder("p1/shards/\(name)")).write(bytes)
    let result = try runTool(
      "cpc-shard", ["merge", folder("m.jsonl"), "-o", folder("d")] + flags + ["--parts", p(0), p(1), p(2)])
    #expect(result.status == 1 && result.messages.contains("damaged"), "\(result.messages)")
    // Another manifest.
    let lines = String(decoding: try File.contents(of: folder("m.jsonl")), as: UTF8.self).split(separator: "\n")
    try File.writing(folder("m.jsonl")).write(lines.dropFirst(2).joined(separator: "\n"))
    let again = try shard("--part", "1/3", "-o", folder("p1"), "--force")
    #expect(again.status <= 1, "\(again.status) \(again.messages)")
    let changed = try runTool(
      "cpc-shard", ["merge", folder("m.jsonl"), "-o", folder("e")] + flags + ["--parts", p(0), p(1), p(2)])
    #expect(changed.status == 1, "\(changed.messages)")
    #expect(Folder.kind(of: folder("e/dataset.json")) == nil)
  }

  @Test func findsItsNumberInTheEnvironment() throws {
    for (variables, flag, part) in [
      (["SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_COUNT=4"], "auto", (2, 4)),
      (["SLURM_ARRAY_TASK_ID=5"], "auto/7", (5, 7)),
      (
        [
          "SLURM_ARRAY_TASK_ID=9", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_STEP=2", "SLURM_ARRAY_TASK_COUNT=5",
        ], "auto", (4, 5)
      ),
      (["OMPI_COMM_WORLD_RANK=1", "OMPI_COMM_WORLD_SIZE=2"], "auto", (1, 2)),
      (["SLURM_PROCID=2", "SLURM_STEP_NUM_TASKS=3"], "auto", (2, 3)),
      (["SLURM_PROCID=2", "SLURM_STEP_NUM_TASKS=3"], "auto/5", (2, 5)),
      // mpirun in a step of Slurm has its own ranks.
      (
        ["SLURM_PROCID=0", "SLURM_STEP_NUM_TASKS=1", "OMPI_COMM_WORLD_RANK=3", "OMPI_COMM_WORLD_SIZE=4"], "auto", (3, 4)
      ),
      (
        [
          "SLURM_ARRAY_TASK_ID=2", "SLURM_ARRAY_TASK_MIN=1", "SLURM_ARRAY_TASK_COUNT=3", "SLURM_PROCID=1",
          "SLURM_STEP_NUM_TASKS=2",
        ], "auto", (3, 6)
      ),
      // A batch script, not a step, of two tasks: the array counts.
      (["SLURM_ARRAY_TASK_ID=1", "SLURM_ARRAY_TASK_COUNT=2", "SLURM_PROCID=0", "SLURM_NTASKS=2"], "auto", (1, 2)),
    ] {
      let arguments = variables + [try toolPath("cpc-shard"), folder("m.jsonl"), "--part", flag, "--dry-run", "--json"]
      let result = try runProcess("/usr/bin/env", arguments)
      let report = try JSON(parsing: result.text)
      #expect(report["part"] == .int(part.0) && report["parts"] == .int(part.1), "\(result.messages)")
    }
    // Of a batch script the number is always 0: all but one part would be missing.
    let batch = try runProcess(
      "/usr/bin/env",
      ["SLURM_PROCID=0", "SLURM_NTASKS=4", toolPath("cpc-shard"), folder("m.jsonl"), "--part", "auto", "--dry-run"])
    #expect(batch.status == 64 && batch.messages.contains("SLURM_STEP_NUM_TASKS"), "\(batch.messages)")
    for flag in ["auto", "3/3", "-1/2", "1", "a/b", "0/0"] {
      #expect(try shard("--part=\(flag)", "-o", folder("d")).status == 64, "\(flag)")
    }
    #expect(try runTool("cpc-shard", [folder("corpus"), "--part", "0/2", "-o", folder("d")]).status == 64)
  }

  @Test func dryRunsAddUp() throws {
    var shards = 0
    var utterances = 0
    var records = 0
    for part in 0..<3 {
      let result = try shard("--part", "\(part)/3", "--dry-run", "--json")
      let report = try JSON(parsing: result.text)
      #expect(report["first_shard"] == .int(shards) && report["first_utterance"] == .int(utterances))
      shards += report["shards"]?.intValue ?? 0
      utterances += report["utterances"]?.intValue ?? 0
      records += report["records"]?.intValue ?? 0
    }
    let all = try JSON(parsing: try shard("--dry-run", "--json").text)
    #expect(all["shards"] == .int(shards) && all["utterances"] == .int(utterances) && all["records"] == .int(records))
    #expect(Folder.kind(of: folder("d")) == nil)
  }
}
