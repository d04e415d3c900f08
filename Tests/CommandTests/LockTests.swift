import FileIO
import Glibc
import Shards
import TestSupport
import Testing

/// Two writers of one folder, where the file system has no `flock`.
@Suite struct LockTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(folder: folder("corpus"))
  }

  private var lockFile: String { folder(".d.cpc-lock") }

  private func host() throws -> String {
    try String(#require(runProcess("/bin/hostname", []).text.split(separator: "\n").first))
  }

  @Test(arguments: [ENOLCK, ENOSYS, EOPNOTSUPP]) func everythingWorks(code: CInt) throws {
    let shim = try FailingLock(folder, code: "\(code)")
    let made = try shim.run("cpc-shard", [corpus.folder, "-o", folder("d")])
    #expect(made.status == 0, "\(made.messages)")
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("plain")]).status == 0)
    #expect(
      try File.contents(of: folder("d/shards/00000.safetensors"))
        == File.contents(of: folder("plain/shards/00000.safetensors")))
    // Each reads the card, adds to it and writes it: without a lock some would be lost.
    let writers = try (0..<6).map { i in
      try StartedProcess(
        "/usr/bin/env",
        shim.words(
          "cpc-split",
          [folder("d"), "--by", "utterance", "--fraction", "valid=0.5", "--seed", "\(i)", "--name", "s\(i)"]))
    }
    for writer in writers { #expect(try writer.wait().status == 0) }
    #expect(try Dataset(opening: folder("d")).splitNames.count == 6)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    #expect(Folder.kind(of: lockFile) == nil, "the lock is given back")
    #expect(try Folder.names(in: folder.path).filter { $0.contains("cpc-lock") }.isEmpty)
  }

  @Test func aDeadWritersLockIsTakenOverAndALivingOnesIsNot() throws {
    let shim = try FailingLock(folder, code: "\(ENOSYS)")
    let arguments = [corpus.folder, "-o", folder("d")]
    let host = try host()
    for (owner, hint) in [("\(host) \(getpid())", "\(getpid())"), ("elsewhere.example 1", "elsewhere.example 1")] {
      try File.writing(lockFile).write(owner + "\n")
      let refused = try shim.run("cpc-shard", arguments)
      #expect(refused.status == 1)
      #expect(refused.messages.contains("another process is writing this dataset"), "\(refused.messages)")
      #expect(refused.messages.contains(hint) && refused.messages.contains(lockFile), "\(refused.messages)")
      #expect(try File.contents(of: lockFile) == Array((owner + "\n").utf8))
    }
    let dead = try StartedProcess("/bin/sh", ["-c", "echo $$"]).wait().text.split(separator: "\n")[0]
    try File.writing(lockFile).write("\(host) \(dead)\n")
    let result = try shim.run("cpc-shard", arguments)
    #expect(result.status == 0, "\(result.messages)")
    #expect(Folder.kind(of: lockFile) == nil)
  }

  /// Many find a dead process's lock at once, and one after the other gets it.
  @Test func ofManyThatTakeADeadLockOverOneHoldsIt() throws {
    let shim = try FailingLock(folder, code: "\(ENOSYS)")
    #expect(try shim.run("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    for round in 0..<4 {
      let dead = try StartedProcess("/bin/sh", ["-c", "echo $$"]).wait().text.split(separator: "\n")[0]
      try File.writing(lockFile).write("\(try host()) \(dead)\n")
      let writers = try (0..<6).map { i in
        try StartedProcess(
          "/usr/bin/env",
          shim.words(
            "cpc-split",
            [folder("d"), "--by", "utterance", "--fraction", "valid=0.5", "--seed", "\(i)", "--name", "r\(round)s\(i)"])
        )
      }
      for writer in writers {
        let result = try writer.wait()
        #expect(result.status == 0, "\(result.messages)")
      }
      #expect(try Dataset(opening: folder("d")).splitNames.count == 6 * (round + 1))
      #expect(try Folder.names(in: folder.path).filter { $0.contains("cpc-lock") }.isEmpty)
    }
  }

  @Test func whoWaitsForLongSaysForWhom() throws {
    let shim = try FailingLock(folder, code: "\(ENOLCK)")
    #expect(try shim.run("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    try File.writing(lockFile).write("elsewhere.example 12\n")
    let writer = try StartedProcess(
      "/usr/bin/env", shim.words("cpc-split", [folder("d"), "--by", "utterance", "--fraction", "valid=0.5"]))
    sleep(8)
    try Folder.remove(file: lockFile)
    let result = try writer.wait()
    #expect(result.status == 0)
    let lines = result.messages.split(separator: "\n").filter { $0.contains("waiting for another process") }
    #expect(lines.count == 1, "\(result.messages)")
    #expect(
      lines.first?.contains("\(lockFile) names it: elsewhere.example 12; if it is gone, remove that file") == true,
      "\(result.messages)")
  }
}
