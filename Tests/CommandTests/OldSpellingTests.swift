import FileIO
import OrderedJSON
import TestSupport
import Testing

/// Commands as they were spelled before cpc-shard had subcommands: they are refused with the line that does the same.
@Suite struct OldSpellingTests {
  private let folder: TemporaryFolder
  /// Made once; each test has a copy.
  private static let place = Result { try Self.makePlace() }

  init() throws {
    folder = try TemporaryFolder()
    let copy = try runProcess("/bin/cp", ["-r", "\(Self.place.get().path)/.", folder.path])
    #expect(copy.status == 0, "\(copy.text)")
  }

  /// A dataset `d`, a manifest `m.jsonl` and its parts `p0` and `p1`, labels `l.jsonl` and a list of ids.
  private static func makePlace() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    func run(_ tool: String, _ arguments: [String]) throws {
      let result = try runTool(tool, arguments, in: folder.path)
      guard result.status == 0 else { throw Failure(.badInput, result.messages) }
    }
    let corpus = try SpeechCorpus(folder: folder("corpus"), speakers: [84, 7])
    try run("cpc-shard", ["corpus", "-o", "d", "--tail", "drop"])
    try run("cpc-scan", ["corpus", "-o", "m.jsonl"])
    for part in 0..<2 {
      try run("cpc-shard", ["m.jsonl", "--part", "\(part)/2", "-o", "p\(part)", "--shard-records", "4"])
    }
    let lines = corpus.utterances.map { "{\"id\":\"\($0.id)\",\"phones\":[[\"a\",0,0.5]]}\n" }
    try File.writing(folder("l.jsonl")).write(lines.joined())
    try File.writing(folder("set.txt")).write("a\nb\n")
    try File.writing(folder("ids.txt")).write(corpus.utterances[0].id + "\n")
    return folder
  }

  private func run(_ arguments: [String]) throws -> ToolResult {
    try runTool("cpc-shard", arguments, in: folder(""))
  }

  /// The line that the error gives, after the tool's path.
  private func line(_ result: ToolResult) throws -> String {
    let lines = result.messages.split(separator: "\n").filter { $0.hasPrefix("  ") }
    try #require(lines.count == 1, "\(result.messages)")
    let start = "  \(try toolPath("cpc-shard")) "
    try #require(lines[0].hasPrefix(start), "\(result.messages)")
    return String(lines[0].dropFirst(start.count))
  }

  private func paste(_ line: String) throws -> ToolResult {
    try runProcess("/bin/bash", ["-c", "'\(try toolPath("cpc-shard"))' \(line)"], in: folder(""))
  }

  @Test(arguments: [
    (
      ["m.jsonl", "-o", "new", "--shard-records", "4", "--merge", "p0", "p1"],
      "merge m.jsonl -o new --shard-records 4 --parts p0 p1"
    ),
    (
      ["--merge", "p0", "p1", "--shard-records=4", "-qo", "new", "--", "m.jsonl"],
      "merge m.jsonl --parts p0 p1 --shard-records 4 -qo new"
    ),
    (
      ["make", "m.jsonl", "--merge=p0", "p1", "-o=new", "--shard-records=4", "--json"],
      "merge m.jsonl --parts p0 p1 -o new --shard-records 4 --json"
    ),
    (["d", "--select", "group=84,7", "-o", "new"], "select d --group 84,7 -o new"),
    (
      ["-o", "new", "--select", "group=84", "--select=group=84,7", "d", "--threads", "2", "--strict", "--json"],
      "select d -o new --group 84 --group 84,7 --json"
    ),
    (["d", "--ids", "ids.txt", "-o", "new", "--licence", "CC BY"], "select d --ids ids.txt -o new --licence 'CC BY'"),
    (
      ["d", "--ids", "ids.txt", "--select", "group=84,7", "--allow-unknown-ids", "-o", "new"],
      "select d --ids ids.txt --group 84,7 --allow-unknown-ids -o new"
    ),
    (["select", "d", "--select", "group=84", "-o", "new"], "select d --group 84 -o new"),
    (
      ["--add", "n=l.jsonl", "--phone-set", "set.txt", "--allow-unknown-ids", "d"],
      "add d n=l.jsonl --phone-set set.txt --allow-unknown-ids"
    ),
    (["d", "--add=n=key:samples", "--strict", "--threads", "2", "-q"], "add d n=key:samples --strict -q"),
    (["add", "d", "--add", "n=key:samples"], "add d n=key:samples"),
  ])
  func theLineWorks(old: [String], new: String) throws {
    let before = try tree(folder(""))
    let result = try run(old)
    #expect(result.status == 64 && result.output.isEmpty, "\(result.messages)")
    #expect(try tree(folder("")) == before)
    #expect(try line(result) == new)
    let done = try paste(new)
    #expect(done.status == 0, "\(new): \(done.messages)")
    #expect(try tree(folder("")) != before)
  }

  @Test func planesAreRemovedInTheNewSpelling() throws {
    let before = try tree(folder("d"))
    for arguments in [
      ["--remove", "n", "d"], ["d", "--remove=n", "--json", "--threads", "3"], ["remove", "d", "--remove", "n"],
    ] {
      #expect(try run(["add", "d", "n=key:samples"]).status == 0)
      let result = try run(arguments)
      #expect(result.status == 64)
      #expect(try line(result) == "remove d n")
      #expect(try paste(line(result)).status == 0)
      #expect(try tree(folder("d")) == before)
    }
  }

  /// Names come out of the shell as they went into the tool.
  @Test(arguments: [
    "two words", "it's", "$HOME", "a\"b", "back\\slash", "*", "a;b", "a&b|c", "(x)", "~", "~x", "#x", "!x",
    "line\nbreak",
    "tab\tand 'quote' \\", "\u{1b}[31m", "\u{85}x", "é", "e\u{301}", "'\u{301}", "{a,b}", "a=b", "=ls", "<x>", "`x`",
    "a?b[c]", "^", "-x", "--add", "select", "%s", " ", "\u{a0}",
  ])
  func namesAreQuoted(name: String) throws {
    _ = try runProcess("/bin/cp", ["-r", folder("d"), "\(folder(""))/\(name)"])
    let result = try run(["--add", "n=key:samples", "--", name])
    #expect(result.status == 64)
    let new = try line(result)
    #expect(!new.unicodeScalars.contains { $0.properties.generalCategory == .control })
    let done = try paste(new)
    #expect(done.status == 0, "\(new): \(done.messages)")
    #expect(try run(["remove", "--", name, "n"]).status == 0)
    // As a value, which an option may hold on to.
    let select = try run(["d", "--select", "group=84", "--licence=\(name)", "-o", "new"])
    let selecting = try line(select)
    let made = try paste(selecting)
    #expect(made.status == 0, "\(selecting): \(made.messages)")
    let card = try runTool("cpc-inspect", ["new", "--json"], in: folder("")).text
    #expect(try JSON(parsing: card)["licence"]?.stringValue.map { Array($0.utf8) } == Array(name.utf8))
  }

  /// What was no command then has no line now, but is no riddle either.
  @Test(arguments: [
    (["d", "--select", "speaker=84", "-o", "new"], "cpc-shard select DATASET"),
    (["d", "--select", "group=", "-o", "new"], "cpc-shard select DATASET"),
    (["--ids", "ids.txt", "-o", "new"], "cpc-shard select DATASET"),
    (["d", "d", "--select", "group=84", "-o", "new"], "cpc-shard select DATASET"),
    (["--add", "n=key:samples"], "cpc-shard add DATASET NAME=SOURCE"), (["d", "--add"], "cpc-shard add DATASET"),
    (["--remove", "n"], "cpc-shard remove DATASET NAME"),
    (["--remove", "n", "--add", "n=key:samples", "d"], "cpc-shard remove DATASET NAME"),
    (["m.jsonl", "-o", "new", "--merge"], "cpc-shard merge CORPUS.jsonl -o OUT --parts PART"),
  ])
  func whatWasWrongStaysWrong(old: [String], pattern: String) throws {
    let before = try tree(folder(""))
    let result = try run(old)
    #expect(result.status == 64 && result.messages.contains("\n  \(pattern)"), "\(result.messages)")
    #expect(try tree(folder("")) == before)
  }

  /// A dataset that is called like a subcommand.
  @Test(arguments: ["make", "merge", "select", "add", "remove", "help"]) func namesOfSubcommandsAreNames(name: String)
    throws
  {
    _ = try runProcess("/bin/cp", ["-r", folder("d"), folder(name)])
    for old in [
      [name, "--add", "n=key:samples"], [name, "--select", "group=84", "-o", "new"], [name, "--remove", "n"],
    ] {
      let result = try run(old)
      #expect(result.status == 64)
      let done = try paste(line(result))
      #expect(done.status == 0, "\(old): \(result.messages) \(done.messages)")
    }
  }

  @Test func whatIsNotUTF8HasNoLine() throws {
    let script = "'\(try toolPath("cpc-shard"))' --add n=key:samples $'d\\xff'"
    let result = try runProcess("/bin/bash", ["-c", script], in: folder(""))
    #expect(result.status == 64 && result.messages.contains("\n  cpc-shard add DATASET NAME=SOURCE\n"))
  }

  @Test func helpIsStillHelp() throws {
    #expect(try run(["--add", "n=key:samples", "d", "--help"]).status == 0)
  }
}
