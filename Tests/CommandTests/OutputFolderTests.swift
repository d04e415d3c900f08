import FileIO
import Glibc
import Shards
import TestSupport
import Testing

/// What happens to the output folder: nothing is overwritten, nothing half-made looks whole, a rerun goes on.
@Suite struct OutputFolderTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try makeCorpus(folder("corpus"))
  }

  private func shard(_ output: String, _ options: [String] = []) throws -> ToolResult {
    try runTool("cpc-shard", [corpus.folder, "-o", output] + options)
  }

  @Test func existingOutputsAreRefused() throws {
    #expect(try shard(folder("d")).status == 0)
    let before = try tree(folder("d"))
    let again = try shard(folder("d"))
    #expect(again.status == 1)
    #expect(again.messages.contains("--force"))
    #expect(try tree(folder("d")) == before)
    #expect(try shard(folder("d"), ["--force", "--shard-records", "5"]).status == 0)
    #expect(try tree(folder("d")) != before)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)

    try File.writing(folder("file")).write("mine")
    #expect(try shard(folder("file"), ["--force"]).status == 1)
    try Folder.create(folder("full"))
    try File.writing(folder("full/thesis.tex")).write("mine")
    #expect(try shard(folder("full"), ["--force"]).status == 1)
    #expect(try Folder.names(in: folder("full")) == ["thesis.tex"])
    try Folder.create(folder("empty"))
    #expect(try shard(folder("empty")).status == 0)
  }

  @Test func filesOfOthersStay() throws {
    for name in [Card.fileName, "part.jsonl"] {
      try Folder.create(folder("foreign/shards"))
      try Folder.create(folder("foreign/splits"))
      for path in [name, "shards/model.safetensors", "splits/notes.txt"] {
        try File.writing(folder("foreign/\(path)")).write("mine")
      }
      let before = try tree(folder("foreign"))
      let result = try shard(folder("foreign"), ["--force"])
      #expect(result.status == 1 && result.messages.contains(name), "\(result.messages)")
      #expect(try tree(folder("foreign")) == before)
      _ = try runProcess("/bin/rm", ["-r", folder("foreign")])
    }
    #expect(try shard(folder("d"), ["--shard-records", "5"]).status == 0)
    try Folder.create(folder("d/splits"))
    let mine = ["shards/my-embeddings.safetensors", "shards/1.safetensors", "splits/mine.txt", "notes.md"]
    for path in mine { try File.writing(folder("d/\(path)")).write("1\ttrain\n") }
    #expect(try shard(folder("d"), ["--force"]).status == 0)
    let after = try tree(folder("d"))
    for path in mine { #expect(after[path] == Array("1\ttrain\n".utf8), "\(path)") }
    #expect(try after.keys.count { $0.hasPrefix("shards/") } == Card.read(folder: folder("d")).shards.count + 2)
  }

  @Test func aFailureLeavesNothingAfter() throws {
    try Folder.create(folder("no corpus"))
    try File.writing(folder("no corpus/notes.txt")).write("nothing here")
    let result = try runTool("cpc-shard", [folder("no corpus"), "-o", folder("d")])
    #expect(result.status == 1)
    #expect(Folder.kind(of: folder("d")) == nil)
    #expect(try runTool("cpc-shard", [folder("missing"), "-o", folder("d")]).status != 0)
    #expect(Folder.kind(of: folder("d")) == nil)
  }

  @Test func twoWritersDoNotMix() throws {
    try Folder.create(folder("d"))
    let held = try File.open(folder("d"), flags: O_RDONLY, action: "open")
    #expect(try held.tryLock())
    let result = try shard(folder("d"))
    #expect(result.status == 1)
    #expect(result.messages.contains("another process"))
  }

  /// Killed at many moments and started again: the same bytes, and never a dataset that is none.
  @Test func aKilledRunGoesOn() throws {
    let options = ["--shard-records", "3", "--threads", "2"]
    // As long as a whole run takes, so that a busy machine kills at the same places as an idle one.
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try shard(folder("r/d"), options).status == 0)
    let duration = (clock.now - start) / .seconds(1)
    let reference = try tree(folder("r/d"))
    var random = SeededGenerator(12)
    var interrupted = 0
    var reused = 0
    for round in 0..<20 {
      let output = folder("k\(round)/d")
      try Folder.create(folder("k\(round)"))
      // The shell kills it after a random time; some runs finish before.
      let delay = Double(Int.random(in: 0...100, using: &random)) / 100 * duration
      let tool = try toolPath("cpc-shard")
      let command = """
        "\(tool)" "\(corpus.folder)" -o "\(output)" \(options.joined(separator: " ")) 2>/dev/null & sleep \(delay)
        kill -9 $! 2>/dev/null; wait $! 2>/dev/null; true
        """
      _ = try runProcess("/bin/bash", ["-c", command])
      if Folder.kind(of: "\(output)/\(Card.fileName)") == nil {
        interrupted += 1
        if Folder.kind(of: output) != nil {
          #expect(try runTool("cpc-inspect", [output]).status == 1)
        }
      }
      let rerun = try shard(output, options)
      if rerun.status != 0 { #expect(rerun.messages.contains("already holds a dataset")) }
      if rerun.messages.contains("reused") { reused += 1 }
      #expect(try tree(output) == reference, "round \(round)")
    }
    #expect(interrupted > 0)
    #expect(reused > 0)
    print("20 rounds: \(interrupted) interrupted, \(reused) reruns reused shards")
  }

  @Test func anotherCommandDoesNotTakeUnfinishedWork() throws {
    let tool = try toolPath("cpc-shard")
    // A run whose input stops: the archive comes through a pipe that never ends.
    try ArchiveFile.write(corpus.files(), to: folder("c.tar"), format: .ustar, compression: .none)
    let size = try File.reading(folder("c.tar")).size()
    let command = """
      mkfifo "\(folder("pipe"))"; sleep 100 > "\(folder("pipe"))" & holder=$!
      "\(tool)" - -o "\(folder("d"))" --shard-records 3 < "\(folder("pipe"))" & sharder=$!
      head -c \(size / 2) "\(folder("c.tar"))" > "\(folder("pipe"))"
      for i in $(seq 200); do [ -s "\(folder("d"))/shards/00000.safetensors" ] && break; sleep 0.05; done
      kill -9 $sharder $holder; wait
      """
    _ = try runProcess("/bin/bash", ["-c", command])
    #expect(Folder.kind(of: folder("d/\(Card.fileName)")) == nil)
    let other = try shard(folder("d"))
    #expect(other.status == 1)
    #expect(other.messages.contains("unfinished work of another"))
    #expect(try shard(folder("d"), ["--force"]).status == 0)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    #expect(try Folder.names(in: folder("d")).contains(".cpc-shard") == false)
  }

  @Test(.enabled(if: SmallDisk.mayMount, "no mount namespace here, so no small file system"))
  func aFullDiskIsNamedAndARerunGoesOn() throws {
    let tool = try toolPath("cpc-shard")
    try ArchiveFile.write(corpus.files(), to: folder("c.tar.gz"), format: .ustar, compression: .gzip)
    let script = """
      mount -t tmpfs -o size=900k none /mnt || exit 99
      "\(tool)" "\(corpus.folder)" -o /mnt/known; echo "known $?"
      cat "\(folder("c.tar.gz"))" | "\(tool)" - -o /mnt/d --shard-records 6; echo "unknown $?"
      ls -A /mnt/d/shards
      mount -o remount,size=20m /mnt
      cat "\(folder("c.tar.gz"))" | "\(tool)" - -o /mnt/d --shard-records 6; echo "rerun $?"
      cp -r /mnt/d "\(folder("done"))"
      """
    let result = try runProcess("/usr/bin/unshare", ["-rm", "/bin/bash", "-c", script])
    #expect(result.text.contains("known 1") && result.text.contains("unknown 1") && result.text.contains("rerun 0"))
    #expect(result.messages.contains("the disk is too small: at least"))
    #expect(result.messages.contains("No space left"))
    #expect(result.messages.contains("reused"))
    #expect(!result.text.contains("partial"))
    #expect(try shard(folder("reference"), ["--shard-records", "6"]).status == 0)
    #expect(try content(folder("done")) == content(folder("reference")))
  }
}
