import ArgumentParser
import CommandSupport

@main
struct AlignTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-align",
    abstract: "Find out when each phone of a speech corpus is spoken; compare and convert alignments.",
    version: toolsVersion, subcommands: [AlignCommand.self, CompareCommand.self, ConvertCommand.self],
    defaultSubcommand: AlignCommand.self)

  static func main() { launch() }
}
