import ArgumentParser
import CommandSupport
import FileIO

@main
struct ShardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-shard",
    abstract: "Turn a speech corpus into records that a trainer can map into memory; change what has been made.",
    discussion: """
      EXAMPLES
        Make a dataset; 'make' may be left out:
          cpc-shard make dev-clean.tar.gz -o dev
          cpc-scan dev-clean.tar.gz | cpc-shard -o dev
        Make it on several machines:
          cpc-shard dev.jsonl --part 0/2 -o part0
          cpc-shard dev.jsonl --part 1/2 -o part1
          cpc-shard merge dev.jsonl -o dev --parts part0 part1
        A dataset of a part of another:
          cpc-shard select dev --split default:valid -o dev-valid
        Add labels, or a number of each utterance; take them out again:
          cpc-shard add dev mfa=textgrids/
          cpc-shard add dev age=key:age
          cpc-shard remove dev mfa

      SUBCOMMANDS AND INPUTS
        Each subcommand has a help of its own: cpc-shard merge --help. An input that is called like a subcommand needs \
      another word before it, or a folder: cpc-shard make merge -o d, cpc-shard ./merge -o d.
      """,
    version: toolsVersion,
    subcommands: [
      MakeCommand.self, MergeCommand.self, SelectCommand.self, AddCommand.self, RemoveCommand.self,
    ],
    defaultSubcommand: MakeCommand.self)

  static func main() {
    guard let old = OldSpelling(Array(CommandLine.arguments.dropFirst())) else { return launch() }
    Console(name: toolName, quiet: false).error("\(toolName): error: \(old.message(tool: CommandLine.arguments[0]))")
    exit(withError: ExitCode.validationFailure)
  }

  /// Whether a first argument of this name would be taken for a subcommand.
  static func isSubcommand(_ name: String) -> Bool {
    name == "help" || configuration.subcommands.contains { isSame($0._commandName, name) }
  }
}
