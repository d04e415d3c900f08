import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// `cpc-inspect plan`: what a run would take, without a run.
@Suite struct PlanTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  /// Three speakers of 10, 10 and 4 full windows, and remainders to crop.
  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84, 1272, 61], utterancesPerChapter: 4,
      lengths: [45_000, 81_920, 70_000, 20_480, 41_000, 90_000, 61_440, 25_000, 20_480, 30_000, 20_800, 39_000])
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
  }

  private func plan(_ arguments: String...) throws -> (head: JSON, batches: [JSON]) {
    let result = try runTool("cpc-inspect", ["plan", folder("d"), "--json"] + arguments)
    #expect(result.status == 0, "\(result.messages)")
    let lines = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines[0]["type"]?.stringValue == "plan" && lines.dropFirst().allSatisfy { $0["type"] == .string("batch") })
    return (lines[0], Array(lines.dropFirst()))
  }

  private func windows(_ batch: JSON) -> [JSON] { batch["windows"]?.arrayValue ?? [] }

  @Test(arguments: ["mixed-speaker", "same-speaker", "mixed-speaker-excl", "same-speaker-excl", "current-sequence"])
  func anEpochIsWhatItsHeadSays(strategy: String) throws {
    let dataset = try Dataset(opening: folder("d"))
    let arguments = ["--negatives", strategy, "--batch", "5", "--valid-fraction", "0", "--crop", "random"]
    let same = strategy.hasPrefix("same")
    let epoch = same ? 4 : 5
    let result = try runTool("cpc-inspect", ["plan", folder("d"), "--json", "--updates", "1-\(2 * epoch)"] + arguments)
    let lines = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    let head = lines[0]
    #expect(head["batches_per_epoch"] == .int(epoch))
    #expect(head["training_windows"] == .int(24) && head["held_out_windows"] == .int(0))
    #expect(head["left_out_windows"] == .int(same ? 4 : 0) && head["left_out_speakers"] == .int(same ? 1 : 0))
    #expect(head["repeated_windows"] == .int(same ? 0 : 1))
    var moved = 0
    for (i, batch) in lines.dropFirst().enumerated() {
      #expect(batch["update"] == .int(i + 1) && batch["batch"] == .int(i) && batch["epoch"] == .int(i / epoch))
      #expect(windows(batch).count == 5)
      if same { #expect(Set(windows(batch).map { $0["speaker"]?.stringValue }).count == 1) }
      for window in windows(batch) {
        let record = try #require(window["record"]?.intValue)
        let utterance = corpus.utterances[dataset.utterance(record)]
        #expect(window["utterance"] == .string(utterance.id) && window["speaker"] == .string(utterance.speaker))
        let (shard, row) = dataset.locate(record)
        let start = try #require(window["start"]?.intValue)
        #expect(dataset.isFull(record) && start % 160 == 0)
        #expect(start >= shard.start(row) && start <= shard.start(row) + utterance.samples.count % 20_480)
        if start > shard.start(row) { moved += 1 }
      }
    }
    #expect(moved > 10)
    let records = lines.dropFirst().prefix(epoch).flatMap { windows($0).compactMap { $0["record"]?.intValue } }
    #expect(Set(records).count == (same ? 20 : 24))
  }

  /// Every sample is in a window or left over, whatever the window.
  @Test(arguments: [8_000, 20_480, 50_000])
  func countsWhatIsLeftOver(window: Int) throws {
    let lengths = corpus.utterances.map(\.samples.count)
    let head = try plan("--window", "\(window)", "--valid-fraction", "0", "--batch", "2").head
    let windows = try #require(head["training_windows"]?.intValue)
    #expect(windows == lengths.reduce(0) { $0 + $1 / window } && head["held_out_windows"] == .int(0))
    let left = try #require(head["left_over_samples"]?.intValue)
    #expect(windows * window + left == lengths.reduce(0, +))
    #expect(head["short_ends"] == .int(lengths.count { $0 % window > 0 }))
  }

  @Test func textAndJSONAgree() throws {
    let batches = try plan("--updates", "2-3", "--batch", "4").batches
    let text = try runTool("cpc-inspect", ["plan", folder("d"), "--updates", "2-3", "--batch", "4"]).text
    #expect(text.hasPrefix("epoch         "))
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }.filter { row in
      row.count == 4 && Int(row[0]) != nil
    }
    let expected = batches.flatMap(windows).map { window in
      ["record", "utterance", "speaker", "start"].map { window[$0]?.stringValue ?? "\(window[$0]?.intValue ?? -1)" }
    }
    #expect(rows == expected && rows.count == 8)
  }

  /// One worker's updates are those of several workers in turn; batches that are accumulated count as updates did.
  @Test(arguments: [2, 3, 8])
  func workersShareAPlan(ranks: Int) throws {
    let arguments = ["--batch", "4", "--negatives", "same-speaker"]
    func batches(_ more: [String]) throws -> [[JSON]] {
      let result = try runTool("cpc-inspect", ["plan", folder("d"), "--json"] + arguments + more)
      return try result.text.split(separator: "\n").dropFirst().map { windows(try JSON(parsing: String($0))) }
    }
    let one = try batches(["--updates", "1-24"])
    let each = try (0..<ranks).map {
      try batches(["--updates", "1-\(24 / ranks)", "--rank", "\($0)", "--ranks", "\(ranks)"])
    }
    #expect(one.count == 24 && (0..<24).map { each[$0 % ranks][$0 / ranks] } == one)
    #expect(try batches(["--updates", "1-\(24 / ranks)", "--accumulate", "\(ranks)"]) == one)
  }

  @Test func followsTheSplit() throws {
    let parts = corpus.utterances.enumerated().map { (id: $1.id, part: $0 % 4 == 1 ? "valid" : "train") }
    try Dataset.addSplit(named: "default", parts: parts, folder: folder("d"), replacing: false)
    let (head, batches) = try plan("--updates", "1-20", "--batch", "2")
    #expect(head["held_out_from"]?.stringValue?.contains("part valid of split default") == true)
    let ids = Set(batches.flatMap(windows).compactMap { $0["utterance"]?.stringValue })
    #expect(ids == Set(parts.filter { $0.part == "train" }.map(\.id)))
  }

  @Test func refusesWhatCannotBe() throws {
    func status(_ arguments: String...) throws -> Int {
      let result = try runTool("cpc-inspect", ["plan"] + arguments)
      #expect(result.output.isEmpty && !result.messages.isEmpty)
      return result.status
    }
    let data = folder("d")
    #expect(try status() == 64)
    #expect(try status(data, "--negatives", "some") == 64)
    for updates in ["0-3", "5-3", "x", "1-2-3", "-3", "1-99999999999"] {
      #expect(try status(data, "--updates=\(updates)") == 64)
    }
    #expect(try status(data, "--update", "0") == 64)
    #expect(try status(data, "--update", "1", "--updates", "1-2") == 64)
    #expect(try status(data, "--rank", "2", "--ranks", "2") == 64)
    #expect(try status(data, "--batch", "0") == 64)
    #expect(try status(data, "--frames", "12") == 64)
    #expect(try status(data, "--mask") == 64)
    #expect(try status("--mask", "--frames", "3", "--step", "3") == 64)
    #expect(try status("--mask", "--batch", "1", "--negatives", "same-speaker-excl") == 64)
    #expect(try status("--mask", "--num-negatives", "256") == 64)
    #expect(try status("--mask", "--num-negatives", "0") == 64)
    #expect(try status(data, "--batch", "25", "--valid-fraction", "0") == 1)
    #expect(try status(data, "--batch", "11", "--negatives", "same-speaker") == 1)
    #expect(try status(data, "--split-name", "none") == 1)
    #expect(try status(data, "--valid-split", "valid") == 64)
    #expect(try status(data, "--valid-fraction", "1") == 64)
    #expect(try status(data, "--window", "1000000") == 1)
    #expect(try status(folder("nothing")) == 1)
    let parts = corpus.utterances.map { (id: $0.id, part: "train") }
    try Dataset.addSplit(named: "default", parts: parts, folder: data, replacing: false)
    #expect(try status(data, "--valid-split", "valid") == 64)
    // It would be called held out, and be what the run trains on.
    #expect(try status(data, "--valid-split", "train") == 64)
  }
}

/// `cpc-inspect plan --mask`, and the pictures in the documentation.
@Suite struct MaskTests {
  @Test(arguments: ["mixed-speaker", "same-speaker", "mixed-speaker-excl", "same-speaker-excl", "current-sequence"])
  func documentationShowsWhatTheCodeDoes(strategy: String) throws {
    let sources = Folder.parent(of: Folder.parent(of: Folder.parent(of: #filePath))) + "/Sources"
    let article = String(
      decoding: try File.contents(of: "\(sources)/Guide.docc/NegativeStrategies.md"), as: UTF8.self)
    let result = try runTool(
      "cpc-inspect", ["plan", "--mask", "--negatives", strategy, "--batch", "4", "--frames", "24"])
    #expect(result.status == 0)
    #expect(article.contains("```\n\(result.text)```\n"))
  }

  @Test func drawsAsManyAsAsked() throws {
    let arguments = ["plan", "--mask", "--num-negatives", "20", "--negatives", "mixed-speaker-excl"]
    let text = try runTool("cpc-inspect", arguments).text
    let rows = text.split(separator: "\n").filter { $0.count == 8 + 32 }
    #expect(rows.count == 8)
    let cells = rows.map { Array($0.dropFirst(8)) }
    #expect(cells.joined().count { $0 == "#" } == 20)
    #expect(cells.joined().count { $0 == "-" } == 7 * 32 - 20)
    #expect(cells[4].count { $0 == "." } == 31 && cells[4][14 + 3] == "+")
    #expect(text.contains("N = 21 with the positive"))
    let json = try JSON(parsing: runTool("cpc-inspect", arguments + ["--json"]).text)
    let latents = json["latents"]?.arrayValue?.compactMap(\.intValue) ?? []
    #expect(latents == (0..<256).filter { cells[$0 / 32][$0 % 32] == "#" })
    #expect(json["candidates"] == .int(21) && json["positive"] == .int(4 * 32 + 17))
    #expect(try runTool("cpc-inspect", arguments + ["--update", "2"]).text != text)
  }
}
