import Archives
import Corpora
import FileIO
import Manifests
import OrderedJSON
import Pixels
import Shards
import TestSupport
import Testing

/// What tools say of pictures and texts, and flags that these have no use for.
@Suite struct KindFlagTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func make(_ kind: KindCorpus) throws -> ToolResult {
    let bad = try kind.write(to: folder("c"))
    #expect(!bad.isEmpty)
    return try runTool("cpc-shard", [folder("c"), "-o", folder("d")] + kind.flags + kind.making(folder("c")))
  }

  @Test func windowsAreOfAudio() throws {
    #expect(try make(.images).status == 1)
    for command in ["plan", "throughput"] {
      let flags = [command, folder("d"), "--valid-fraction", "0", "--batch", "2"]
      #expect(try runTool("cpc-inspect", flags).status == 0)
      let refused = try runTool("cpc-inspect", flags + ["--window", "20480"])
      #expect(
        refused.status == 64 && refused.messages.contains("--window is for audio: of the kind image"),
        "\(refused.messages)")
    }
  }

  @Test func aSplitIsNamedForItsPart() throws {
    #expect(try make(.images).status == 1)
    for command in [["sheet", folder("d"), "-o", folder("s.png")], ["pixels", folder("d")]] {
      let refused = try runTool("cpc-inspect", command + ["--split-name", "x"])
      #expect(refused.status == 64 && refused.messages.contains("--split-name goes with --part"), "\(refused.messages)")
    }
    let part = [folder("d"), "--fraction", "valid=0.5", "--by", "utterance", "--name", "mine"]
    #expect(try runTool("cpc-split", part).status == 0)
    let pixels = ["pixels", folder("d"), "--json", "--part", "valid"]
    #expect(try runTool("cpc-inspect", pixels).status == 1)
    let named = try runTool("cpc-inspect", pixels + ["--split-name", "mine"])
    // Half of 28, one of which is damaged.
    let records = try JSON(parsing: named.output)["records"]?.intValue ?? 0
    #expect((13...14).contains(records), "\(records) \(named.messages)")
  }

  @Test func aCardNamesWhatWasSkippedOnce() throws {
    #expect(try make(.images).status == 1)
    let card = try runTool("cpc-inspect", [folder("d")]).text
    #expect(card.contains("\n  cat/117.png: ") && !card.contains("cat/117.png: cat/117.png"), "\(card)")
  }

  @Test(arguments: [KindCorpus.audio, .images, .texts]) func transcriptsAreOfAudio(_ kind: KindCorpus) throws {
    #expect(try make(kind).status == 1)
    let counts = try Card.read(folder: folder("d")).facts["counts"]
    #expect((counts?["untranscribed_utterances"] != nil) == (kind == .audio), "\(counts?.compact ?? "")")
    #expect(counts?["utterances"]?.intValue ?? 0 > 0)
  }

  @Test(arguments: [
    ("class-folders", "a/1.png", "0 images, 0 groups"), ("documents", "a/1.txt", "0 documents, 0 groups"),
  ])
  func nothingIsCountedInItsOwnWords(layout: String, path: String, words: String) throws {
    try Folder.create(folder("c/a"))
    try File.writing(folder("c/\(path)")).write([0xff, 0xff])
    let scan = try runTool("cpc-scan", [folder("c"), "--layout", layout])
    #expect(scan.status == 1 && scan.messages.contains("\(words), 1 problem, named above"), "\(scan.messages)")
  }

  @Test(arguments: [KindCorpus.images, .samples, .texts]) func channelsAreOfAudio(_ kind: KindCorpus) throws {
    _ = try kind.write(to: folder("c"))
    let scan = try runTool("cpc-scan", [folder("c"), "--channel", "1"] + kind.flags)
    #expect(scan.status == 64 && scan.messages.contains("--channel is for audio"), "\(scan.messages)")
  }

  @Test func whatCannotBeWrittenLeavesNoFolder() throws {
    #expect(try make(.images).status == 1)
    let wav = try runTool("cpc-cat", [folder("d"), "--wav", "-o", folder("out")])
    #expect(wav.status == 64 && wav.messages.contains("--wav is for audio"), "\(wav.messages)")
    #expect(Folder.kind(of: folder("out")) == nil)
    let png = try runTool("cpc-cat", [folder("d"), "--png", "-o", folder("out"), "--record", "0-1"])
    #expect(try png.status == 0 && Folder.names(in: folder("out")).count == 2, "\(png.messages)")
  }

  @Test func oneIsNotSeveral() throws {
    try Folder.create(folder("c"))
    try File.writing(folder("c/a.txt")).write("One sentence.\n")
    try File.writing(folder("w")).write("one\n")
    let texts = [folder("c"), "--layout", "documents"]
    let made = try runTool("cpc-shard", texts + ["--vocabulary", folder("w"), "-o", folder("d")])
    #expect(made.messages.contains("1 document of 1 group, 1 sentence in 1 record"), "\(made.messages)")
    let line = try runTool("cpc-scan", texts).text.replacing("\"sentences\":1", with: "\"sentences\":2")
    try File.writing(folder("m.jsonl")).write(line)
    let other = try runTool("cpc-shard", [folder("m.jsonl"), "--vocabulary", folder("w"), "-o", folder("e")])
    #expect(other.status == 1 && other.messages.contains("2 sentences declared, and 1 there"), "\(other.messages)")
    let sheet = try runTool("cpc-inspect", ["plan", folder("d"), "--valid-fraction", "0"])
    #expect(!sheet.messages.contains("1 sentences") && !sheet.text.contains(" 1 sentences"), "\(sheet.text)")
  }

  /// A small picture is opened once: who looks at its header has read all of it.
  @Test func aSmallPictureIsReadOnce() throws {
    try Folder.create(folder("c/a"))
    var random = SeededGenerator(3)
    for (name, side) in [("large", 300), ("small", 20)] {
      let pixels = (0..<side * side * 3).map { _ in UInt8.random(in: 0...255, using: &random) }
      let png = try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: side, height: side) }
      try File.writing(folder("c/a/\(name).png")).write(png)
    }
    let corpus = try Corpus.opening([folder("c")], options: CorpusOptions(layout: .classFolders)).corpus
    #expect(corpus.minimumUnits == 2 && corpus.declaredUnits == 2)
    var held: [Int] = []
    while let event = try corpus.next() {
      guard case .utterance(let utterance) = event else { continue }
      #expect(try utterance.file.load() == File.contents(of: folder("c/\(utterance.entry.id)")))
      held.append(utterance.file.heldBytes)
    }
    let size = try File.reading(folder("c/a/small.png")).size()
    #expect(held == [0, size])
  }
}
