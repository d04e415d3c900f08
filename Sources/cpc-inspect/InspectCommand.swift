import ArgumentParser
import CommandSupport

@main
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cpc-inspect",
    abstract: "Say what is in a dataset, whether it, a run or a model is intact, and what this machine has.",
    discussion: """
      EXAMPLES
        What it is: corpus, hours, speakers, splits, what was skipped:
          cpc-inspect dev
        The same for programs:
          cpc-inspect dev --json
        Utterances, records and hours of each speaker, and of each part:
          cpc-inspect groups dev
          cpc-inspect splits dev
        Many pictures in one; mean, standard deviation and sizes of pictures:
          cpc-inspect sheet photos -o sheet.png
          cpc-inspect pixels photos
        Read every byte and compare it with its digest; names what is damaged:
          cpc-inspect verify dev
          cpc-inspect verify run
        Sums for those who get a copy; sha256sum -c checks them:
          cpc-inspect sums dev > dev/SHA256SUMS
        Which windows the first update of a run takes, and who is a candidate:
          cpc-inspect plan dev --negatives same-speaker
          cpc-inspect plan --mask --negatives same-speaker
        How fast training could read it, from where it lies:
          cpc-inspect throughput dev
        Processor, kernels, cores and the speed of matrix products:
          cpc-inspect machine
      """,
    version: toolsVersion,
    subcommands: [
      CardCommand.self, GroupsCommand.self, SplitsCommand.self, SheetCommand.self, PixelsCommand.self,
      PlanCommand.self, ThroughputCommand.self, VerifyCommand.self, SumsCommand.self, MachineCommand.self,
    ],
    defaultSubcommand: CardCommand.self)

  static func main() { launch() }
}

/// What every subcommand takes.
struct InspectOptions: ParsableArguments {
  @Argument(help: "A dataset folder.", completion: .directory)
  var dataset: String

  @OptionGroup var result: ResultOptions
  var json: Bool { result.json }
}

/// Columns as wide as their widest cell; the first to the left, the others to the right.
func table(_ rows: [[String]]) -> String {
  let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    row.enumerated().map { column, cell in
      let space = String(repeating: " ", count: widths[column] - cell.count)
      return column == 0 ? cell + space : space + cell
    }.joined(separator: "  ") + "\n"
  }.joined()
}
