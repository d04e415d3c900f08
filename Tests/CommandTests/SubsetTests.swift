import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Datasets made of a part of another.
@Suite struct SubsetTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus
  private let manifest: [JSONObject]

  init() throws {
    folder = try TemporaryFolder()
    corpus = try makeCorpus(folder("corpus"))
    let lengths = corpus.utterances.map(\.samples.count)
    // Every utterance has labels, a part, a number; one cannot be decoded.
    manifest = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      object["split"] = .string(["train", "valid", "test"][i % 3])
      let end = min(0.01 + Double(i) / 100, Double(lengths[i]) / 16000)
      object["phones"] = .array([.array([.string("S"), .real(0.0), .real(end)])])
      object["number"] = .int(i * i)
      return object
    }
    var broken = try File.contents(of: "\(corpus.folder)/\(corpus.utterances[4].path)")
    broken.removeLast(broken.count / 2)
    try writeAtomically(to: "\(corpus.folder)/\(corpus.utterances[4].path)") { try $0.write(broken) }
    #expect(try shard(manifest, "d", ["--corpus-name", "c", "--licence", "CC BY 4.0"]).status == 1)
    let labels = corpus.utterances.map {
      let cells = ($0.samples.count + 159) / 160
      return "{\"id\":\"\($0.id)\",\"cells\":[\((0..<cells).map { "\($0 % 7)" }.joined(separator: ","))]}\n"
    }
    try File.writing(folder("l.jsonl")).write(labels.joined())
    try File.writing(folder("seven.txt")).write("0\n1\n2\n3\n4\n5\n6\n")
  }

  private func shard(_ lines: [JSONObject], _ name: String, _ options: [String] = []) throws -> ToolResult {
    let text = lines.map { JSON.object($0).compact + "\n" }.joined()
    return try runTool(
      "cpc-shard", ["-o", folder(name), "--root", "/", "--shard-records", "7"] + options, input: Array(text.utf8))
  }

  private func addPlanes(_ name: String) throws {
    let flags = ["--phone-set", folder("seven.txt"), "--allow-unknown-ids"]
    #expect(try runTool("cpc-shard", ["add", folder(name), "seven=\(folder("l.jsonl"))"] + flags).status == 0)
    #expect(try runTool("cpc-shard", ["add", folder(name), "number=key:number"]).status == 0)
  }

  private func select(_ arguments: [String], _ name: String, from source: String = "d") throws -> ToolResult {
    try runTool("cpc-shard", ["select", folder(source)] + arguments + ["-o", folder(name)])
  }

  /// Everything but the card's command and origin.
  private func plain(_ name: String) throws -> [String: [UInt8]] {
    var files = try tree(folder(name))
    var card = try Card.read(folder: folder(name))
    card.facts["command"] = .null
    card.facts["source"] = nil
    files[Card.fileName] = card.encoded
    return files
  }

  /// A subset is byte for byte the dataset that its utterances alone would have made, planes and splits included.
  @Test func isWhatItsUtterancesAloneWouldBe() throws {
    try addPlanes("d")
    let listed = corpus.utterances.indices.filter { $0 % 5 < 2 }
    try File.writing(folder("ids")).write(listed.map { corpus.utterances[$0].id + ".flac\n" }.joined())
    let groups = Set(["84", "19"])
    let cases: [(arguments: [String], isMeant: (Int) -> Bool)] = [
      (["--split", "default:valid"], { $0 % 3 == 1 }),
      (["--split", "default"], { _ in true }),
      (["--group", "84,19"], { groups.contains(self.corpus.utterances[$0].speaker) }),
      (
        ["--group", "19,84", "--split", "default:train"],
        { $0 % 3 == 0 && groups.contains(self.corpus.utterances[$0].speaker) }
      ),
      (["--ids", folder("ids")], { listed.contains($0) }),
    ]
    let source = try Card.read(folder: folder("d"))
    for (i, (arguments, isMeant)) in cases.enumerated() {
      let lines = manifest.indices.filter(isMeant).map { manifest[$0] }
      #expect(!lines.isEmpty)
      #expect(try shard(lines, "direct\(i)", ["--corpus-name", "c", "--licence", "CC BY 4.0"]).status < 2)
      try addPlanes("direct\(i)")
      let result = try select(arguments, "s\(i)")
      #expect(result.status == 0, "\(result.messages)")
      let (one, other) = (try plain("s\(i)"), try plain("direct\(i)"))
      #expect(one == other, "\(arguments): \(one.keys.filter { one[$0] != other[$0] })")
      #expect(try runTool("cpc-inspect", ["verify", folder("s\(i)")]).status == 0)
      let card = try Card.read(folder: folder("s\(i)"))
      #expect(card.facts["licence"] == .string("CC BY 4.0"))
      #expect(card.facts["source"]?["digest"] == .string(source.digest))
      #expect(card.facts["source"]?["dataset"] == .string("d"))
    }
    // A subset of a subset names both.
    #expect(try select(["--split", "default:train"], "deep", from: "s2").status == 0)
    let origin = try Card.read(folder: folder("deep")).facts["source"]
    #expect(origin?["dataset"] == .string("s2") && origin?["source"]?["dataset"] == .string("d"))
    #expect(try plain("deep")[Card.fileName] == plain("s3")[Card.fileName])
  }

  @Test func keepsTheTailThatWasDropped() throws {
    #expect(try shard(manifest, "t", ["--tail", "drop"]).status == 1)
    let lines = manifest.indices.filter { $0 % 3 == 2 }.map { manifest[$0] }
    #expect(try shard(lines, "direct", ["--tail", "drop"]).status < 2)
    #expect(try select(["--split", "default:test"], "s", from: "t").status == 0)
    #expect(try plain("s") == plain("direct"))
  }

  @Test func groupsAreChosenByTheBytesOfTheirNames() throws {
    let names = ["\u{e9}", "e\u{301}", "Doe, John", "Doe"]
    let lines = manifest.enumerated().map { i, line in
      var line = line
      line["group"] = .string(names[i % names.count])
      line["split"] = .string(names[i % 2])
      return line
    }
    _ = try shard(lines, "n")
    for (i, (what, wanted)) in [
      (["--group", names[0]], [0]), (["--group", names[1]], [1]), (["--group", "Doe, John"], [2]),
      (["--group", "Doe"], [3]), (["--group", "Doe,\(names[1])"], [1, 3]),
      (["--split", "default:\(names[1])"], [1, 3]),
    ].enumerated() {
      let result = try select(what, "n\(i)", from: "n")
      #expect(result.status == 0, "\(what): \(result.messages)")
      let found = try Card.read(folder: folder("n\(i)")).groups.map { Array($0.utf8) }
      #expect(found == wanted.map { Array(names[$0].utf8) }, "\(what)")
    }
    let none = try select(["--group", "Doe", "--group", "Doe, John"], "x", from: "n")
    #expect(none.status == 1 && none.messages.contains("none is selected by all"), "\(none.messages)")
    // Lists of ids, too.
    let ids = lines.prefix(2).enumerated().map { i, line in
      var line = line
      line["id"] = .string(names[i])
      return JSON.object(line).compact + "\n"
    }
    for i in 0..<2 { try File.writing(folder("part\(i)")).write(names[i] + "\n") }
    let split = try runTool(
      "cpc-split", ["--list", "a=\(folder("part0"))", "--list", "b=\(folder("part1"))"], input: Array(ids.joined().utf8)
    )
    #expect(split.status == 0 && split.text.contains("\"split\":\"b\""), "\(split.messages)")
  }

  @Test func whatCannotBeSelectedIsNamed() throws {
    try File.writing(folder("ids")).write("\(corpus.utterances[0].id)\nnobody\n")
    let cases: [([String], Int, String)] = [
      (["--split", "nothing"], 1, "no split \"nothing\" (there is default)"),
      (["--split", "default:dev"], 1, "no part \"dev\" (it has train, valid, test)"),
      (["--group", "84,nobody"], 1, "no group \"nobody\""), ([], 64, "which utterances"),
      (["--group", ""], 64, "cannot select"), (["--split", "default:"], 64, "cannot select"),
      (["--ids", folder("ids")], 1, "1 of the listed ids not in it: nobody"),
      (["--group", "84", "--tail", "drop"], 64, "--tail"),
    ]
    for (arguments, status, words) in cases {
      let result = try select(arguments, "x")
      #expect(result.status == status && result.messages.contains(words), "\(arguments): \(result.messages)")
      #expect(Folder.kind(of: folder("x")) == nil)
    }
    #expect(try select(["--ids", folder("ids"), "--allow-unknown-ids"], "x").status == 0)
    #expect(try select(["--group", "84"], "x").messages.contains("--force"))
    let before = try tree(folder("d"))
    #expect(try select(["--group", "84", "--force"], "d").status == 64)
    #expect(try tree(folder("d")) == before)
  }

  @Test func damageDoesNotTravel() throws {
    try addPlanes("d")
    for path in ["shards/00000.safetensors", "shards/00000.seven.safetensors"] {
      let good = try File.contents(of: folder("d/\(path)"))
      var bytes = good
      bytes[bytes.count - 5] ^= 4
      try writeAtomically(to: folder("d/\(path)")) { try $0.write(bytes) }
      let result = try select(["--split", "default"], "x")
      #expect(result.status == 1 && result.messages.contains("cpc-inspect verify"), "\(result.messages)")
      #expect(Folder.kind(of: folder("x")) == nil)
      try writeAtomically(to: folder("d/\(path)")) { try $0.write(good) }
    }
  }

  @Test func aKilledSubsetGoesOn() throws {
    try addPlanes("d")
    let start = monotonicSeconds()
    #expect(try select(["--split", "default"], "r/s").status == 0)
    let duration = monotonicSeconds() - start
    let reference = try tree(folder("r/s"))
    var random = SeededGenerator(12)
    var (interrupted, reused) = (0, 0)
    for round in 0..<20 {
      let output = folder("k\(round)/s")
      try Folder.create(folder("k\(round)"))
      let delay = Double.random(in: 0...duration, using: &random)
      let command = """
        "\(try toolPath("cpc-shard"))" select "\(folder("d"))" --split default -o "\(output)" 2>/dev/null & sleep \(delay)
        kill -9 $! 2>/dev/null; wait $! 2>/dev/null; true
        """
      _ = try runProcess("/bin/bash", ["-c", command])
      if Folder.kind(of: "\(output)/\(Card.fileName)") == nil { interrupted += 1 }
      let rerun = try select(["--split", "default"], "k\(round)/s")
      if rerun.status != 0 { #expect(rerun.messages.contains("already holds a dataset")) }
      if rerun.messages.contains("reused") { reused += 1 }
      #expect(try tree(output) == reference, "round \(round)")
    }
    #expect(interrupted > 0)
    print("20 rounds: \(interrupted) subsets interrupted, \(reused) reruns reused shards")
  }

  @Test func sumsAreThoseOfSha256sum() throws {
    try addPlanes("d")
    let sums = try runTool("cpc-inspect", ["sums", folder("d")])
    #expect(sums.status == 0)
    try writeAtomically(to: folder("d/SHA256SUMS")) { try $0.write(sums.output) }
    let check = try runProcess("/usr/bin/sha256sum", ["-c", "--strict", "SHA256SUMS"], in: folder("d"))
    #expect(check.status == 0, "\(check.text)")
    let files = try tree(folder("d")).keys.filter { $0 != "SHA256SUMS" }
    #expect(check.text.split(separator: "\n").sorted() == files.map { Substring($0 + ": OK") }.sorted())
    var bytes = try File.contents(of: folder("d/index.safetensors"))
    bytes[bytes.count - 1] ^= 1
    try writeAtomically(to: folder("d/index.safetensors")) { try $0.write(bytes) }
    let damaged = try runTool("cpc-inspect", ["sums", folder("d")])
    #expect(damaged.status == 1 && damaged.messages.contains("index.safetensors: its digest differs"))
    #expect(!damaged.text.contains("index.safetensors"))
  }
}
