import FileIO
import OrderedJSON
import TestSupport
import Testing

/// Tools in pipes: they end quietly when their reader does, and say so when their writer stopped too early.
@Suite struct PipeTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try makeCorpus(folder("corpus"))
    try ArchiveFile.write(corpus.files(), to: folder("c.tar.gz"), format: .ustar, compression: .gzip)
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
  }

  /// Runs a pipeline of tools; returns the statuses of its members too.
  private func pipe(_ command: String) throws -> (result: ToolResult, statuses: [Int]) {
    let path = Folder.parent(of: try toolPath("cpc-shard"))
    let script =
      "export PATH=\"\(path):$PATH\"; cd \"\(folder.path)\"; \(command); echo \"${PIPESTATUS[@]}\" > statuses"
    let result = try runProcess("/bin/bash", ["-c", script])
    let statuses = String(decoding: try File.contents(of: folder("statuses")), as: UTF8.self)
    return (result, statuses.split(whereSeparator: { " \n".contains($0) }).compactMap { Int($0) })
  }

  @Test(arguments: ["cpc-cat d | head -c 1000", "cpc-cat d --samples | head -n 1", "cpc-cat d --raw | head -c 7"])
  func aClosedPipeEndsQuietly(command: String) throws {
    let (result, statuses) = try pipe(command)
    #expect(statuses == [0, 0])
    #expect(result.messages == "")
  }

  @Test func streamsKeepEverything() throws {
    let (result, statuses) = try pipe("cpc-shard c.tar.gz -o - | cpc-cat - --utterances --samples")
    #expect(statuses == [0, 0])
    let lines = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.map { $0["id"]?.stringValue } == corpus.utterances.map(\.id))
    for (line, utterance) in zip(lines, corpus.utterances) {
      #expect(line["samples"]?.arrayValue?.compactMap(\.intValue) == utterance.samples.map { Int($0) })
    }
  }

  @Test func scanHeadShard() throws {
    let (result, statuses) = try pipe("cpc-scan c.tar.gz | head -5 | cpc-shard -o five")
    #expect(statuses == [0, 0, 0], "\(result.messages)")
    #expect(result.messages.contains("5 utterances"))
  }

  @Test func aStreamCutInTheMiddleIsNamed() throws {
    for bytes in [10, 3000, 500_000] {
      let (result, statuses) = try pipe("cpc-shard c.tar.gz -o - | head -c \(bytes) | cpc-cat - > /dev/null")
      #expect(statuses == [0, 0, 1])
      #expect(result.messages.contains("standard input"))
    }
  }

  @Test func aFullDiskAfterAPipeIsNamed() throws {
    let (result, statuses) = try pipe("cpc-shard c.tar.gz -o - > /dev/full")
    #expect(statuses == [1])
    #expect(result.messages.contains("No space left"))
  }

  @Test func catGivesBackTheAudio() throws {
    let first = corpus.utterances[2]
    let wav = try runTool("cpc-cat", [folder("d"), "--utterance", first.id, "--wav"])
    try writeAtomically(to: folder("x.wav")) { try $0.write(wav.output) }
    let read = try AudioFile.read(folder("x.wav"))
    #expect(read.samples == first.samples)
    #expect(read.rate == 16000 && read.channels == 1)
    let raw = try runTool("cpc-cat", [folder("d"), "--utterances", "--raw"])
    #expect(raw.output.count == 2 * corpus.utterances.reduce(0) { $0 + $1.samples.count })
    #expect(try runTool("cpc-cat", [folder("d"), "--utterances", "--wav", "-o", folder("wavs")]).status == 0)
    #expect(try Folder.names(in: folder("wavs")).count == corpus.utterances.count)
  }

  @Test(arguments: [
    (["--record", "999"], 1), (["--utterance", "nobody"], 1), (["--record", "9-1"], 64),
    (["--wav", "--record", "0-3"], 64),
    (["--record", "1", "--utterances"], 64), (["--raw", "--samples"], 64),
  ])
  func catRefuses(arguments: [String], status: Int) throws {
    #expect(try runTool("cpc-cat", [folder("d")] + arguments).status == status)
  }
}
