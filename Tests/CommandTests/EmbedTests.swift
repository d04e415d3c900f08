import Evaluation
import FileIO
import Glibc
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Datasets of features: the same bytes whatever the way, nothing lost, damage named.
@Suite struct EmbedTests {
  let folder: TemporaryFolder
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

  func embed(_ output: String, _ more: [String] = []) throws -> ToolResult {
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

  /// One long recording is shared by the threads, batch of windows by batch: 31 windows are 8, 8, 8, 4, 2 and 1.
  @Test(arguments: [["--layer", "both"], ["--precision", "bf16"], ["--context", "utterance"]])
  func threadsShareALongRecording(_ flags: [String]) throws {
    try AudioFile.write(SpeechCorpus.speech(count: 30 * 20_480 + 7_777, seed: 5), to: folder("long.flac"))
    for threads in [1, 2, 7] {
      let made = try runTool(
        "cpc-embed",
        [folder("run"), folder("long.flac"), "-o", folder("\(threads)/l"), "--threads", "\(threads)"] + flags)
      #expect(made.status == 0, "\(made.messages)")
      let same = try runProcess("/usr/bin/diff", ["-r", folder("1/l"), folder("\(threads)/l")])
      #expect(same.status == 0, "\(same.text)")
    }
    #expect(try Dataset(opening: folder("7/l")).unitCount(ofUtterance: 0) == (30 * 20_480 + 7_777 + 159) / 160)
  }

  /// The numbers as JSON are those of the plane, in single and half precision.
  @Test(arguments: ["f32", "f16"]) func numbersCanBeLookedAt(type: String) throws {
    #expect(try embed("e", ["--type", type]).status == 0)
    let lines = try runTool("cpc-cat", [folder("e"), "--utterances", "--samples"])
    #expect(lines.status == 0, "\(lines.messages)")
    let raw = try runTool("cpc-cat", [folder("e"), "--utterances", "--raw"]).output
    let expected: [Float] = raw.withUnsafeBytes { bytes in
      type == "f32"
        ? Array(bytes.bindMemory(to: Float.self)) : bytes.bindMemory(to: Float16.self).map { Float($0) }
    }
    let found = try lines.text.split(separator: "\n").flatMap { line in
      try JSON(parsing: String(line))["features"]?.arrayValue?.map { Float($0.doubleValue ?? .nan) } ?? []
    }
    #expect(found == expected && found.count > 1000)
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

  @Test(arguments: [1, 3, 1000]) func stretchesAreOfOneUtteranceAndOneClass(length: Int) throws {
    #expect(try embed("e").status == 0)
    let dataset = try Dataset(opening: folder("e"))
    let features = try DatasetFrames(dataset)
    let frames = try LabelledFrames(features, ProbeTarget("phones", of: dataset))
    // Brute force: a row goes to the stretch before it if it may.
    var stretches: [[Int]] = []
    for row in frames.labels.indices where frames.labels[row] >= 0 {
      if let last = stretches.last, last.count < length, last[last.count - 1] == row - 1,
        frames.labels[row - 1] == frames.labels[row], frames.utterances[row - 1] == frames.utterances[row]
      {
        stretches[stretches.count - 1].append(row)
      } else {
        stretches.append([row])
      }
    }
    #expect(frames.stretches(of: length).map { Int($0) } == stretches.map { $0[0] })
    let means = try frames.means(from: frames.stretches(of: length), of: length)
    #expect(means.count == stretches.count * 6)
    for (i, stretch) in stretches.enumerated() {
      var rows = [Float](repeating: 0, count: stretch.count * 6)
      try rows.withUnsafeMutableBufferPointer { try features.read(stretch[0]..<stretch[0] + stretch.count, into: $0) }
      for column in 0..<6 {
        let sum = stretch.indices.reduce(0.0) { $0 + Double(rows[6 * $1 + column]) }
        #expect(means[6 * i + column] == Float(sum / Double(stretch.count)))
      }
    }
    let shown = try runTool(
      "cpc-probe",
      [
        "tsne", folder("e"), "--target", "phones", "--classes", "0", "--points", "20000", "--average", "\(length)",
        "--json",
        "--quiet",
      ])
    #expect(shown.status == 0, "\(shown.messages)")
    #expect(try JSON(parsing: shown.text)["points"]?.arrayValue?.count == stretches.count)
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
