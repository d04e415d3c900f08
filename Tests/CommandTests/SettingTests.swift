import FileIO
import OrderedJSON
import TestSupport
import Testing

/// Libraries name settings; tools show flags in their place.
@Suite struct SettingTests {
  private static let sources = Folder.parent(of: Folder.parent(of: Folder.parent(of: #filePath))) + "/Sources"
  /// Those that may know flags.
  private static let aware = ["CommandSupport", "FeatureOptions", "ReadingOptions", "RunOptions"]
  /// Files that speak of other programs' flags, some of which are called as ours.
  private static let ofOtherPrograms = ["AudioPrograms.swift", "SoxCommand.swift"]

  /// The lines of code of all libraries, comments left out, with the module that each is of.
  private func libraryLines(besides files: [String] = []) throws -> [(module: String, line: String)] {
    func lines(_ folder: String) throws -> [String] {
      try Folder.names(in: folder).flatMap { name -> [String] in
        let path = "\(folder)/\(name)"
        if Folder.kind(of: path) == .folder { return try lines(path) }
        guard name.hasSuffix(".swift"), !files.contains(name) else { return [] }
        return String(decoding: try File.contents(of: path), as: UTF8.self).split(separator: "\n").map { String($0) }
          .filter { !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("//") }
      }
    }
    return try Folder.names(in: Self.sources).filter { !$0.hasPrefix("cpc-") && !Self.aware.contains($0) }
      .flatMap { module in try lines("\(Self.sources)/\(module)").map { (module, $0) } }
  }

  private func tools() throws -> [String] { try Folder.names(in: Self.sources).filter { $0.hasPrefix("cpc-") } }

  /// The long flags of all tools and their subcommands.
  private func flags() throws -> Set<String> {
    var flags: Set<String> = []
    func collect(_ json: JSON) {
      if json["kind"]?.stringValue == "long", let name = json["name"]?.stringValue { flags.insert(name) }
      for value in json.arrayValue ?? json.objectValue?.members.map(\.value) ?? [] { collect(value) }
    }
    for tool in try tools() { collect(try JSON(parsing: runTool(tool, ["--experimental-dump-help"]).output)) }
    return flags
  }

  @Test func everySettingThatALibraryNamesIsAFlag() throws {
    let flags = try flags()
    #expect(flags.count > 50)
    var count = 0
    for (module, line) in try libraryLines() {
      for match in line.matches(of: /[sS]etting(?:: |\()"(\w+)"/) {
        let flag = String(match.1).replacing("_", with: "-")
        #expect(flags.contains(flag), "\(module): \(match.1)")
        count += 1
      }
    }
    #expect(count > 40)
  }

  @Test func noTextOfALibraryNamesAFlag() throws {
    let flags = try flags()
    for (module, line) in try libraryLines(besides: Self.ofOtherPrograms) {
      for match in line.matches(of: /(?:^|[^\w-])--([a-z][a-z-]*)/) {
        #expect(!flags.contains(String(match.1)), "\(module): \(line)")
      }
    }
  }

  @Test func usersReadFlags() throws {
    let folder = try TemporaryFolder()
    func check(_ tool: String, _ arguments: [String], _ status: Int, _ message: String) throws {
      let result = try runTool(tool, arguments)
      #expect(result.status == status && result.messages.contains(message), "\(result.messages)")
      #expect(!result.messages.contains("‹") && !result.text.contains("‹"))
    }
    try AudioFile.write(SpeechCorpus.speech(count: 20_480, seed: 1), to: folder("a.wav"), format: .wav)
    let made = try runTool("cpc-shard", [folder(""), "--layout", "flat", "-o", folder("d")])
    #expect(made.status == 0, "\(made.messages)")
    let train = [folder("d"), "-o", folder("run")]
    try check("cpc-train", train + ["--batch", "0"], 64, "cpc-train: error: --batch must be from 1 to 4096\nSee")
    try check("cpc-train", train + ["--negatives", "x"], 64, "error: --negatives x is not known (mixed-speaker, same-")
    try check(
      "cpc-train", train + ["--steps-ahead", "128"], 64, "--steps-ahead must be from 1 to 127: a window has 128")
    try check(
      "cpc-train", train + ["--num-negatives", "1024"], 64,
      "--num-negatives must be all, or from 1 to 1023: what --negatives mixed-speaker has for each anchor in 8 windows")
    try check(
      "cpc-train", train + ["--negatives", "same-speaker-excl", "--batch", "1"], 64,
      "--negatives same-speaker-excl has no candidates with --batch 1")
    try check("cpc-train", train + ["--log-every=-1"], 64, "--checkpoint-every and --log-every not negative")
    for arguments in [["plan"], ["throughput"]] {
      try check("cpc-inspect", arguments + [folder("d"), "--batch", "0"], 64, "--batch must be from 1 to 4096")
      try check(
        "cpc-inspect", arguments + [folder("d"), "--window", "9"], 64, "--window must be from 160 to 1048576 samples")
      try check(
        "cpc-inspect", arguments + [folder("d"), "--valid-fraction", "1"], 64, "--valid-fraction must be at least 0 and"
      )
      try check(
        "cpc-inspect", arguments + [folder("d"), "--negatives", "x"], 64, "error: --negatives x is not known (mixed-")
    }
    try check("cpc-scan", [folder("d"), "--below", "x"], 64, "error: --below is for --layout speaker-folders")
  }

  /// The flags of data are the same, and say the same, wherever they are.
  @Test func toolsThatShareFlagsSayTheSame() throws {
    func data(_ tool: String, _ arguments: [String]) throws -> Substring {
      let help = try runTool(tool, arguments + ["--help"]).text
      let section = try #require(help.firstMatch(of: /\nDATA:\n(?s:(.*?))\n\n/))
      return section.1
    }
    let train = try data("cpc-train", [])
    #expect(train.contains("--window <samples>") && train.contains("--split-name"))
    #expect(try train == data("cpc-inspect", ["plan"]) && train == data("cpc-inspect", ["throughput"]))
  }
}
