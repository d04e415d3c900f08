import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Recordings with two channels through the tools.
@Suite struct ChannelTests {
  private let folder: TemporaryFolder
  private let left = SpeechCorpus.speech(count: 30_000, seed: 3)
  private let right = SpeechCorpus.speech(count: 30_000, seed: 4)

  init() throws {
    folder = try TemporaryFolder()
    try Folder.create(folder("calls"))
    let both = zip(left, right).flatMap { [$0, $1] }
    try AudioFile.write(both, to: folder("calls/a.sph"), format: .sphere, channels: 2)
    try AudioFile.write(both, to: folder("calls/b.flac"), channels: 2)
    try AudioFile.write(both, to: folder("calls/c.wav"), format: .wav, channels: 2)
    try AudioFile.write(left, to: folder("calls/d.wav"), format: .wav)
  }

  private var mean: [Int16] {
    zip(left, right).map { Int16(((Double($0) + Double($1)) / 2).rounded(.toNearestOrEven)) }
  }

  /// The records from the corpus, and the same by way of a manifest, as a whole and from parts.
  private func expect(
    _ channel: String, ids: [String], groups: [String], _ samples: [[Int16]], status: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let flags = ["--layout", "flat", "--channel", channel]
    let direct = try runTool("cpc-shard", [folder("calls"), "-o", folder("direct"), "--force"] + flags)
    #expect(direct.status == status, "\(direct.messages)", sourceLocation: sourceLocation)
    let scan = try runTool("cpc-scan", [folder("calls"), "-o", folder("m.jsonl"), "--force"] + flags)
    #expect(scan.status == status, "\(scan.messages)", sourceLocation: sourceLocation)
    let made = try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("made"), "--force"])
    #expect(made.status == 0, "\(made.messages)", sourceLocation: sourceLocation)
    for part in 0..<2 {
      let result = try runTool(
        "cpc-shard",
        [folder("m.jsonl"), "--part", "\(part)/2", "-o", folder("part\(part)"), "--shard-records", "2", "--force"])
      #expect(result.status == 0, "\(result.messages)", sourceLocation: sourceLocation)
    }
    let merged = try runTool(
      "cpc-shard",
      [
        "merge", folder("m.jsonl"), "-o", folder("merged"), "--shard-records", "2", "--force", "--parts",
        folder("part0"),
        folder("part1"),
      ])
    #expect(merged.status == 0, "\(merged.messages)", sourceLocation: sourceLocation)
    for dataset in ["direct", "made", "merged"] {
      let found = try utterances(of: folder(dataset))
      #expect(found.map(\.line.id) == ids, "\(dataset)", sourceLocation: sourceLocation)
      #expect(found.map(\.line.group) == groups, "\(dataset)", sourceLocation: sourceLocation)
      #expect(found.map(\.samples) == samples, "\(dataset)", sourceLocation: sourceLocation)
    }
  }

  @Test func each() throws {
    let ids = ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2", "d"]
    let groups = Array(ids[..<6]) + ["calls"]
    try expect("each", ids: ids, groups: groups, (0..<3).flatMap { _ in [left, right] } + [left])
  }

  @Test func theMean() throws {
    try expect(
      "mean", ids: ["a", "b", "c", "d"], groups: Array(repeating: "calls", count: 4), [mean, mean, mean, left])
  }

  @Test func one() throws {
    // The file with one channel has no second, and is named.
    try expect(
      "2", ids: ["a", "b", "c"], groups: Array(repeating: "calls", count: 3), [right, right, right], status: 1)
    try Folder.remove(file: folder("calls/d.wav"))
    try expect("1", ids: ["a", "b", "c"], groups: Array(repeating: "calls", count: 3), [left, left, left])
  }

  @Test func whatCannotBe() throws {
    let scan = try runTool("cpc-scan", [folder("calls"), "--layout", "flat", "--channel", "2"])
    #expect(scan.status == 1 && scan.messages.contains("d.wav: it has one channel: there is no channel 2"))
    for channel in ["0", "left", "-1", "1.5"] {
      let result = try runTool("cpc-scan", [folder("calls"), "--layout", "flat", "--channel=\(channel)"])
      #expect(result.status == 64, "\(result.messages)")
    }
    try File.writing(folder("m.jsonl")).write(scan.output)
    let again = try runTool("cpc-shard", [folder("m.jsonl"), "--channel", "1", "-o", folder("x")])
    #expect(again.status == 64 && again.messages.contains("--channel is for a corpus"), "\(again.messages)")
    for (value, reason) in [("0", "'channel' is neither"), ("\"B\"", "'channel' is neither"), ("3", "no channel 3")] {
      let line = #"{"id":"a","source":"calls/c.wav","group":"g","samples":30000,"rate":16000,"channel":VALUE}"#
      try File.writing(folder("v.jsonl")).write(line.replacing("VALUE", with: value) + "\n")
      let result = try runTool("cpc-shard", [folder("v.jsonl"), "-o", folder("v"), "--force"])
      #expect(result.status == 1 && result.messages.contains(reason), "\(result.messages)")
    }
    try Folder.create(folder("pictures"))
    #expect(try runTool("cpc-shard", [folder("calls"), "--layout", "flat", "-o", folder("y")]).status == 1)
  }

  @Test func textsOfSeveralAreNamed() throws {
    try File.writing(folder("calls/a.txt")).write("WHO SAID THIS\n")
    try File.writing(folder("calls/b-2.txt")).write("THE SECOND\n")
    let scan = try runTool("cpc-scan", [folder("calls"), "--layout", "flat", "--channel", "each"])
    #expect(scan.status == 1 && scan.messages.contains("a: ") && scan.messages.contains("whose it is cannot be told"))
    let lines = try scan.text.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    #expect(
      lines.compactMap { line in line["text"]?.stringValue.map { "\(line["id"]!.stringValue!) \($0)" } }
        == ["b-2 THE SECOND"])
  }
}
