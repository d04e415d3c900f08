import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// The subcommands of cpc-shard: each takes its own flags and refuses those of the others, instead of passing them over.
@Suite struct SubcommandTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(folder: folder("corpus"), speakers: [84])
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
  }

  private static let ofMaking = [
    "--tail drop", "--resample 16000", "--mixdown", "--layout kaldi", "--below x", "--root .", "--prefix-groups",
    "--phones x", "--threads 2",
  ]
  private static let ofNewDatasets = ["--licence X", "--corpus-name X", "--shard-records 7"]
  private static let ofLabels = [
    "--label-format ctm", "--label-grid cells", "--kaldi-phones x", "--phone-map x", "--tier x",
  ]
  private static let ofSelecting = ["--split default", "--group 84", "--ids x"]
  private static let ofParts = ["--part 0/2", "--dry-run"]

  private static let foreign: [String: [String]] = [
    "make": ofSelecting + ["--parts x", "--phone-set x"],
    "merge": ofSelecting + ofParts + ["--phone-set x"],
    "select": ofMaking + ofLabels + ofParts + ["--parts x", "--phone-set x", "--strict"],
    "add": ofMaking + ofNewDatasets + ofSelecting + ofParts + ["--parts x", "-o x"],
    "remove": ofMaking + ofNewDatasets + ofLabels + ofSelecting + ofParts + [
      "--parts x", "--phone-set x", "-o x", "--strict", "--force", "--allow-unknown-ids", "--json",
    ],
  ]

  /// A command that is good but for one flag.
  private func command(_ name: String) -> [String] {
    switch name {
    case "make": ["make", corpus.folder, "-o", folder("new")]
    case "merge": ["merge", folder("m.jsonl"), "-o", folder("new"), "--parts", folder("p")]
    case "select": ["select", folder("d"), "-o", folder("new"), "--group", "84"]
    case "add": ["add", folder("d"), "n=key:samples"]
    default: ["remove", folder("d"), "n"]
    }
  }

  @Test(arguments: ["make", "merge", "select", "add", "remove"]) func flagsOfOthersAreRefused(name: String) throws {
    let before = try tree(folder("d"))
    for flag in try #require(Self.foreign[name]) where !(name == "select" && Self.ofSelecting.contains(flag)) {
      let words = flag.split(separator: " ").map { String($0) }
      let result = try runTool("cpc-shard", command(name) + words)
      #expect(
        result.status == 64 && result.messages.contains("Unknown option '\(words[0])'"),
        "\(name) \(flag): \(result.messages)")
    }
    #expect(Folder.kind(of: folder("new")) == nil)
    #expect(try tree(folder("d")) == before)
  }

  @Test(arguments: ["make", "merge", "select", "add", "remove"]) func helpIsOfTheSubcommand(name: String) throws {
    let help = try runTool("cpc-shard", [name, "--help"])
    #expect(help.status == 0 && help.text.contains("EXAMPLES") && help.text.contains("cpc-shard \(name) "))
    for flag in try #require(Self.foreign[name]) {
      let word = String(flag.split(separator: " ")[0])
      #expect(!help.text.contains("  \(word) "), "\(name): \(word)")
    }
    let other = try runTool("cpc-shard", ["help", name])
    #expect(other.status == 0 && other.text == help.text)
    #expect(try runTool("cpc-shard", [name, "--version"]).text == runTool("cpc-shard", ["--version"]).text)
  }

  /// What goes with one flag only is refused without it.
  @Test func flagsNeedWhatTheyAreFor() throws {
    for flag in Self.ofLabels + ["--allow-unknown-ids"] {
      let words = flag.split(separator: " ").map { String($0) }
      let made = try runTool("cpc-shard", command("make") + words)
      #expect(made.status == 64 && made.messages.contains("\(words[0]) goes with --phones"), "\(made.messages)")
      let added = try runTool("cpc-shard", command("add") + words)
      #expect(added.status == 64 && added.messages.contains("\(words[0]) goes with labels"), "\(added.messages)")
    }
    for (arguments, words) in [
      (["select", folder("d"), "-o", folder("new")], "--split, --group or --ids"),
      (command("select") + ["--allow-unknown-ids"], "goes with --ids"),
      (["select", folder("d"), "--group", "84"], "-o must name a folder"),
      (["select", folder("d"), "--group", "84", "-o", "-"], "-o cannot be '-'"),
      (["merge", folder("m.jsonl"), "-o", "-", "--parts", "p"], "-o cannot be '-'"),
      (["merge", folder("m.jsonl"), "-o", folder("new")], "--parts"), ([corpus.folder], "-o must name a folder"),
    ] {
      let result = try runTool("cpc-shard", arguments)
      #expect(result.status == 64 && result.messages.contains(words), "\(arguments): \(result.messages)")
    }
    #expect(Folder.kind(of: folder("new")) == nil)
  }

  @Test func flagsOfANewCardAreForNewDatasets() throws {
    for flag in Self.ofNewDatasets {
      let words = flag.split(separator: " ").map { String($0) }
      #expect(try runTool("cpc-shard", command("select") + ["--force"] + words).status == 0)
    }
    #expect(try runTool("cpc-shard", command("add") + ["--strict", "--force"]).status == 0)
  }

  /// Inputs may be called like subcommands, and the command in the card means the same when it is given again.
  @Test(arguments: ["make", "merge", "select", "add", "remove", "help"])
  func anInputMayBeCalledLikeASubcommand(name: String) throws {
    let (data, home) = (folder("d"), folder("home"))
    try Folder.create(home)
    _ = try runProcess("/bin/ln", ["-s", corpus.folder, "\(home)/\(name)"])
    #expect(try runTool("cpc-shard", ["make", name, "-o", "one"], in: home).status == 0)
    #expect(try runTool("cpc-shard", ["./\(name)", "-o", "two"], in: home).status == 0)
    for output in ["one", "two"] {
      let card = try Card.read(folder: "\(home)/\(output)")
      #expect(card.facts["command"] == .string("cpc-shard make \(name) -o \(output)"))
      var (files, whole) = (try tree("\(home)/\(output)"), try tree(data))
      (files[Card.fileName], whole[Card.fileName]) = (nil, nil)
      #expect(files == whole)
    }
  }

  @Test func examplesInTheHelpGoOnInTheNextLine() throws {
    for arguments in [["--help"], ["help"], ["make", "--help"]] {
      let lines = try runTool("cpc-shard", arguments).text.split(separator: "\n")
      let line = try #require(lines.first { $0.contains("sbatch") })
      #expect(line.hasSuffix("--part auto \\"))
    }
  }
}
