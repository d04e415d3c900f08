import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Input that is damaged as a whole, manifests with broken lines, damaged datasets, wrong usage.
@Suite struct BadInputTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(
      folder: folder("corpus"), utterancesPerChapter: 9, lengths: [20_480, 30_000, 47_123])
  }

  @Test func anArchiveCutInTheMiddleKeepsWhatCameBefore() throws {
    try ArchiveFile.write(corpus.files(), to: folder("c.tar.gz"), format: .ustar, compression: .gzip)
    let bytes = try File.contents(of: folder("c.tar.gz"))
    let result = try runTool("cpc-shard", ["-", "-o", folder("d")], input: Array(bytes.prefix(bytes.count / 2)))
    #expect(result.status == 1)
    let dataset = try Dataset(opening: folder("d"))
    #expect((2..<corpus.utterances.count).contains(dataset.utteranceCount))
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
  }

  @Test func theReasonWhyNothingCouldBeReadIsNamed() throws {
    try ArchiveFile.write(corpus.files(), to: folder("c.tar"), format: .ustar)
    // In the head of the first member, so that nothing tells that it is one.
    let bytes = try File.contents(of: folder("c.tar"))
    try File.writing(folder("cut.tar")).write(Array(bytes.prefix(300)))
    for output in [folder("d"), "-"] {
      let result = try runTool("cpc-shard", [folder("cut.tar"), "-o", output])
      #expect(result.status == 1 && result.messages.contains("empty corpus"))
      #expect(result.messages.contains("skipped: \(folder("cut.tar")): not a corpus archive"), "\(result.messages)")
    }
    #expect(Folder.kind(of: folder("d")) == nil)
  }

  /// A tool that ends while the digest of its input is being made on another thread.
  @Test func aQuickFailureIsNoCrash() throws {
    let gzip = try runProcess("/bin/gzip", ["-c"], input: Array("no archive\n".utf8)).output
    try File.writing(folder("x.tar.gz")).write(gzip)
    for _ in 0..<100 { #expect(try runTool("cpc-shard", [folder("x.tar.gz"), "-o", folder("d")]).status == 1) }
  }

  @Test func brokenManifestLinesAreNamed() throws {
    let good = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").map { String($0) }
    var lines = good
    lines[3] = String(lines[3].dropLast(20))
    lines.insert("{\"id\":\"x\"}", at: 7)
    let result = try runTool(
      "cpc-shard", ["-o", folder("d")], input: Array((lines.joined(separator: "\n") + "\n").utf8))
    #expect(result.status == 1)
    #expect(result.messages.contains("line 4") && result.messages.contains("line 8"))
    #expect(try Dataset(opening: folder("d")).utteranceCount == good.count - 1)
  }

  @Test(arguments: [[], Array("\n\n".utf8), Array("not an archive at all".utf8), [UInt8](repeating: 0, count: 10240)])
  func inputsWithoutACorpusAreRefused(input: [UInt8]) throws {
    let result = try runTool("cpc-shard", ["-", "-o", folder("d")], input: input)
    #expect(result.status == 1)
    #expect(result.messages.contains("error"))
    #expect(Folder.kind(of: folder("d")) == nil)
  }

  /// Every tool that opens a dataset names the damaged file and fails.
  @Test(arguments: ["shards/00000.safetensors", "index.safetensors", "utterances.jsonl", "dataset.json"])
  func damagedDatasetsAreRefusedByEveryReader(name: String) throws {
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    let path = folder("d/\(name)")
    let bytes = try File.contents(of: path)
    try File.writing(path).write(Array(bytes.dropLast(100)))
    for arguments in [
      ["cpc-inspect", folder("d")], ["cpc-inspect", "verify", folder("d")], ["cpc-cat", folder("d")],
      ["cpc-split", folder("d"), "--by", "utterance", "--fraction", "valid=0.2"],
      ["cpc-train", folder("d"), "-o", folder("run")],
    ] {
      let result = try runTool(arguments[0], Array(arguments.dropFirst()))
      #expect(result.status == 1, "\(arguments)")
      #expect((result.messages + result.text).contains(Folder.name(of: name)), "\(arguments): \(result.messages)")
    }
    var flipped = bytes
    flipped[bytes.count / 2] ^= 1
    try File.writing(path).write(flipped)
    let verified = try runTool("cpc-inspect", ["verify", folder("d")])
    #expect(verified.status == 1)
    #expect(verified.text.contains(name))
  }

  @Test(arguments: [
    ["--shard-records", "0"], ["--layout", "nobody"], ["--tail", "keep"], ["--threads", "0"], ["--no-such-flag"],
  ])
  func wrongUsageIs64(arguments: [String]) throws {
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")] + arguments).status == 64)
  }
}
