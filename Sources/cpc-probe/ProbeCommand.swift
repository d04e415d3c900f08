import ArgumentParser
import CommandSupport

@main
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-probe",
    abstract: "How good a representation of speech is: probes of phones and speakers, ABX.",
    version: toolsVersion,
    subcommands: [ClassifyCommand.self, ABXCommand.self, TSNECommand.self, SupervisedCommand.self],
    defaultSubcommand: ClassifyCommand.self)

  static func main() { mainWithHelpOfDefault() }
}
