import FileIO
import TestSupport
import Testing

/// Command lines that are wrong, as people type them, and what they are told: what is wrong, and what to do.
@Suite(.serialized) struct WrongCommandTests {
  /// What the commands are given: a corpus, its manifest, a dataset, a run, and things that are none of these.
  private struct Place: Sendable {
    let folder: TemporaryFolder

    init() throws {
      folder = try TemporaryFolder()
      _ = try SpeechCorpus(folder: folder("corpus"), speakers: [84, 1272], lengths: [160_000])
      try Folder.create(folder("empty"))
      try File.writing(folder("notes.txt")).write("hello\n")
      for words in [
        ["cpc-shard", "corpus", "-o", "d"], ["cpc-scan", "corpus", "-o", "m.jsonl"],
        [
          "cpc-train", "d", "-o", "run", "--updates", "1", "--channels", "8", "--context", "8", "--batch", "2",
          "--num-negatives", "4",
        ],
      ] {
        let result = try runTool(words[0], Array(words.dropFirst()), in: folder.path)
        guard result.status == 0 else { throw Failure(.system, "\(words): \(result.messages)") }
      }
    }
  }

  private static let place = Result { try Place() }

  @Test(arguments: wrongCommands) func isToldWhatIsWrongAndWhatToDo(command: WrongCommand) throws {
    let folder = try Self.place.get().folder
    let words = command.line.split(separator: " ").map { String($0) }
    let result = try runTool(words[0], Array(words.dropFirst()), in: folder.path)
    #expect(result.status == command.status, "\(result.messages)")
    let errors = result.messages.split(separator: "\n").filter { $0.hasPrefix("\(words[0]): error: ") }
    #expect(errors.map { String($0.dropFirst("\(words[0]): error: ".count)) } == [command.message])
    // Wrong usage tells where the help is.
    if result.status == 64 { #expect(result.messages.hasSuffix("--help' for everything.\n"), "\(result.messages)") }
    for name in ["e", "r", "f", "p"] { #expect(Folder.kind(of: folder(name)) == nil, "\(name) was made") }
  }

  @Test func theTableIsLongAndOfAllTools() {
    #expect(wrongCommands.count >= 40)
    #expect(Set(wrongCommands.compactMap { $0.line.split(separator: " ").first }).count == 10)
  }

  /// Where nothing may be written or read, the place is named.
  @Test func withoutPermission() throws {
    let folder = try Self.place.get().folder
    try Folder.create(folder("locked"))
    try File.writing(folder("secret.jsonl")).write("{}")
    for (mode, name) in [("555", "locked"), ("000", "secret.jsonl")] {
      _ = try runProcess("/bin/chmod", [mode, folder(name)])
    }
    defer { _ = try? runProcess("/bin/chmod", ["700", folder("locked"), folder("secret.jsonl")]) }
    for (tool, words, name) in [
      ("cpc-scan", [folder("corpus"), "-o", folder("locked/m.jsonl")], "locked/m.jsonl"),
      ("cpc-shard", [folder("corpus"), "-o", folder("locked/d")], "locked"),
      ("cpc-train", [folder("d"), "-o", folder("locked/run"), "--updates", "1"], "locked"),
      ("cpc-split", [folder("secret.jsonl"), "--by", "group", "--fraction", "valid=0.5"], "secret.jsonl"),
    ] {
      let result = try runToolWithoutPrivileges(tool, words)
      #expect(result.status == 1, "\(tool): \(result.messages)")
      #expect(
        result.messages.contains("\(tool): error: ") && result.messages.contains(name)
          && result.messages.contains("Permission denied"), "\(result.messages)")
    }
  }
}

/// A command line, its exit status and what it says.
struct WrongCommand: Sendable, CustomTestStringConvertible {
  var line: String
  var status: Int32
  var message: String
  var testDescription: String { line }

  /// - Parameter text: a line with the command, a line with its status and what it says.
  static func table(_ text: String) -> [WrongCommand] {
    let lines = text.split(separator: "\n").map { String($0) }
    return stride(from: 0, to: lines.count - 1, by: 2).map { i in
      let parts = lines[i + 1].split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
      return WrongCommand(line: lines[i], status: Int32(parts[0]) ?? -1, message: String(parts[1]))
    }
  }
}
