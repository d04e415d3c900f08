import FileIO
import Glibc
import OrderedJSON
import TestSupport
import Testing

/// What holds for records of every kind, audio among them: the same bytes whatever the way, nothing lost, damage named.
@Suite struct EveryKindTests {
  private let folder: TemporaryFolder
  private let shardFlags = ["--shard-records", "5"]

  init() throws { folder = try TemporaryFolder() }

  private func make(_ kind: KindCorpus, _ input: String, _ output: String, _ more: [String] = []) throws -> ToolResult {
    try runTool(
      "cpc-shard", [input] + kind.flags + kind.making(folder("c")) + shardFlags + ["-o", folder(output)] + more)
  }

  private func expectSame(
    _ a: [String: [UInt8]], _ b: [String: [UInt8]], but: Set<String> = [], _ comment: Comment? = nil
  ) {
    #expect(a.keys.sorted() == b.keys.sorted(), comment)
    for (name, bytes) in a where !but.contains(name) { #expect(b[name] == bytes, "\(name)") }
  }

  /// A dataset of the corpus, whose damaged file is named.
  private func whole(_ kind: KindCorpus) throws -> [String: [UInt8]] {
    let damaged = try kind.write(to: folder("c"))
    let result = try make(kind, folder("c"), "d")
    #expect(result.status == 1 && result.messages.contains(damaged), "\(result.messages)")
    let content = try tree(folder("d"))
    #expect(content.keys.count { $0.contains("shards/") } > 3)
    #expect(try runTool("cpc-inspect", ["verify", folder("d"), "--quiet"]).status == 0)
    return content
  }

  @Test(arguments: KindCorpus.allCases) func threadsChangeNothing(_ kind: KindCorpus) throws {
    _ = try whole(kind)
    for threads in [1, 2, 7] {
      _ = try make(kind, folder("c"), "t\(threads)/d", ["--threads", "\(threads)"])
      let same = try runProcess("/usr/bin/diff", ["-r", folder("d"), folder("t\(threads)/d")])
      #expect(same.status == 0, "\(same.text)")
    }
  }

  @Test(arguments: KindCorpus.allCases) func foldersAndArchivesAreTheSame(_ kind: KindCorpus) throws {
    _ = try whole(kind)
    let files = try runProcess("/bin/sh", ["-c", "cd '\(folder("c"))' && find . -type f | LC_ALL=C sort | cut -c3-"])
    let members = try files.text.split(separator: "\n").map { name in
      ArchiveFile.Member(String(name), try File.contents(of: folder("c/\(name)")))
    }
    try ArchiveFile.write(members, to: folder("c.tar"))
    _ = try make(kind, folder("c.tar"), "archive")
    #expect(try content(folder("archive")) == content(folder("d")))
    // Texts are read twice.
    guard kind != .texts else {
      let pipe = try runTool(
        "cpc-shard", ["-"] + kind.flags + ["-o", folder("pipe")], input: File.contents(of: folder("c.tar")))
      #expect(pipe.status == 64 && pipe.messages.contains("read twice"), "\(pipe.messages)")
      return
    }
    let pipe = try runTool(
      "cpc-shard", ["-"] + kind.flags + kind.making(folder("c")) + shardFlags + ["-o", folder("pipe")],
      input: File.contents(of: folder("c.tar")))
    #expect(pipe.status == 1, "\(pipe.messages)")
    // What was skipped has another place there.
    expectSame(try tree(folder("d")), try tree(folder("pipe")), but: ["dataset.json"])
  }

  @Test(arguments: KindCorpus.allCases) func manifestsAndPartsMakeTheSame(_ kind: KindCorpus) throws {
    let expected = try whole(kind)
    let scan = try runTool("cpc-scan", [folder("c")] + kind.flags + ["-o", folder("m.jsonl")])
    #expect(scan.status == (kind.isDecodedByScan ? 1 : 0), "\(scan.messages)")
    let manifest = folder("m.jsonl")
    let flags = kind.making(folder("c")) + shardFlags
    _ = try runTool("cpc-shard", [manifest] + flags + ["-o", folder("e")])
    let whole = try tree(folder("e"))
    expectSame(expected, whole, but: ["dataset.json"])
    for part in 0..<3 {
      let result = try runTool("cpc-shard", [manifest] + flags + ["--part", "\(part)/3", "-o", folder("p\(part)")])
      #expect(result.status == 0 || result.messages.contains("skipped"), "\(result.messages)")
    }
    let merged = try runTool(
      "cpc-shard", ["merge", manifest, "-o", folder("x/e")] + flags + ["--parts"] + (0..<3).map { folder("p\($0)") })
    #expect(merged.status == (kind.isDecodedByScan ? 0 : 1), "\(merged.messages)")
    let same = try runProcess("/usr/bin/diff", ["-r", folder("e"), folder("x/e")])
    #expect(same.status == 0, "\(same.text)")
  }

  @Test(arguments: KindCorpus.allCases) func killedRunsGoOn(_ kind: KindCorpus) throws {
    let expected = try whole(kind)
    var interrupted = 0
    for delay in stride(from: UInt32(1), through: 40, by: 3) {
      let process = try StartedProcess(
        toolPath("cpc-shard"),
        [folder("c")] + kind.flags + kind.making(folder("c")) + shardFlags + ["-o", folder("k/d"), "--force"])
      usleep(delay * 1000)
      process.send(9)
      _ = try process.wait()
      if Folder.kind(of: folder("k/d/dataset.json")) == nil { interrupted += 1 }
    }
    _ = try make(kind, folder("c"), "k/d")
    expectSame(expected, try tree(folder("k/d")))
    #expect(interrupted > 0)
  }

  @Test(arguments: KindCorpus.allCases) func streamsHoldTheSameRecords(_ kind: KindCorpus) throws {
    _ = try whole(kind)
    let stream = try runTool("cpc-shard", [folder("c")] + kind.flags + kind.making(folder("c")) + ["-o", "-"])
    #expect(stream.status == 1, "\(stream.messages)")
    let streamed = try runTool("cpc-cat", ["-", "--samples"], input: stream.output)
    #expect(streamed.status == 0, "\(streamed.messages)")
    let stored = try runTool("cpc-cat", [folder("d"), "--samples"])
    #expect(streamed.output == stored.output && stored.output.count > 1000)
    let cut = try runTool("cpc-cat", ["-"], input: Array(stream.output.dropLast(10)))
    #expect(cut.status == 1 && cut.messages.contains("end mark"), "\(cut.messages)")
  }

  @Test(arguments: KindCorpus.allCases) func subsetsAreWhatTheirUtterancesMake(_ kind: KindCorpus) throws {
    _ = try whole(kind)
    _ = try runTool("cpc-scan", [folder("c")] + kind.flags + ["-o", folder("m.jsonl")])
    let lines = String(decoding: try File.contents(of: folder("m.jsonl")), as: UTF8.self).split(separator: "\n")
    let some = lines.enumerated().filter { $0.offset % 3 == 1 || $0.offset > lines.count * 2 / 3 }.map(\.element)
    let ids = try some.map { try #require(try JSON(parsing: Array($0.utf8))["id"]?.stringValue) }
    try File.writing(folder("some.jsonl")).write(some.joined(separator: "\n") + "\n")
    _ = try runTool("cpc-shard", [folder("some.jsonl")] + kind.making(folder("c")) + shardFlags + ["-o", folder("e")])
    let select = try runTool(
      "cpc-shard", ["select", folder("d"), "--ids", "-", "-o", folder("s")],
      input: Array((ids.joined(separator: "\n") + "\n").utf8))
    #expect(select.status == 0, "\(select.messages)")
    expectSame(try tree(folder("e")), try tree(folder("s")), but: ["dataset.json"])
    let cards = try ["e", "s"].map { try JSON(parsing: File.contents(of: folder("\($0)/dataset.json"))) }
    for key in ["kind", "record", "phone_sets", "label_sets"] { #expect(cards[0][key] == cards[1][key], "\(key)") }
    // What SPEAKERS.TXT says of them, the manifest does not.
    for key in ["name", "utterances", "records"] {
      let values = cards.map { $0["groups"]?.arrayValue?.map { $0[key] } }
      #expect(values[0] == values[1], "\(key)")
    }
    #expect(try runTool("cpc-inspect", ["verify", folder("s"), "--quiet"]).status == 0)
  }

  @Test(arguments: KindCorpus.allCases) func planesAreAddedAndRemoved(_ kind: KindCorpus) throws {
    let before = try whole(kind)
    let add = try runTool("cpc-shard", ["add", folder("d"), "place=key:row"])
    #expect(add.status == 0, "\(add.messages)")
    #expect(try runTool("cpc-inspect", ["verify", folder("d"), "--quiet"]).status == 0)
    let lines = try runTool("cpc-cat", [folder("d"), "--utterances"]).text.split(separator: "\n")
    #expect(lines.count > 10 && lines.allSatisfy { $0.contains("\"place\":") })
    #expect(try runTool("cpc-shard", ["remove", folder("d"), "place"]).status == 0)
    expectSame(before, try tree(folder("d")))
  }

  @Test(arguments: KindCorpus.allCases) func everyFlippedBitIsNamed(_ kind: KindCorpus) throws {
    let content = try whole(kind)
    var random = SeededGenerator(3)
    let names = content.keys.sorted()
    for _ in 0..<40 {
      let name = names.randomElement(using: &random)!
      var bytes = content[name]!
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try File.writing(folder("d/\(name)")).write(bytes)
      let result = try runTool("cpc-inspect", ["verify", folder("d"), "--quiet"])
      #expect(result.status == 1, "\(name) byte \(place)")
      try File.writing(folder("d/\(name)")).write(content[name]!)
    }
    #expect(try runTool("cpc-inspect", ["verify", folder("d"), "--quiet"]).status == 0)
  }
}
