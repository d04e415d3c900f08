import ArgumentParser
import CommandSupport

@main
struct CatCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-cat", version: toolsVersion)
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool { false }
}
