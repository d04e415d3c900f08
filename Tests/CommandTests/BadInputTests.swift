import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Bad files among good ones: each named with path and reason, left out, counted; the good ones are all there.
@Suite struct BadInputTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(
      folder: folder("corpus"), utterancesPerChapter: 9, lengths: [20_480, 30_000, 47_123])
  }

  private func change(_ utterance: Int, _ body: (inout [UInt8]) -> Void) throws {
    let path = "\(corpus.folder)/\(corpus.utterances[utterance].path)"
    var bytes = try File.contents(of: path)
    body(&bytes)
    let file = try File.writing(path)
    try file.write(bytes)
  }

  @Test func everyBadFileIsNamedAndEveryGoodOneKept() throws {
    try change(1) { $0.removeLast($0.count / 2) }
    try change(2) { $0[$0.count / 2] ^= 0x10 }
    // STREAMINFO holds the MD5 of the samples in its last 16 bytes: 4 of marker, 4 of block header, 18 before it.
    try change(3) { $0[4 + 4 + 18] ^= 1 }
    try change(4) { $0 = [] }
    try change(5) {
      $0 =
        Array("ID3\u{4}".utf8) + [0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 10) + [0xff, 0xfb, 0x90, 0]
        + [UInt8](repeating: 0, count: 2000)
    }
    try AudioFile.write(
      SpeechCorpus.speech(count: 16_000, seed: 1), to: "\(corpus.folder)/\(corpus.utterances[6].path)", rate: 8000)
    try AudioFile.write(
      SpeechCorpus.speech(count: 32_000, seed: 1), to: "\(corpus.folder)/\(corpus.utterances[7].path)", channels: 2)
    // Audio without transcript: good. Transcript without audio: named.
    let trans = "\(corpus.folder)/test/84/84100/84-84100.trans.txt"
    var lines = String(decoding: try File.contents(of: trans), as: UTF8.self).split(separator: "\n")
    if let missing = lines.firstIndex(where: { $0.hasPrefix(corpus.utterances.last!.id) }) { lines.remove(at: missing) }
    try File.writing(trans).write((lines + ["84-84100-0777 NOBODY SAYS THIS"]).joined(separator: "\n") + "\n")

    let result = try runTool("cpc-shard", [corpus.folder, "-o", folder("d"), "--json"])
    #expect(result.status == 1)
    let bad = [1, 2, 3, 4, 5, 6, 7]
    for utterance in bad { #expect(result.messages.contains(corpus.utterances[utterance].id), "\(utterance)") }
    for reason in ["8000 Hz", "2 channels", "MD5", "84-84100-0777"] {
      #expect(result.messages.contains(reason), "\(reason)")
    }
    let dataset = try Dataset(opening: folder("d"))
    let skipped = try #require(dataset.card.facts["skipped"]?.arrayValue)
    #expect(skipped.count == bad.count + 1)
    #expect(skipped.allSatisfy { $0["reason"]?.stringValue?.isEmpty == false })
    #expect(!dataset.card.facts.members.contains { $0.value.compact.contains(folder.path) })
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)

    var rows: [String: Int] = [:]
    let list = try dataset.utterances()
    while let line = try list.next() { rows[line.id] = line.rows }
    for (i, utterance) in corpus.utterances.enumerated() {
      if bad.contains(i) {
        #expect(rows[utterance.id] ?? 0 == 0)
      } else {
        #expect(rows[utterance.id] == (utterance.samples.count + 20479) / 20480)
      }
    }
    // Whatever fails, fails alike for any number of threads, and again when the run is repeated.
    for threads in ["1", "7"] {
      #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder(threads), "--threads", threads]).status == 1)
      #expect(try content(folder(threads)) == content(folder("d")))
    }
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("strict"), "--strict"]).status == 1)
    #expect(Folder.kind(of: folder("strict")) == nil)
  }

  @Test func duplicateIDsKeepTheFirst() throws {
    var members = try corpus.files()
    let first = try #require(members.first { $0.path.hasSuffix(".flac") })
    members.append(ArchiveFile.Member("again/" + first.path, first.bytes))
    try ArchiveFile.write(members, to: folder("c.tar"), format: .ustar, compression: .none)
    let result = try runTool("cpc-shard", [folder("c.tar"), "-o", folder("d")])
    #expect(result.status == 1)
    #expect(result.messages.contains("again/" + first.path))
    #expect(try Dataset(opening: folder("d")).utteranceCount == corpus.utterances.count)
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
