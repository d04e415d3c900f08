import FileIO
import Glibc
import TestSupport
import Testing

/// Features in parts, as several machines make them.
extension EmbedTests {
  @Test(arguments: [1, 2, 3, 40]) func partsOfSeveralRunsMakeWhatOneRunMakes(count: Int) throws {
    #expect(try embed("e").status == 0)
    var parts: [String] = []
    for part in (0..<count).reversed() {
      parts.append(folder("p\(part)"))
      let result = try embed("p\(part)", ["--part", "\(part)/\(count)", "--threads", "\(1 + part % 3)"])
      #expect(result.status == 0, "\(result.messages)")
      #expect(try Folder.names(in: folder("p\(part)")) == ["part.jsonl", "shards"])
    }
    #expect(try embed("joined/e", ["--parts"] + parts).status == 0)
    let same = try runProcess("/usr/bin/diff", ["-r", folder("e"), folder("joined/e")])
    #expect(same.status == 0, "\(same.text)")
    #expect(try runTool("cpc-inspect", ["verify", folder("joined/e"), "--quiet"]).status == 0)
    // The same command finds nothing to do.
    #expect(try embed("p0", ["--part", "0/\(count)"]).messages.contains("finished already"))
  }

  @Test func killedPartsOfFeaturesGoOn() throws {
    #expect(try embed("e", ["--context", "utterance"]).status == 0)
    var interrupted = 0
    for round in 0..<40 where round < 8 || interrupted == 0 {
      for part in 0..<2 {
        let process = try StartedProcess(
          toolPath("cpc-embed"),
          [
            folder("run"), folder("d"), "-o", folder("p\(part)"), "--shard-records", "5", "--context", "utterance",
            "--part", "\(part)/2",
          ])
        usleep(UInt32(2 + 8 * (round % 8)) * 1000)
        process.send(9)
        _ = try process.wait()
        if Folder.kind(of: folder("p\(part)/part.jsonl")) == nil { interrupted += 1 }
      }
    }
    for part in 0..<2 {
      let result = try embed("p\(part)", ["--context", "utterance", "--part", "\(part)/2"])
      #expect(result.status == 0, "\(result.messages)")
    }
    let joined = try embed("joined/e", ["--context", "utterance", "--parts", folder("p0"), folder("p1")])
    #expect(joined.status == 0, "\(joined.messages)")
    let same = try runProcess("/usr/bin/diff", ["-r", folder("e"), folder("joined/e")])
    #expect(same.status == 0, "\(same.text)")
    #expect(interrupted > 0)
  }

  @Test func partsThatDoNotGoTogetherAreRefused() throws {
    for part in 0..<2 { #expect(try embed("p\(part)", ["--part", "\(part)/2"]).status == 0) }
    let (a, b) = (folder("p0"), folder("p1"))
    func refused(_ more: [String], _ words: String, to output: String = "j") throws {
      let result = try embed(output, more)
      #expect(result.status != 0 && result.messages.contains(words), "\(more): \(result.messages)")
      #expect(Folder.kind(of: folder("j/dataset.json")) == nil)
    }
    try refused(["--parts", a], "missing: part 1/2")
    try refused(["--parts", a, b, a], "part 0/2 is in")
    try refused(["--parts", a, b, "--layer", "z"], "another setting of 'features'")
    try refused(["--parts", a, b, "--type", "f16"], "another setting of 'type'")
    try refused(["--parts", a, b, "--split", "default:test"], "another setting of 'utterances'")
    try refused(["--parts", a, folder("d")], "no finished part")
    try refused(["--parts", a, b], "it is part 1/2", to: "p1")
    try refused(["--parts", a, b, "--part", "0/2"], "not both")
    try refused(["--part", "2/2"], "from 0 to n - 1")
    try refused(["--part", "0/2", "--npy"], "parts are of a dataset")
    // A model of the same sizes that has learnt nothing either, and is another.
    let data = [folder("d"), "--shard-records", "5", "--quiet"]
    for (i, normalisation) in ["none", "channel"].enumerated() {
      let run = try runTool(
        "cpc-train",
        [
          folder("d"), "-o", folder("r\(i)"), "--channels", "8", "--context", "6", "--updates", "1", "--batch", "2",
          "--valid-fraction", "0", "--quiet", "--normalisation", normalisation,
        ])
      #expect(run.status == 0, "\(run.messages)")
      let part = ["--random-init", folder("r\(i)"), "--part", "\(i)/2", "-o", folder("q\(i)")]
      #expect(try runTool("cpc-embed", data + part).status == 0)
    }
    let mixed = ["--random-init", folder("r0"), "-o", folder("j"), "--parts", folder("q0"), folder("q1")]
    #expect(try runTool("cpc-embed", data + mixed).messages.contains("another setting of 'features'"))
    // Bytes that are no longer those that the part made.
    let name = try #require(try Folder.names(in: "\(b)/shards").first)
    var bytes = try File.contents(of: "\(b)/shards/\(name)")
    bytes[bytes.count / 2] ^= 4
    try File.writing("\(b)/shards/\(name)").write(bytes)
    try refused(["--parts", a, b], "damaged: it is not what the part made")
  }
}
