import FileIO
import OrderedJSON
import TestSupport
import Testing

/// What tools say of themselves: at any width nothing is broken, and `-h` is a screen.
@Suite struct HelpTests {
  private static let tools = [
    "cpc-scan", "cpc-split", "cpc-align", "cpc-shard", "cpc-inspect", "cpc-cat", "cpc-train", "cpc-embed", "cpc-probe",
    "cpc-report",
  ]

  /// A tool or a subcommand, and the lines of its examples as they are written.
  private struct Command {
    var words: [String]
    var examples: [String]
  }

  private func commands(_ tool: String) throws -> [Command] {
    func all(_ json: JSON, _ words: [String]) throws -> [Command] {
      let text = json["discussion"]?.stringValue ?? ""
      let block = text.split(separator: "EXAMPLES\n", maxSplits: 1).dropFirst().first ?? ""
      let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
      let examples = lines.prefix { $0.isEmpty || $0.hasPrefix(" ") }.filter { !$0.isEmpty }.map { String($0) }
      let parts = json["subcommands"]?.arrayValue ?? []
      return [Command(words: words, examples: examples)]
        + (try parts.flatMap { part in
          let name = try #require(part["commandName"]?.stringValue)
          return name == "help" ? [] : try all(part, words + [name])
        })
    }
    let json = try JSON(parsing: runTool(tool, ["--experimental-dump-help"]).output)
    return try all(try #require(json["command"]), [tool])
  }

  private func help(_ words: [String], _ flag: String, columns: Int) throws -> [String] {
    let result = try runProcess(
      "/usr/bin/env", ["COLUMNS=\(columns)", toolPath(words[0])] + words.dropFirst() + [flag])
    #expect(result.status == 0 && result.messages.isEmpty)
    return result.text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }

  @Test(arguments: tools) func at80ColumnsExamplesAreAsWritten(tool: String) throws {
    for command in try commands(tool) {
      let lines = try help(command.words, "--help", columns: 80)
      for line in lines { #expect(line.count <= 80, "\(command.words): \(line)") }
      for example in command.examples where example.hasPrefix("    ") {
        #expect(example.count <= 80 && lines.contains(example), "\(command.words): \(example)")
      }
      for example in command.examples { #expect(example.count <= 80, "\(command.words): \(example)") }
    }
  }

  /// At 60 columns commands go on in the next line, where a shell reads on, and mean the same.
  @Test(arguments: tools) func inNarrowTerminalsCommandsStayCommands(tool: String) throws {
    for command in try commands(tool) {
      let lines = try help(command.words, "--help", columns: 60)
      func whole(_ lines: [String]) -> String {
        lines.joined(separator: "\n").replacing(/\s*\\\n\s*/, with: " ").replacing(/[ ]+/, with: " ")
      }
      let text = whole(lines)
      for example in whole(command.examples).split(separator: "\n") where example.hasPrefix(" cpc-") {
        #expect(text.contains(example), "\(command.words): \(example)")
      }
      // What is wider is one word, as a path or a flag with its value, or quoted.
      for line in lines where line.count > 60 && !line.contains("'") {
        #expect(line.split(separator: " ").count <= 4, "\(command.words): \(line)")
      }
    }
  }

  @Test(arguments: tools) func inWideTerminalsLinesCanBeRead(tool: String) throws {
    for command in try commands(tool) {
      let lines = try help(command.words, "--help", columns: 200)
      #expect(lines.contains { $0.count > 90 } && !lines.contains { $0.count > 100 }, "\(command.words)")
    }
  }

  @Test(arguments: tools) func shortHelpIsAScreen(tool: String) throws {
    for command in try commands(tool) {
      let (lines, all) = (try help(command.words, "-h", columns: 80), try help(command.words, "--help", columns: 80))
      let name = command.words.joined(separator: " ")
      #expect(lines.count <= 26, "\(name): \(lines.count) lines")
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(name)")
      #expect(lines.contains { $0.hasPrefix("\(name) --help shows everything") }, "\(name)")
      #expect(lines.contains { $0.hasPrefix("USAGE: ") }, "\(name)")
      for flag in lines.filter({ $0.hasPrefix("  -") }).flatMap({ $0.split(separator: " ").prefix(2) }) {
        let word = flag.split(separator: ",").first ?? ""
        guard word.hasPrefix("-") else { continue }
        #expect(all.contains { $0.contains(word) }, "\(name): \(word)")
      }
    }
  }

  /// The flag that a first run needs is among those that one screen shows.
  @Test func shortHelpHasWhatIsUsedMost() throws {
    for (words, flag) in [
      (["cpc-shard", "make"], "-o, --output"), (["cpc-train"], "--preset"), (["cpc-train"], "--resume"),
      (["cpc-split"], "--by"), (["cpc-split"], "--fraction"), (["cpc-scan"], "--layout"), (["cpc-cat"], "--wav"),
    ] {
      let text = try help(words, "-h", columns: 80).joined(separator: "\n")
      #expect(text.contains("  \(flag)") || text.contains("\(flag) ") || text.contains("/\(flag)"), "\(words): \(flag)")
    }
  }

  /// In a terminal, no arguments are answered by how to use the tool.
  @Test(arguments: tools) func withoutArgumentsUsageIsShown(tool: String) throws {
    let result = try inTerminal(tool, [], "2>&1 >/dev/null")
    let lines = result.text.replacing("\r", with: "").split(separator: "\n")
    #expect(result.status == 64 && lines.count <= 5, "\(result.text)")
    #expect(
      lines.first?.contains("USAGE") == true && lines.last?.contains("'\(tool) --help'") == true, "\(result.text)")
  }

  @Test func coloursAreForTerminals() throws {
    let escape = "\u{1b}["
    for words in [["--help"], ["-h"], ["--nonsense"], ["/nowhere"]] {
      let shown = try inTerminal("cpc-scan", words)
      #expect(shown.text.contains(escape), "\(words): \(shown.text)")
      for variable in ["NO_COLOR=1", "TERM=dumb"] {
        #expect(try !inTerminal("cpc-scan", words, environment: variable).text.contains(escape), "\(variable) \(words)")
      }
      let piped = try runTool("cpc-scan", words)
      #expect(!piped.text.contains(escape) && !piped.messages.contains(escape), "\(words)")
    }
  }

  /// Runs a tool in a terminal of its own.
  private func inTerminal(
    _ tool: String, _ words: [String], _ redirection: String = "", environment: String = "TERM=xterm"
  ) throws -> ToolResult {
    let line = "exec '\(try toolPath(tool))' \(words.joined(separator: " ")) \(redirection)"
    return try runProcess(
      "/usr/bin/env", ["-u", "NO_COLOR", "TERM=xterm", environment, "script", "-qec", line, "/dev/null"])
  }
}
