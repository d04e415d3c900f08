import FileIO
import OrderedJSON
import TestSupport
import Testing

/// The archives that a dataset was made of, in its card.
@Suite struct SourceTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func sources(_ dataset: String) throws -> [JSON]? {
    let result = try runTool("cpc-inspect", [folder(dataset), "--json"])
    return try JSON(parsing: result.text)["sources"]?.arrayValue
  }

  @Test(arguments: ["tar", "tar.gz", "zip"]) func archivesHaveTheirMD5(kind: String) throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), speakers: [84, 1272, 61])
    let archive = folder("c.\(kind)")
    let packed =
      kind == "zip"
      ? try runProcess("/usr/bin/python3", ["-m", "zipfile", "-c", archive, "test", "SPEAKERS.TXT"], in: corpus.folder)
      : try runProcess("/usr/bin/tar", ["-caf", archive, "test", "SPEAKERS.TXT"], in: corpus.folder)
    #expect(packed.status == 0, "\(packed.messages)")
    let sum = try runProcess("/usr/bin/md5sum", [archive]).text.prefix(32)
    let bytes = try File.contents(of: archive)
    let expected = { (name: String) in
      [JSON.object(["name": .string(name), "bytes": .int(bytes.count), "md5": .string(String(sum))])]
    }
    #expect(try runTool("cpc-shard", [archive, "-o", folder("d")]).status == 0)
    #expect(try sources("d") == expected("c.\(kind)"))
    if kind != "zip" {
      #expect(try runTool("cpc-shard", ["-", "-o", folder("p")], input: bytes).status == 0)
      #expect(try sources("p") == expected("standard input"))
    }
    // By way of a manifest, in one run and in parts.
    #expect(try runTool("cpc-scan", [archive, "-o", folder("m.jsonl")]).status == 0)
    #expect(try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("m")]).status == 0)
    #expect(try sources("m") == expected("c.\(kind)"))
    #expect(try runTool("cpc-shard", [folder("m.jsonl"), "--part", "0/1", "-o", folder("part")]).status == 0)
    #expect(
      try runTool("cpc-shard", ["merge", folder("m.jsonl"), "-o", folder("merged"), "--parts", folder("part")]).status
        == 0)
    #expect(try sources("merged") == expected("c.\(kind)"))
    // It travels to what is selected.
    #expect(try runTool("cpc-shard", ["select", folder("d"), "--group", "84", "-o", folder("s")]).status == 0)
    #expect(try sources("s") == expected("c.\(kind)"))
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("f")]).status == 0)
    #expect(try sources("f") == nil)
  }
}
