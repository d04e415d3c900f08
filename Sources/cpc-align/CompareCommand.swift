import ArgumentParser
import CommandSupport
import FileIO
import Labels
import OrderedJSON

struct CompareCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Say how two alignments of the same utterances differ.",
    discussion: """
      A and B are alignments in any format: a file, a folder, an archive, a dataset (its plane phones), or DATASET:PLANE. \
      B is measured against A, over the utterances that both have.

      CELLS are the 10 ms of our grid; each takes the phone at its centre. Agreement is over cells that both label.
      BOUNDARIES are the times at which one phone goes over into the next; neighbours of one class count as one phone. The \
      phones of A and B are paired in order, at the least cost: |difference of begins| + |difference of ends| in seconds, \
      and 1 more if they are not the same phone; leaving a phone alone costs 1. A boundary of A is matched with one of B \
      if the phones on both its sides are paired with those on both sides of the other. Differences are B - A.
      DISAGREEMENT sorts the cells that differ by cause: both alignments have the same phones there and only the boundary \
      is elsewhere; one has a silence that the other lacks; or it has other phones.

      EXAMPLES
        Our alignment against MFA's:
          cpc-scan train.tar.gz | cpc-align -o ours.jsonl
          cpc-align compare textgrids/ ours.jsonl

        The CPC authors' labels, by time, and cell by cell as their code uses them:
          cpc-align compare phones.zip ours.jsonl
          cpc-align compare phones.zip ours.jsonl --label-grid as-published

        Two planes of a dataset; everything as JSON, with the whole confusion matrix:
          cpc-align compare dev dev:mfa
          cpc-align compare dev dev:mfa --json | jq .boundaries

      EXIT STATUS
        0 good; 1 failed, or finished with some utterances left out; 64 wrong usage.
      """)

  @Argument(help: "The alignment that B is measured against.", completion: .file())
  var a: String

  @Argument(help: "The alignment that is measured; one of the two may be '-', standard input.", completion: .file())
  var b: String

  @Option(
    help: ArgumentHelp("Show so many utterances, those that agree least.", valueName: "count"), transform: readCount)
  var worst = 10

  @Option(help: ArgumentHelp("Show so many confusions, the most frequent.", valueName: "count"), transform: readCount)
  var confusions = 10

  @Flag(help: "Stop at the first bad utterance.")
  var strict = false

  @OptionGroup(title: "READING ALIGNMENTS") var labels: LabelOptions
  @OptionGroup(title: "READING ALIGNMENTS") var phoneSet: PhoneSetOption
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if a == "-", b == "-" { throw ValidationError("A and B cannot both be standard input") }
    if worst < 0 || confusions < 0 { throw ValidationError("--worst and --confusions are counts") }
  }

  func execute(_ console: Console) throws -> Bool {
    let reading = try labels.reading(phoneSet.phones())
    var bad = 0
    let sources = (a: try openLabels(a, reading), b: try openLabels(b, reading))
    let comparison = try AlignmentComparison(sources.a, sources.b, phoneSet: reading.phoneSet) { problem in
      if strict { throw problem.failure }
      bad += 1
      console.report(problem)
    }
    console.finish()
    guard !comparison.utterances.isEmpty else {
      throw Failure(.badInput, "\(a) and \(b) have no utterance in common")
    }
    for source in [sources.a, sources.b] {
      if let mends = source.mends.description { console.note("\(source.path): \(mends)") }
    }
    console.note("A is \(formats(of: sources.a)), B is \(formats(of: sources.b))")
    let report = ComparisonReport(comparison, worst: worst, confusions: confusions)
    try File.standardOutput.write(result.json ? report.json.compact + "\n" : report.text)
    return bad == 0
  }
}
