import Corpora
import FileIO
import Manifests
import OrderedJSON
import TestSupport
import Testing

/// The tools as a user runs them.
struct ScanToolTests {
  let temporary: TemporaryFolder
  let speech: SpeechCorpus

  init() throws {
    temporary = try TemporaryFolder()
    speech = try SpeechCorpus(folder: temporary("corpus"), utterancesPerChapter: 3)
    try ArchiveFile.write(speech.files(), to: temporary("a.tar.gz"), compression: .gzip)
  }

  @Test func writesTheSameLinesFromEveryKindOfInput() throws {
    let folder = try runTool("cpc-scan", ["corpus"], in: temporary.path)
    #expect(folder.status == 0)
    #expect(folder.messages == "6 utterances, 2 speakers, 0.00 hours\n")
    let first = speech.utterances[0]
    #expect(
      folder.text.hasPrefix(
        #"{"id":"\#(first.id)","source":"corpus","member":"\#(first.path)","group":"\#(first.speaker)","#
          + #""session":"\#(first.chapter)","samples":20480,"rate":16000,"text":"\#(first.text)"}"# + "\n"))
    let archive = try runTool("cpc-scan", ["a.tar.gz", "-q"], in: temporary.path)
    #expect(archive.status == 0 && archive.messages == "")
    #expect(archive.text == folder.text.replacing("\"source\":\"corpus\"", with: "\"source\":\"a.tar.gz\""))
    for arguments in [["-"], []] {
      let piped = try runTool("cpc-scan", arguments, input: File.contents(of: temporary("a.tar.gz")))
      #expect(piped.text == folder.text.replacing("\"source\":\"corpus\"", with: "\"source\":\"-\""))
    }
  }

  @Test func writesAFileOnlyWhole() throws {
    let output = temporary("m.jsonl")
    #expect(try runTool("cpc-scan", [temporary("corpus"), "-o", output]).status == 0)
    let walked = try Walked(manifest: output)
    #expect(walked.ids == speech.utterances.map(\.id) && walked.problems == [])
    let again = try runTool("cpc-scan", [temporary("corpus"), "-o", output])
    #expect(again.status == 1 && again.messages.contains("--force"))
    try write("junk", to: output)
    #expect(try runTool("cpc-scan", [temporary("corpus"), "-o", output, "--force"]).status == 0)
    #expect(try Walked(manifest: output).ids == walked.ids)
    // Stopped on its way, it leaves nothing behind.
    try write("junk", to: temporary("corpus/\(speech.utterances[4].path)"))
    let stopped = try runTool("cpc-scan", [temporary("corpus"), "-o", temporary("n.jsonl"), "--strict"])
    #expect(stopped.status == 1)
    #expect(try Folder.names(in: temporary.path).filter { $0.hasPrefix("n.jsonl") } == [])
  }

  @Test func namesBadInputAndFailsInTheEnd() throws {
    let victim = speech.utterances[1]
    try write("", to: temporary("corpus/\(victim.path)"))
    let result = try runTool("cpc-scan", [temporary("corpus")])
    #expect(result.status == 1)
    #expect(result.messages.contains("skipped: \(victim.id): \(temporary("corpus/\(victim.path)")): the file is empty"))
    #expect(result.messages.contains("5 utterances, 2 speakers, 0.00 hours, 1 problem, named above"))
    #expect(result.text.split(separator: "\n").count == 5)
    let strict = try runTool("cpc-scan", [temporary("corpus"), "--strict"])
    #expect(strict.status == 1 && strict.messages.contains("error: "))
  }

  @Test func letsUtterancesWithoutTextGoInTheEnd() throws {
    let path = temporary("corpus/test/1272/1272100/1272-1272100.trans.txt")
    try write("1272-1272100-0001 ONLY THIS\n", to: path)
    let result = try runTool("cpc-scan", [temporary("corpus")])
    #expect(result.status == 0 && result.messages.contains("2 without transcript"))
    let entries = try result.text.split(separator: "\n").map { try ManifestEntry(parsing: Array($0.utf8)) }
    #expect(entries.map(\.id) == speech.utterances.map(\.id))
    #expect(entries[..<4].map(\.text) == [nil, "ONLY THIS", nil, speech.utterances[3].text])
  }

  @Test func explainsWrongUsage() throws {
    for arguments in [
      ["--layout", "nonsense", temporary("corpus")], ["--nonsense"],
      [temporary("corpus"), "--root", temporary("missing")],
    ] {
      let result = try runTool("cpc-scan", arguments)
      #expect(result.status == 64, "\(arguments): \(result.messages)")
    }
    let missing = try runTool("cpc-scan", [temporary("gone")])
    #expect(missing.status == 1 && missing.messages.contains("gone: cannot open: No such file"))
    try write("{}\n", to: temporary("m"))
    #expect(try runTool("cpc-scan", [temporary("m")]).messages.contains("a manifest already"))
    let help = try runTool("cpc-scan", ["--help"])
    #expect(help.status == 0 && help.text.contains("EXAMPLES") && help.text.contains("--root"))
  }

  @Test func endsQuietlyWhenThePipeCloses() throws {
    _ = try SpeechCorpus(folder: temporary("large"), utterancesPerChapter: 500, lengths: [200])
    let result = try runProcess(
      "/bin/bash",
      ["-c", "'\(try toolPath("cpc-scan"))' -q '\(temporary("large"))' | head -n 1; exit ${PIPESTATUS[0]}"])
    #expect(result.status == 0 && result.messages == "")
    #expect(result.text.split(separator: "\n").count == 1)
  }
}

struct SplitToolTests {
  let temporary: TemporaryFolder
  let manifest: String
  let ids: [String]

  init() throws {
    temporary = try TemporaryFolder()
    let entries = (0..<20).map {
      ManifestEntry(
        id: "u\($0)", source: "a.tar", group: "g\($0 % 4)", session: "s",
        extent: .audio(samples: 100 + $0, rate: 16_000))
    }
    ids = entries.map(\.id)
    manifest = temporary("m.jsonl")
    try write(entries.map { $0.json.compact + "\n" }.joined(), to: manifest)
  }

  private func parts(_ result: ToolResult) throws -> [String?] {
    let entries = try result.text.split(separator: "\n").map { try ManifestEntry(parsing: Array($0.utf8)) }
    #expect(entries.map(\.id) == ids)
    return entries.map(\.split)
  }

  @Test func splitsByLists() throws {
    try write("x/u0.flac\nu1\n# no\nu99\n", to: temporary("train_split.txt"))
    try write("u2\n", to: temporary("b"))
    let arguments = [manifest, "--list", temporary("train_split.txt"), "--list", "test=\(temporary("b"))"]
    let result = try runTool("cpc-split", arguments)
    #expect(result.status == 0)
    #expect(try parts(result) == ["train", "train", "test"] + Array(repeating: nil, count: 17))
    #expect(result.messages.contains("name no utterance here: 1 (u99)"))
    #expect(result.messages.contains("train: 2 utterances, test: 1 utterance, 17 without a part"))
    let rest = try runTool("cpc-split", arguments + ["--rest", "valid"])
    #expect(try parts(rest)[3...].allSatisfy { $0 == "valid" })
    try write("u0\n", to: temporary("b"))
    let both = try runTool("cpc-split", arguments)
    #expect(both.status == 1 && both.text == "")
  }

  @Test func splitsByDraw() throws {
    let arguments = ["--by", "group", "--fraction", "valid=0.25", "--fraction", "test=0.25"]
    let result = try runTool("cpc-split", arguments, input: File.contents(of: manifest))
    let drawn = try parts(result)
    #expect(result.messages == "valid: 5 utterances, test: 5 utterances, train: 10 utterances\n")
    for (i, part) in drawn.enumerated() { #expect(part == drawn[i % 4]) }
    #expect(try runTool("cpc-split", [manifest, "-q"] + arguments).output == result.output)
    let other = try runTool("cpc-split", [manifest, "--seed", "3"] + arguments)
    #expect(try parts(other) != drawn)
    let file = try runTool("cpc-split", [manifest, "-o", temporary("out")] + arguments)
    #expect(file.status == 0 && file.text == "")
    #expect(try File.contents(of: temporary("out")) == result.output)
    #expect(try runTool("cpc-split", [manifest, "-o", temporary("out")] + arguments).status == 1)
  }

  @Test func namesBrokenLines() throws {
    let line = try String(decoding: File.contents(of: manifest), as: UTF8.self)
    try write(line + "{broken\n" + line.prefix { $0 != "\n" } + "\n", to: manifest)
    let result = try runTool("cpc-split", [manifest, "--by", "utterance", "--fraction", "valid=0.1"])
    #expect(result.status == 1)
    #expect(try parts(result).count == 20)
    #expect(result.messages.contains("\(manifest): line 21: not JSON"))
    #expect(result.messages.contains("\(manifest): line 22: utterance id u0 is in line 1 too"))
    let strict = try runTool("cpc-split", [manifest, "--by", "utterance", "--fraction", "valid=0.1", "--strict"])
    #expect(strict.status == 1 && strict.text == "")
  }

  @Test func explainsWrongUsage() throws {
    for arguments in [
      [manifest], [manifest, "--by", "group"], [manifest, "--fraction", "a=0.1"], [manifest, "--by", "mood"],
      [manifest, "--by", "group", "--fraction", "a"], [manifest, "--by", "group", "--fraction", "a=b"],
      [manifest, "--list", "a=\(manifest)", "--by", "group"], ["-", "--list", "a=-"],
      [manifest, "--by", "group", "--fraction", "a=2"],
    ] {
      let result = try runTool("cpc-split", arguments)
      #expect(result.status == 64, "\(arguments): \(result.messages)")
    }
    let help = try runTool("cpc-split", ["--help"])
    #expect(help.status == 0 && help.text.contains("EXAMPLES"))
  }
}
