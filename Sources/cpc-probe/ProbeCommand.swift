import ArgumentParser
import CommandSupport
import FileIO

@main
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-probe",
    abstract: "How good a representation is: probes of frames, ABX, transfer of sentence vectors.",
    version: toolsVersion,
    subcommands: [
      ClassifyCommand.self, ABXCommand.self, TSNECommand.self, NeighboursCommand.self, SupervisedCommand.self,
      TransferCommand.self,
    ],
    defaultSubcommand: ClassifyCommand.self)

  /// A protocol is one of transfer: its name may be left out.
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    let isTransfer = words.contains { isSame($0, "--protocol") || $0.begins(with: "--protocol=") }
    let isNamed = words.first.map { first in configuration.subcommands.contains { isSame($0._commandName, first) } }
    guard isTransfer, isNamed != true else { return launch() }
    launch([TransferCommand._commandName] + words)
  }
}
