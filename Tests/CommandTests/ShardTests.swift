import FileIO
import Glibc
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Files of a folder by path, with their bytes.
func tree(_ folder: String) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  func visit(_ prefix: String) throws {
    for name in try Folder.names(in: "\(folder)/\(prefix)") {
      if Folder.kind(of: "\(folder)/\(prefix)\(name)") == .folder {
        try visit("\(prefix)\(name)/")
      } else {
        files[prefix + name] = try File.contents(of: "\(folder)/\(prefix)\(name)")
      }
    }
  }
  try visit("")
  return files
}

/// What must not depend on how the corpus came: everything but the command, the archive and the digest that covers them.
func content(_ folder: String) throws -> [String: [UInt8]] {
  var files = try tree(folder)
  var card = try Card.read(folder: folder)
  card.facts["command"] = .null
  card.facts["sources"] = nil
  files[Card.fileName] = card.encoded
  return files
}

/// Utterances around every edge of a window, of three speakers.
func makeCorpus(_ folder: String) throws -> SpeechCorpus {
  try SpeechCorpus(
    folder: folder, speakers: [84, 1272, 19], chaptersPerSpeaker: 2, utterancesPerChapter: 3,
    lengths: [20_480, 30_000, 47_123, 1, 61_440, 20_479, 20_481])
}

@Suite struct ShardTests {
  @Test func sameBytesFromEveryContainerAndThreadCount() throws {
    let folder = try TemporaryFolder()
    let corpus = try makeCorpus(folder("corpus"))
    let files = try corpus.files()
    let options = ["--shard-records", "7"]
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("reference")] + options).status == 0)
    let reference = try content(folder("reference"))
    #expect(reference.keys.filter { $0.hasPrefix("shards/") }.count > 3)
    let archives: [(String, ArchiveFile.Format, ArchiveFile.Compression)] = [
      ("a.tar", .ustar, .none), ("b.tar", .gnuTar, .none), ("c.tar.gz", .pax, .gzip), ("d.tar.zst", .ustar, .zstd),
      ("e.zip", .zip, .none),
    ]
    for (name, format, compression) in archives {
      try ArchiveFile.write(files, to: folder(name), format: format, compression: compression)
      #expect(try runTool("cpc-shard", [folder(name), "-o", folder("d-\(name)")] + options).status == 0)
      #expect(try content(folder("d-\(name)")) == reference, "\(name)")
    }
    for threads in [1, 2, 7] {
      let arguments = ["-", "-o", folder("stdin\(threads)"), "--threads", "\(threads)"] + options
      let result = try runTool("cpc-shard", arguments, input: File.contents(of: folder("c.tar.gz")))
      #expect(result.status == 0)
      #expect(try content(folder("stdin\(threads)")) == reference, "\(threads) threads")
    }
    let manifest = try runTool("cpc-scan", [folder("c.tar.gz")]).output
    #expect(try runTool("cpc-shard", ["-o", folder("manifest")] + options, input: manifest).status == 0)
    var fromManifest = try content(folder("manifest"))
    // A manifest does not carry SPEAKERS.TXT, which only the card repeats.
    fromManifest[Card.fileName] = reference[Card.fileName]
    #expect(fromManifest == reference)
  }

  @Test func shuffledArchiveGivesTheSameRows() throws {
    let folder = try TemporaryFolder()
    let corpus = try makeCorpus(folder("corpus"))
    var random = SeededGenerator(11)
    let shuffled = try corpus.files().shuffled(using: &random)
    try ArchiveFile.write(shuffled, to: folder("s.tar"), format: .ustar, compression: .none)
    #expect(try runTool("cpc-shard", [folder("s.tar"), "-o", folder("d")]).status == 0)
    let dataset = try Dataset(opening: folder("d"))
    let list = try dataset.utterances()
    var seen = 0
    while let line = try list.next() {
      let expected = try #require(corpus.utterances.first { $0.id == line.id })
      var samples: [Int16] = []
      for record in dataset.records(ofUtterance: seen) {
        dataset.withSamples(record) { samples += $0[..<dataset.valid(record)] }
      }
      #expect(samples == expected.samples)
      #expect(line.text == expected.text)
      #expect(line.group == expected.speaker)
      seen += 1
    }
    #expect(seen == corpus.utterances.count)
  }

  @Test func carriesPartsLabelsAndUnknownKeysOfTheManifest() throws {
    let folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(folder: folder("corpus"), lengths: [48_000])
    let scanned = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n")
    let lines = try scanned.enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      object["split"] = .string(i == 0 ? "train" : "valid")
      object["phones"] = .array([
        .array([.string("SIL"), .real(0.0), .real(0.5)]), .array([.string("AH0"), .real(0.5), .real(1.005)]),
        .array([.string("T"), .real(1.005), .real(3.0)]),
      ])
      object["accent"] = .string("é")
      return JSON.object(object).compact
    }
    let manifest = Array((lines.joined(separator: "\n") + "\n").utf8)
    #expect(try runTool("cpc-shard", ["-o", folder("d"), "--root", "/"], input: manifest).status == 0)
    let dataset = try Dataset(opening: folder("d"))
    #expect(try dataset.split(named: "default")[..<2] == ["train", "valid"])
    #expect(try dataset.utterances().next()?.json["accent"] == .string("é"))
    let (first, row) = dataset.locate(0)
    // The centre of cell 49 is at 0.495 s, that of cell 100 at 1.005 s, which is no longer before the interval's end.
    let expected =
      [UInt8](repeating: 0, count: 50) + [UInt8](repeating: 31, count: 50) + [UInt8](repeating: 4, count: 28)
    #expect(first.phones(row) == expected)
    let last = try #require(dataset.records(ofUtterance: 0).last)
    let (shard, lastRow) = dataset.locate(last)
    #expect(shard.phones(lastRow) == [UInt8](repeating: 4, count: 300 - 256) + [UInt8](repeating: 255, count: 84))
    #expect(dataset.index.labelHistogram.reduce(0, +) == 128 * dataset.recordCount)
  }

  @Test func tailsCanBeDropped() throws {
    let folder = try TemporaryFolder()
    let corpus = try makeCorpus(folder("corpus"))
    let result = try runTool("cpc-shard", [corpus.folder, "-o", folder("d"), "--tail", "drop", "--json"])
    let summary = try JSON(parsing: result.output)
    #expect(summary["records"]?.intValue == corpus.utterances.reduce(0) { $0 + $1.samples.count / 20480 })
    #expect(summary["dropped_samples"]?.intValue == corpus.utterances.reduce(0) { $0 + $1.samples.count % 20480 })
    let dataset = try Dataset(opening: folder("d"))
    #expect((0..<dataset.recordCount).allSatisfy { dataset.isFull($0) })
  }

  @Test func oneSpeakerAndShortUtterancesAreEnough() throws {
    let folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(folder: folder("corpus"), speakers: [7], lengths: [500, 20_000])
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    #expect(try Dataset(opening: folder("d")).groups == ["7"])
    let dropped = try runTool("cpc-shard", [corpus.folder, "-o", folder("e"), "--tail", "drop"])
    #expect(dropped.status == 1)
    #expect(dropped.messages.contains("no utterance gave a record"))
    #expect(Folder.kind(of: folder("e")) == nil)
  }

  @Test func spacesAndOtherScriptsInPaths() throws {
    let folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(folder: folder("Корпус 語 é"))
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("données 1")]).status == 0)
    #expect(try runTool("cpc-inspect", ["verify", folder("données 1")]).status == 0)
  }
}
