import ArgumentParser
import CommandSupport

@main
struct SplitCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-split", version: toolsVersion)
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool { false }
}
