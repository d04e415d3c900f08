import ArgumentParser
import CommandSupport

@main
struct ScanCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-scan", version: toolsVersion)
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool { false }
}
