import ArgumentParser
import CommandSupport

@main
struct AlignTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-align",
    abstract: "Find out when each phone of a speech corpus is spoken; compare and convert alignments.",
    version: toolsVersion, subcommands: [AlignCommand.self, CompareCommand.self, ConvertCommand.self],
    defaultSubcommand: AlignCommand.self)

  /// Asked for help, the tool shows that of what it does by default, too.
  static func main() {
    guard [["--help"], ["-h"], ["help"]].contains(Array(CommandLine.arguments.dropFirst())) else { return main(nil) }
    print(helpMessage())
    print(helpMessage(for: AlignCommand.self))
  }
}
