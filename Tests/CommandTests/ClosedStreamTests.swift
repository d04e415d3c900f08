import FileIO
import Shards
import TestSupport
import Testing

/// Standard streams that are closed when a tool starts: an error for whoever would use them, as in GNU tools.
@Suite struct ClosedStreamTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let corpus = try makeCorpus(folder("corpus"))
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d"), "-q"]).status == 0)
    try File.writing(folder("p.jsonl")).write(#"{"id":"a","phones":[["SIL",0.0,0.21],["AA",0.21,0.4]]}"# + "\n")
    #expect(try runTool("cpc-scan", [corpus.folder, "-o", folder("m.jsonl"), "-q"]).status == 0)
  }

  private func run(_ redirection: String, _ words: [String]) throws -> ToolResult {
    let script = "cd \"\(folder.path)\"; exec \"$0\" \"$@\" \(redirection)"
    return try runProcess("/bin/bash", ["-c", script, toolPath(words[0])] + words.dropFirst())
  }

  @Test(
    arguments: [
      "cpc-scan corpus", "cpc-split m.jsonl --by utterance --fraction valid=0.5", "cpc-align corpus",
      "cpc-align corpus -o a.jsonl --json", "cpc-align convert p.jsonl --to ctm", "cpc-align compare p.jsonl p.jsonl",
      "cpc-inspect d", "cpc-inspect d --json", "cpc-inspect groups d", "cpc-inspect verify d",
      "cpc-inspect sums d", "cpc-inspect plan --mask", "cpc-inspect plan d --batch 1",
      "cpc-inspect throughput d --batch 1", "cpc-cat d", "cpc-cat d --raw", "cpc-cat d --record 0 --wav",
      "cpc-cat d --webdataset", "cpc-shard corpus -o -", "cpc-shard corpus -o e --json", "cpc-train d -o run",
      "cpc-report d",
    ], [">&-", "1</dev/null"])
  func resultsThatCannotBeWrittenAreAnError(command: String, redirection: String) throws {
    let result = try run(redirection, command.split(separator: " ").map { String($0) })
    #expect(result.status == 1, "\(result.status)")
    #expect(result.messages.contains("standard output: cannot write: Bad file descriptor"), "\(result.messages)")
    #expect(result.output == [])
    // Work whose result would be lost is not begun.
    for name in ["run", "e", "a.jsonl"] { #expect(Folder.kind(of: folder(name)) == nil, "\(name)") }
  }

  @Test(arguments: [
    "cpc-scan", "cpc-split", "cpc-align", "cpc-inspect", "cpc-cat", "cpc-shard", "cpc-train", "cpc-report",
  ])
  func helpThatCannotBeWrittenIsAnError(tool: String) throws {
    for (redirection, reason) in [(">&-", "Bad file descriptor"), (">/dev/full", "No space left on device")] {
      for words in [["--help"], ["--version"], ["-h"]] {
        let result = try run(redirection, [tool] + words)
        #expect(result.status == 1, "\(tool) \(words)")
        #expect(result.messages == "\(tool): error: standard output: cannot write: \(reason)\n", "\(result.messages)")
      }
    }
    #expect(try runTool(tool, ["--version"]).status == 0)
    #expect(try runTool(tool, ["--nonsense"]).status == 64)
  }

  @Test func whoeverWritesNothingThereDoesNotMind() throws {
    for command in ["cpc-scan corpus -o n.jsonl", "cpc-shard corpus -o e", "cpc-cat d --utterances --wav -o wavs"] {
      let result = try run(">&-", command.split(separator: " ").map { String($0) })
      #expect(result.status == 0, "\(command): \(result.messages)")
    }
    #expect(try File.contents(of: folder("n.jsonl")) == File.contents(of: folder("m.jsonl")))
    #expect(try Dataset.verify(folder("e")).isGood)
  }

  @Test(arguments: ["cpc-scan -", "cpc-shard - -o e", "cpc-cat -", "cpc-split - --by utterance --fraction valid=0.5"])
  func aClosedInputIsAnErrorAndNotAnEmptyOne(command: String) throws {
    let result = try run("<&-", command.split(separator: " ").map { String($0) })
    #expect(result.status == 1, "\(result.status)")
    #expect(result.messages.contains("standard input: cannot read: Bad file descriptor"), "\(result.messages)")
  }

  @Test func withoutAPlaceForMessagesResultsAreTheSame() throws {
    let closed = try run("2>&-", ["cpc-scan", "corpus"])
    let open = try run("", ["cpc-scan", "corpus"])
    #expect(closed.status == 0 && closed.output == open.output)
  }

  /// The reader takes a little, cuts the shard short, and goes on reading.
  @Test func aShardThatIsCutShortWhileItIsReadIsNamed() throws {
    let tool = try toolPath("cpc-cat")
    let shard = "d/shards/00000.safetensors"
    let script = """
      cd "\(folder.path)"
      "\(tool)" d --record 0-3 --samples $(for i in {1..99}; do echo --record 0-3; done) \
        | { head -c 100; truncate -s 20000 \(shard); cat; } > out; echo "${PIPESTATUS[0]}" > status
      """
    let result = try runProcess("/bin/bash", ["-c", script])
    #expect(try File.contents(of: folder("status")) == Array("1\n".utf8))
    #expect(result.messages.hasPrefix("cpc-cat: error: \(shard): cut short"), "\(result.messages)")
  }
}
