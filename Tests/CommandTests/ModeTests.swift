import FileIO
import TestSupport
import Testing

/// What cpc-shard does is one thing at a time: a flag of another is refused, not passed over.
@Suite struct ModeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(folder: folder("corpus"), speakers: [84])
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
  }

  @Test(arguments: [
    "--dry-run", "--part 0/2", "--merge p", "--tail drop", "--resample 16000", "--mixdown", "--layout kaldi",
    "--below x", "--root .", "--prefix-groups",
  ])
  func flagsOfAnotherModeAreRefused(flag: String) throws {
    let before = try tree(folder("d"))
    let flag = flag.split(separator: " ").map { String($0) }
    for arguments in [
      ["--select", "group=84", "-o", folder("s")], ["--ids", folder("ids"), "-o", folder("s")],
      ["--add", "n=key:samples"],
      ["--remove", "n"],
    ] {
      let result = try runTool("cpc-shard", [folder("d")] + arguments + flag)
      #expect(result.status == 64 && result.messages.contains(flag[0]), "\(arguments): \(result.messages)")
    }
    #expect(Folder.kind(of: folder("s")) == nil)
    #expect(try tree(folder("d")) == before)
  }

  @Test func flagsOfANewCardAreForNewDatasets() throws {
    for flag in [["--licence", "X"], ["--corpus-name", "X"], ["--shard-records", "7"]] {
      #expect(try runTool("cpc-shard", [folder("d"), "--add", "n=key:samples"] + flag).status == 64)
      #expect(
        try runTool("cpc-shard", [folder("d"), "--select", "group=84", "--force", "-o", folder("s")] + flag).status == 0
      )
    }
    #expect(try runTool("cpc-shard", [folder("d"), "--remove", "n", "--strict"]).status == 64)
    #expect(try runTool("cpc-shard", [folder("d"), "--add", "n=key:samples", "--strict", "--force"]).status == 0)
  }

  @Test func examplesInTheHelpGoOnInTheNextLine() throws {
    let lines = try runTool("cpc-shard", ["--help"]).text.split(separator: "\n")
    let line = try #require(lines.first { $0.contains("sbatch") })
    #expect(line.hasSuffix("--part auto \\"))
  }
}
