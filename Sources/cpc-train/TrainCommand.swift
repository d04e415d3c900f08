import ArgumentParser
import CommandSupport

@main
struct TrainCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-train", version: toolsVersion)
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool { false }
}
