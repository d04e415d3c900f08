import ArgumentParser
import CommandSupport

@main
struct ShardCommand: Tool {
  static let configuration = CommandConfiguration(commandName: "cpc-shard", version: toolsVersion)
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool { false }
}
