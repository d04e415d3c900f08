import ArgumentParser
import CommandSupport
import Shards

struct RemoveCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove an added plane from a dataset.",
    discussion: """
      The dataset is then what it was before cpc-shard add, byte for byte.

      EXAMPLES
          cpc-shard add dev mfa=textgrids/
          cpc-shard remove dev mfa

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """)

  @OptionGroup var target: DatasetArgument

  @Argument(
    help: "The plane's name; cpc-inspect lists those that were added.",
    completion: .list([]))
  var name: String

  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    try DatasetUpdate(target.dataset).remove(overlay: name)
    console.note("\(target.dataset): removed \(name)")
    return true
  }
}
