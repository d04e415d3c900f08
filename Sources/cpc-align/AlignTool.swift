import ArgumentParser
import CommandSupport

@main
struct AlignTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-align",
    abstract: "Phone alignments: compare them, convert them.",
    version: toolsVersion, subcommands: [CompareCommand.self, ConvertCommand.self])
}
