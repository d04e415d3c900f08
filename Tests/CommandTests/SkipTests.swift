import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// What becomes of inputs that cannot be used: each is named or counted, and the exit status says what kind it was.
@Suite struct SkipTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A folder of recordings, so many of which have another rate.
  private func recordings(bad: Int) throws -> String {
    let path = folder("recordings")
    try Folder.create(path)
    for i in 0..<(bad + 2) {
      let samples = (0..<20_480).map { Int16(($0 * 37 + i) % 2000) }
      try AudioFile.write(samples, to: "\(path)/r\(100 + i).flac", rate: i < bad ? 8000 : 16_000)
    }
    return path
  }

  @Test(arguments: [5, 6, 30]) func equalReasonsAreOneLine(bad: Int) throws {
    let path = try recordings(bad: bad)
    let made = try runTool("cpc-shard", [path, "--layout", "flat", "-o", folder("d")])
    let lines = made.messages.split(separator: "\n")
    #expect(made.status == 1)
    #expect(lines.count { $0.hasPrefix("skipped: ") } == 5, "\(made.messages)")
    let more = lines.filter { $0.hasPrefix("… and ") }
    if bad > 5 {
      #expect(more.count == 1 && more[0].hasPrefix("… and \(bad - 5) more: same reason, \(bad) in all: skipped: "))
    } else {
      #expect(more.isEmpty)
    }
    // Nothing is lost: the card has them all, and so has whoever asks.
    #expect(try Card.read(folder: folder("d")).facts["skipped"]?.arrayValue?.count == bad)
    let all = try runTool("cpc-shard", [path, "--layout", "flat", "-o", folder("e"), "--verbose"])
    let named = all.messages.split(separator: "\n")
    #expect(named.count { $0.hasPrefix("skipped: ") } == bad && !named.contains { $0.hasPrefix("… and ") })
    var (one, other) = (try tree(folder("d")), try tree(folder("e")))
    (one[Card.fileName], other[Card.fileName]) = (nil, nil)
    #expect(one == other)
  }

  /// What could not be decoded is skipped, and no utterance that was made.
  @Test func headlinesCountWhatWasMade() throws {
    let path = try recordings(bad: 0)
    for name in ["x", "y"] {
      let bytes = try File.contents(of: "\(path)/r100.flac")
      try File.writing("\(path)/\(name).flac").write(Array(bytes.dropLast(bytes.count / 3)))
    }
    let made = try runTool("cpc-shard", [path, "--layout", "flat", "-o", folder("d")])
    #expect(made.messages.contains("d: 2 utterances of ") && made.messages.contains("2 skipped"), "\(made.messages)")
    let piped = try runProcess(
      "/bin/bash", ["-c", #"exec "$0" "$1" --layout flat -o - > /dev/null"#, toolPath("cpc-shard"), path])
    #expect(piped.messages.contains("standard output: 2 utterances of "), "\(piped.messages)")
  }

  /// Labels that are there and are not taken are named.
  @Test func cellsOfAManifestAreNamed() throws {
    let path = try recordings(bad: 0)
    let scan = try runTool("cpc-scan", [path, "--layout", "flat"])
    let lines = try scan.text.split(separator: "\n").map { line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      object["cells"] = .array(Array(repeating: .string("AA"), count: 128))
      return JSON.object(object).compact + "\n"
    }
    try File.writing(folder("m.jsonl")).write(lines.joined())
    let made = try runTool("cpc-shard", [folder("m.jsonl"), "--root", "/", "-o", folder("d")])
    #expect(made.status == 1 && made.messages.contains("its labels are those of cells"), "\(made.messages)")
    let read = try runTool(
      "cpc-shard", [folder("m.jsonl"), "--root", "/", "-o", folder("e"), "--phones", folder("m.jsonl")])
    #expect(read.status == 0 && read.messages.contains("0 of 2 utterances without labels"), "\(read.messages)")
  }

  /// Different reasons are not counted as one.
  @Test func otherReasonsAreNamed() throws {
    let path = try recordings(bad: 7)
    for i in 0..<3 { try File.writing("\(path)/z\(i).flac").write("no audio \(i)") }
    let made = try runTool("cpc-shard", [path, "--layout", "flat", "-o", folder("d")])
    let lines = made.messages.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("skipped: ") } == 8, "\(made.messages)")
    #expect(lines.contains { $0.hasPrefix("… and 2 more: same reason, 7 in all") }, "\(made.messages)")
    #expect(made.messages.contains("10 skipped"))
  }

  /// Recordings that somebody left out on purpose leave their transcripts behind.
  @Test func aTranscriptWithoutAudioIsAWarning() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), lengths: [60_000])
    let chapter = "\(corpus.folder)/test/84/84100"
    let text = "\(chapter)/84-84100.trans.txt"
    let before = try File.contents(of: text)
    try File.writing(text).write(before + Array("84-84100-0099 NOBODY SAYS THIS\n".utf8))
    let warning = "warning: 84-84100-0099: "
    for words in [
      ["cpc-scan", corpus.folder], ["cpc-shard", corpus.folder, "-o", folder("d")],
      ["cpc-align", corpus.folder, "--iterations", "2", "-o", folder("a.jsonl")],
    ] {
      let result = try runTool(words[0], Array(words.dropFirst()))
      #expect(result.status == 0, "\(words[0]): \(result.messages)")
      #expect(result.messages.contains("\(words[0]): \(warning)"), "\(result.messages)")
      #expect(result.messages.contains(", 1 warning"), "\(result.messages)")
      let strict = try runTool(words[0], words.dropFirst() + ["--strict"] + (words.count > 2 ? ["--force"] : []))
      #expect(strict.status == 1 && strict.messages.contains("a transcript without audio"), "\(strict.messages)")
    }
    // A file that is damaged still fails.
    try File.writing("\(chapter)/84-84100-0098.flac").write("no audio")
    let damaged = try runTool("cpc-scan", [corpus.folder])
    #expect(damaged.status == 1 && damaged.messages.contains("1 warning, 1 problem"), "\(damaged.messages)")
  }
}
