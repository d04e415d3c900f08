import FileIO
import Glibc
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Datasets of features: the same bytes whatever the way, nothing lost, damage named.
@Suite struct EmbedTests {
  private let folder: TemporaryFolder
  private let ids: [String]

  init() throws {
    folder = try TemporaryFolder()
    let corpus = try makeCorpus(folder("corpus"))
    ids = corpus.utterances.map(\.id)
    let lines = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      object["split"] = .string(i % 3 == 2 ? "test" : "train")
      let end = min(0.05 + Double(i) / 50, Double(corpus.utterances[i].samples.count) / 16000)
      object["phones"] = .array([.array([.string(i % 2 == 0 ? "S" : "AA"), .real(0.0), .real(end)])])
      object["number"] = .int(i * i)
      return JSON.object(object).compact + "\n"
    }
    let made = try runTool(
      "cpc-shard", ["-o", folder("d"), "--root", "/"], input: Array(lines.joined().utf8))
    #expect(made.status == 0, "\(made.messages)")
    #expect(try runTool("cpc-shard", ["add", folder("d"), "number=key:number"]).status == 0)
    let run = try runTool(
      "cpc-train",
      [
        folder("d"), "-o", folder("run"), "--channels", "8", "--context", "6", "--updates", "2", "--batch", "2",
        "--valid-fraction", "0", "--quiet",
      ])
    #expect(run.status == 0, "\(run.messages)")
  }

  private func embed(_ output: String, _ more: [String] = []) throws -> ToolResult {
    try runTool("cpc-embed", [folder("run"), folder("d"), "-o", folder(output), "--shard-records", "5"] + more)
  }

  @Test(arguments: [
    [], ["--layer", "both", "--type", "f16"], ["--layer", "z", "--context", "utterance"], ["--precision", "bf16"],
  ]) func threadsChangeNothing(_ flags: [String]) throws {
    for threads in [1, 2, 7] {
      let result = try embed("\(threads)/e", flags + ["--threads", "\(threads)"])
      #expect(result.status == 0, "\(result.messages)")
      let same = try runProcess("/usr/bin/diff", ["-r", folder("1/e"), folder("\(threads)/e")])
      #expect(same.status == 0, "\(same.text)")
    }
    #expect(try runTool("cpc-inspect", ["verify", folder("1/e"), "--quiet"]).status == 0)
  }

  @Test func everythingElseOfTheDatasetStays() throws {
    #expect(try embed("e").status == 0)
    let (audio, features) = (try Dataset(opening: folder("d")), try Dataset(opening: folder("e")))
    #expect(features.schema.kind == "features" && features.schema.payload[0].row == [128, 6])
    #expect(try features.utteranceIDs() == audio.utteranceIDs() && features.groups == audio.groups)
    #expect(features.recordCount == audio.recordCount && features.card.shards.count > 3)
    #expect(try features.split(named: "default") == audio.split(named: "default"))
    for record in 0..<audio.recordCount {
      let (a, i) = audio.locate(record)
      let (f, j) = features.locate(record)
      #expect(a.labels?.integers(i) == f.labels?.integers(j))
      #expect(a.plane("number")?.integers(i) == f.plane("number")?.integers(j))
      #expect(a.group(i) == f.group(j) && a.utterance(i) == f.utterance(j))
      #expect(f.valid(j) == (a.valid(i) + 159) / 160)
    }
    #expect(try labelled(audio.card.facts) == labelled(features.card.facts))
  }

  /// What a card says of labels, but for the phones of transcripts.
  private func labelled(_ facts: JSONObject) throws -> [JSON?] {
    let set = try #require(facts["phone_sets"]?.arrayValue?.first)
    return ["plane", "name", "classes", "labelled_cells", "unlabelled_cells"].map { set[$0] }
  }

  @Test func whatWasTrainedOnIsKnown() throws {
    #expect(try embed("e").status == 0)
    let features = try Dataset(opening: folder("e"))
    let parts = try features.split(named: "default")
    #expect(try features.split(named: "checkpoint") == parts.map { $0 == "train" ? "trained" : "unseen" })
    // Of other audio it is not known.
    let other = try runTool("cpc-shard", ["select", folder("d"), "--split", "default:test", "-o", folder("t")])
    #expect(other.status == 0)
    #expect(try runTool("cpc-embed", [folder("run"), folder("t"), "-o", folder("u")]).status == 0)
    #expect(try Dataset(opening: folder("u")).splitNames == ["default"])
  }

  @Test func killedRunsGoOn() throws {
    #expect(try embed("e", ["--context", "utterance"]).status == 0)
    var interrupted = 0
    for delay in stride(from: UInt32(2), through: 80, by: 6) {
      let process = try StartedProcess(
        toolPath("cpc-embed"),
        [
          folder("run"), folder("d"), "-o", folder("k/e"), "--shard-records", "5", "--context", "utterance", "--force",
        ])
      usleep(delay * 1000)
      process.send(9)
      _ = try process.wait()
      if Folder.kind(of: folder("k/e/dataset.json")) == nil { interrupted += 1 }
    }
    let last = try embed("k/e", ["--context", "utterance", "--force"])
    #expect(last.status == 0, "\(last.messages)")
    let same = try runProcess("/usr/bin/diff", ["-r", folder("e"), folder("k/e")])
    #expect(same.status == 0, "\(same.text)")
    #expect(interrupted > 0)
  }

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
    #expect(try embed("p0", ["--part", "0/\(count)"]).messages.contains("had finished"))
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
    try refused(["--parts", a, b, "--layer", "z"], "features differs")
    try refused(["--parts", a, b, "--type", "f16"], "type differs")
    try refused(["--parts", a, b, "--split", "default:test"], "utterances differs")
    try refused(["--parts", a, folder("d")], "no finished part")
    try refused(["--parts", a, b], "it is part 1/2", to: "p1")
    try refused(["--parts", a, b, "--part", "0/2"], "not both")
    try refused(["--part", "2/2"], "from 0 to n - 1")
    try refused(["--part", "0/2", "--npy"], "parts are of a dataset")
    // Bytes that are no longer those that the part made.
    let name = try #require(try Folder.names(in: "\(b)/shards").first)
    var bytes = try File.contents(of: "\(b)/shards/\(name)")
    bytes[bytes.count / 2] ^= 4
    try File.writing("\(b)/shards/\(name)").write(bytes)
    try refused(["--parts", a, b], "damaged: it is not what the part made")
  }

  @Test(.enabled(if: SmallDisk.mayMount, "no mount namespace here, so no small file system"))
  func aFullDiskIsNamedAndARerunGoesOn() throws {
    #expect(try embed("e", ["--context", "utterance"]).status == 0)
    let size = try tree(folder("e")).values.reduce(0) { $0 + $1.count }
    let command = """
      "\(try toolPath("cpc-embed"))" "\(folder("run"))" "\(folder("d"))" -o /mnt/e --shard-records 5 --context utterance
      """
    let script = """
      mount -t tmpfs -o size=\(size / 2048)k none /mnt || exit 99
      \(command); echo "full $?"
      test -e /mnt/e/dataset.json && echo "a card"
      mount -o remount,size=20m /mnt
      \(command); echo "rerun $?"
      cp -r /mnt/e "\(folder("done"))"
      """
    let result = try runProcess("/usr/bin/unshare", ["-rm", "/bin/bash", "-c", script])
    #expect(result.text.contains("full 1") && result.text.contains("rerun 0"), "\(result.text)")
    #expect(!result.text.contains("a card"))
    #expect(result.messages.contains("No space left") || result.messages.contains("the disk is too small"))
    let same = try runProcess("/usr/bin/diff", ["-r", folder("e"), folder("done")])
    #expect(same.status == 0, "\(same.text)")
  }

  @Test func everyFlippedBitIsNamed() throws {
    #expect(try embed("e").status == 0)
    let content = try tree(folder("e"))
    var random = SeededGenerator(5)
    let names = content.keys.sorted()
    for _ in 0..<60 {
      let name = names.randomElement(using: &random)!
      var bytes = content[name]!
      let place = Int.random(in: 0..<bytes.count, using: &random)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try File.writing(folder("e/\(name)")).write(bytes)
      #expect(try runTool("cpc-inspect", ["verify", folder("e"), "--quiet"]).status == 1, "\(name) byte \(place)")
      try File.writing(folder("e/\(name)")).write(content[name]!)
    }
  }

  @Test func splitsAndSubsetsAreWhatTheirUtterancesMake() throws {
    #expect(try embed("part", ["--split", "default:test"]).status == 0)
    #expect(try embed("whole").status == 0)
    let select = try runTool(
      "cpc-shard", ["select", folder("whole"), "--split", "default:test", "-o", folder("selected")])
    #expect(select.status == 0, "\(select.messages)")
    let (a, b) = (try tree(folder("part")), try tree(folder("selected")))
    for (name, bytes) in a where !["dataset.json", "splits/checkpoint.txt"].contains(name) {
      #expect(b[name] == bytes, "\(name)")
    }
    let cards = try ["part", "selected"].map { try JSON(parsing: File.contents(of: folder("\($0)/dataset.json"))) }
    #expect(try labelled(cards[0].objectValue ?? [:]) == labelled(cards[1].objectValue ?? [:]))
    for key in ["kind", "record", "features", "counts", "groups"] {
      #expect(cards[0][key] == cards[1][key], "\(key)")
    }
  }

  @Test func recordingsNeedNoDataset() throws {
    #expect(try embed("e", ["--context", "utterance"]).status == 0)
    let whole = try Dataset(opening: folder("e"))
    let place = 4
    let path = folder("corpus/\(try SpeechCorpusPath.find(ids[place], in: folder("corpus")))")
    let one = try runTool(
      "cpc-embed", [folder("run"), path, "-o", folder("one"), "--context", "utterance"])
    #expect(one.status == 0, "\(one.messages)")
    let alone = try Dataset(opening: folder("one"))
    #expect(alone.utteranceCount == 1)
    let records = whole.records(ofUtterance: place)
    #expect(alone.recordCount == records.count)
    for (i, record) in records.enumerated() {
      #expect(alone.withPayload(i) { Array($0) } == whole.withPayload(record) { Array($0) })
    }
  }

  @Test func featuresAreOfTheirKindAlone() throws {
    try Folder.create(folder("texts"))
    try File.writing(folder("texts/a.txt")).write("One sentence. Another one.")
    let made = try runTool("cpc-shard", [folder("texts"), "--layout", "documents", "-o", folder("t")])
    #expect(made.status == 0, "\(made.messages)")
    for (words, status, message) in [
      ([folder("run"), folder("t")], 1, "features are made of audio"),
      ([folder("t"), "--random-init", "4,4"], 64, "of the kind \"text\", and the model is one of audio"),
      ([folder("t"), "--features", "mfcc"], 1, "features are made of audio"),
      ([folder("t"), "--features", "pixels"], 1, "pixels are of pictures"),
    ] {
      let result = try runTool("cpc-embed", words + ["-o", folder("x")])
      #expect(result.status == status && result.messages.contains(message), "\(result.messages)")
    }
  }

  @Test func baselinesTakeNoCheckpoint() throws {
    for (flags, width) in [
      (["--features", "mfcc"], 39), (["--features", "mfcc", "--stack", "2"], 195),
      (["--random-init", "10,4", "--layer", "both"], 14),
    ] {
      let result = try runTool("cpc-embed", [folder("d"), "-o", folder("b\(width)")] + flags)
      #expect(result.status == 0, "\(result.messages)")
      let dataset = try Dataset(opening: folder("b\(width)"))
      #expect(dataset.schema.payload[0].row == [128, width] && dataset.splitNames == ["default"])
    }
  }

  @Test(arguments: [
    (["run"], "a checkpoint and audio are needed"),
    (["run", "d", "--stack", "2"], "--stack goes with --features mfcc"),
    (["d", "--features", "mfcc", "--layer", "z"], "--layer is for models"),
    (["d", "--features", "fbank"], "mfcc"),
    (["d", "--random-init", "12"], "CHANNELS,UNITS"),
    (["run", "d", "--layer", "x"], "z, c, both"),
    (["run", "d", "--mixdown"], "is for audio that is not a dataset yet"),
    (["run", "nowhere"], "nowhere"),
    (["nowhere", "d"], "nowhere"),
    (["d", "d"], "no checkpoint in this folder"),
  ]) func wrongUsageIsNamed(_ words: [String], _ reason: String) throws {
    let arguments = words.map { ["run", "d", "nowhere"].contains($0) ? folder($0) : $0 }
    let result = try runTool("cpc-embed", arguments + ["-o", folder("x")])
    #expect(result.status != 0 && result.messages.contains(reason), "\(result.messages)")
    #expect(Folder.kind(of: folder("x")) == nil)
  }
}

private enum SpeechCorpusPath {
  /// The file of an utterance below a corpus's folder.
  static func find(_ id: String, in corpus: String) throws -> String {
    let found = try runProcess("/usr/bin/find", [corpus, "-name", "\(id).flac", "-printf", "%P"])
    return try #require(found.text.isEmpty ? nil : found.text)
  }
}
