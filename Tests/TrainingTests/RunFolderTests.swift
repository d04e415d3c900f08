import FileIO
import Shards
import TestSupport
import Testing
import Training

/// What a run does with what it finds in its folder, and what it leaves alone.
@Suite struct RunFolderTests {
  private let folder: TemporaryFolder
  private let dataset: Dataset
  private let configuration: TrainingConfiguration = {
    var configuration = smallConfiguration()
    (configuration.updates, configuration.checkpointEvery, configuration.keep) = (6, 1, 9)
    configuration.validEvery = 0
    return configuration
  }()

  init() throws {
    folder = try TemporaryFolder()
    dataset = try makeDataset(folder("d"), someUtterances(20))
  }

  @discardableResult
  private func train(_ name: String, _ mode: RunFolder.Mode = .resume, stopAfter: Int = .max) throws -> RunFolder {
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let run = try RunFolder(folder(name), mode)
    let trainer = try Trainer(
      configuration, source: PlannedBatches(division, configuration), data: division.data, folder: run, threads: 1)
    try trainer.run(stopAfter: stopAfter)
    run.close()
    return run
  }

  private func expectSame(_ a: String, _ b: String) throws {
    for name in ["log.jsonl", "latest", "best"] + (1...6).map({ "checkpoints/000000\($0).safetensors" }) {
      #expect(try File.contents(of: folder("\(a)/\(name)")) == File.contents(of: folder("\(b)/\(name)")), "\(name)")
    }
  }

  @Test(arguments: [nil, ""])
  func withoutLatestTheNewestGoesOn(latest: String?) throws {
    #expect(try !train("whole").isLatestMissing)
    try train("run", stopAfter: 4)
    try Folder.remove(file: folder("run/latest"))
    if let latest { try writeAtomically(to: folder("run/latest")) { try $0.write(latest) } }
    #expect(try train("run").isLatestMissing)
    try expectSame("whole", "run")
  }

  @Test func theOldestLeftIsEnoughToGoOn() throws {
    try train("whole")
    try train("run", stopAfter: 4)
    try Folder.remove(file: folder("run/latest"))
    for update in 2...4 { try Folder.remove(file: folder("run/checkpoints/000000\(update).safetensors")) }
    try train("run")
    for update in 2...6 {
      let name = "checkpoints/000000\(update).safetensors"
      #expect(try File.contents(of: folder("whole/\(name)")) == File.contents(of: folder("run/\(name)")))
    }
  }

  /// Names that look like ours, but that no run makes.
  @Test func nothingOfTheUsersIsRemoved() throws {
    let theirs = [
      "my-best.safetensors", "400.safetensors", "+000001.safetensors", "0000001.safetensors.bak", "0000001.st",
      "00000001.safetensors", "my-best.safetensors.partial", "-000001.safetensors", "notes.txt", ".safetensors",
    ]
    func put(_ run: String) throws {
      for name in theirs { try writeAtomically(to: folder("\(run)/checkpoints/\(name)")) { try $0.write(name) } }
    }
    func expectThere(_ run: String, _ what: String) throws {
      for name in theirs {
        #expect(try File.contents(of: folder("\(run)/checkpoints/\(name)")) == Array(name.utf8), "\(what): \(name)")
      }
    }
    try train("whole")
    try train("run", stopAfter: 2)
    try put("run")
    try train("run")
    try expectThere("run", "a run that goes on")
    try expectSame("whole", "run")
    try train("run", .replace)
    try expectThere("run", "another run in its place")
    try expectSame("whole", "run")
    // A run that has not come to a checkpoint begins again.
    for name in try Folder.names(in: folder("run")) where name != "checkpoints" {
      try Folder.remove(file: folder("run/\(name)"))
    }
    for update in 1...6 { try Folder.remove(file: folder("run/checkpoints/000000\(update).safetensors")) }
    try train("run")
    try expectThere("run", "a run that begins again")
    try expectSame("whole", "run")
  }

  @Test func aRunGoesOnBesideFilesOfOthers() throws {
    try train("run", stopAfter: 2)
    try writeAtomically(to: folder("run/notes.txt")) { try $0.write("mine") }
    try train("run")
    #expect(try File.contents(of: folder("run/notes.txt")) == Array("mine".utf8))
    // But no folder is taken for a run's that holds something else and no checkpoint.
    try Folder.create(folder("other/checkpoints"))
    try writeAtomically(to: folder("other/config.json")) { try $0.write("{}") }
    try writeAtomically(to: folder("other/model.bin")) { try $0.write("theirs") }
    for mode in [RunFolder.Mode.refuse, .replace, .resume] {
      #expect { try train("other", mode) } throws: { ($0 as? Failure)?.reason.contains("model.bin") == true }
    }
    #expect(try Folder.names(in: folder("other")) == ["checkpoints", "config.json", "model.bin"])
  }

  @Test func aDamagedCheckpointSaysWhichOneIsIntact() throws {
    try train("whole")
    try train("run", stopAfter: 4)
    func damage(_ update: Int) throws {
      let path = folder("run/checkpoints/000000\(update).safetensors")
      var bytes = try File.contents(of: path)
      bytes[bytes.count - 5] ^= 4
      try writeAtomically(to: path) { try $0.write(bytes) }
    }
    try damage(4)
    try damage(3)
    #expect { try train("run") } throws: { error in
      guard let failure = error as? Failure else { return false }
      return failure.path == folder("run/checkpoints/0000004.safetensors") && failure.reason.contains("damaged")
        && failure.hint?.contains("checkpoints/0000002.safetensors into") == true
    }
    try writeAtomically(to: folder("run/latest")) { try $0.write("checkpoints/0000002.safetensors\n") }
    try train("run")
    try expectSame("whole", "run")
    try writeAtomically(to: folder("run/latest")) { try $0.write("checkpoints/0000009.safetensors\n") }
    #expect { try train("run") } throws: {
      "\($0)".contains("0000009.safetensors: cannot open") && "\($0)".contains("0000006.safetensors is intact")
    }
  }

  @Test func aCheckpointOfTheVersionWithoutDigestIsTaken() throws {
    try train("run", stopAfter: 2)
    let path = folder("run/checkpoints/0000002.safetensors")
    let bytes = try File.contents(of: path)
    let digest = try #require(bytes.firstRange(of: Array(#","cpc.digest":""#.utf8)))
    // A header of the same length, with spaces at its end.
    var old = bytes
    let end = digest.upperBound + 33
    let header = 8 + bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    old.replaceSubrange(
      digest.lowerBound..<header,
      with: Array(bytes[end..<header]) + [UInt8](repeating: UInt8(ascii: " "), count: end - digest.lowerBound))
    let version = try #require(old.firstRange(of: Array(#""cpc.checkpoint":"2""#.utf8)))
    old[version.upperBound - 2] = UInt8(ascii: "1")
    try writeAtomically(to: path) { try $0.write(old) }
    #expect(try Checkpoint(opening: path).digest == nil)
    try train("run")
    try train("whole")
    let last = "checkpoints/0000006.safetensors"
    #expect(try File.contents(of: folder("run/\(last)")) == File.contents(of: folder("whole/\(last)")))
    // Of the present version, a digest is part.
    old[version.upperBound - 2] = UInt8(ascii: "2")
    try writeAtomically(to: path) { try $0.write(old) }
    #expect { try Checkpoint(opening: path).digest } throws: { ($0 as? Failure)?.kind == .corrupt }
  }

  @Test func verifyTellsWhatIsWrong() throws {
    try train("run")
    try writeAtomically(to: folder("run/checkpoints/my-best.safetensors")) { try $0.write("mine") }
    let good = try RunFolder.verify(folder("run"))
    #expect(good.verification.isGood && good.verification.files == 6 + 4, "\(good.verification.problems)")
    #expect(good.foreign == ["my-best.safetensors"])
    func expectProblem(_ name: String, _ bytes: [UInt8]?, _ words: String) throws {
      let path = folder("run/\(name)")
      let before = try File.contents(of: path)
      if let bytes { try writeAtomically(to: path) { try $0.write(bytes) } } else { try Folder.remove(file: path) }
      let problems = try RunFolder.verify(folder("run")).verification.problems
      #expect(problems.count == 1 && "\(problems.first!)".contains(words), "\(name): \(problems)")
      #expect(problems.first?.path == path)
      try writeAtomically(to: path) { try $0.write(before) }
    }
    let checkpoint = "checkpoints/0000003.safetensors"
    let other = try File.contents(of: folder("run/checkpoints/0000004.safetensors"))
    try expectProblem(checkpoint, other, "another update")
    try expectProblem(checkpoint, Array(other.dropLast(9)), "cut short")
    try expectProblem("latest", nil, "names no checkpoint")
    try expectProblem("latest", Array("checkpoints/0000009.safetensors\n".utf8), "is not there")
    try expectProblem("best", Array("checkpoints/0000009.safetensors\n".utf8), "is not there")
    let log = try File.contents(of: folder("run/log.jsonl"))
    try expectProblem("log.jsonl", [0x7a] + log, "line 1")
  }

  /// One bit after the other at places drawn by a seed, with as many in the header as in the tensors.
  @Test func everyFlippedBitIsNamed() throws {
    try train("run", stopAfter: 2)
    let path = folder("run/checkpoints/0000002.safetensors")
    let good = try File.contents(of: path)
    let header = 8 + good.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    var random = SeededGenerator(7)
    var named = 0
    for i in 0..<1000 {
      let byte = Int.random(in: 0..<(i % 2 == 0 ? header : good.count), using: &random)
      var bytes = good
      bytes[byte] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try File.writing(path).write(bytes)
      do { _ = try Checkpoint(opening: path) } catch let failure as Failure where failure.path == path { named += 1 }
    }
    #expect(named == 1000)
  }
}
