import ArgumentParser
import CommandSupport

@main
struct InspectCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-inspect", version: toolsVersion)
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool { false }
}
