import ArgumentParser
import CommandSupport
import FileIO
import Reports

@main
struct ReportCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-report",
    abstract: "One page of what runs and results came to, beside the paper's numbers; single plots as SVG.",
    discussion: """
      Inputs are folders of runs (cpc-train) and files of results (JSON with "kind" probe, abx, tsne, transfer or \
      neighbours, one object or one on each line), in any order; they are told apart by what they hold, not by their \
      names. The page has everything in it: it needs no network, no script, and follows the light or dark colours of \
      whoever reads it.

      It shows learning curves and the accuracy by prediction step of runs (Figure 3 of van den Oord et al. 2018), \
      probes beside the paper's Tables 1 and 2, each number with its labels, speakers, hours, updates and precision, \
      what probes confuse, ABX errors, t-SNE pictures (Figure 2), and the nearest neighbours of sampled pictures and \
      sentences. The paper's number stands beside a probe whose facts name its target (phone, speaker) and features \
      (with the word random, MFCC, supervised, or CPC or c); Table 2 is made of linear phone probes of CPC whose facts \
      have negatives or steps_ahead, several runs of one kind as mean and deviation. Same input, same bytes.

      PLOTS
      \(Report.plotNames.map { "  \($0.name): \($0.what)" }.joined(separator: "\n"))
        The second of a kind is called recall-2, confusion-2, tsne-2, and so on; --list prints those that the inputs \
      make.

      EXAMPLES
        One run, as it is now:
          cpc-report run -o run.html
        Runs side by side, and what their representations are worth:
          cpc-report mixed same phones.json speakers.json tsne.json \\
            -o report.html
        A plot for a paper, and what there is:
          cpc-report mixed same --plot common-loss --log-updates -o loss.svg
          cpc-report mixed same phones.json --list
        Results from a pipe:
          cat results/*.jsonl | cpc-report - run -o report.html
      """,
    version: toolsVersion)

  @Argument(help: "Folders of runs and files of results; - is standard input.", completion: .file())
  var inputs: [String] = []
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the page or the plot goes; - is standard output, the default.", valueName: "file"),
    completion: .file())
  var output: String?
  @Option(help: ArgumentHelp("One plot as SVG instead of the page.", valueName: "name"))
  var plot: String?
  @Flag(help: "Print the names of the plots that the inputs make.")
  var list = false
  @Option(help: ArgumentHelp("The page's title.", valueName: "text"))
  var title: String?
  @Flag(help: "Learning curves over the logarithm of the updates.")
  var logUpdates = false
  @Flag(help: "Replace the output file if it exists. Default: refuse.")
  var force = false
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    guard plot == nil || !list else { throw Failure(.usage, "--plot and --list exclude each other") }
    let paths = try inputsOrStandardInput(inputs)
    guard paths.count(where: { $0 == "-" }) < 2 else { throw Failure(.usage, "standard input is named twice") }
    try checkEnding()
    let file = try ResultFile(output, force: force)
    let report = Report(try paths.flatMap { try readReportInputs($0) }, title: title, isLogarithmic: logUpdates)
    for note in report.notes { console.note(note) }
    let text =
      if list {
        report.plots.map { $0.name + "\n" }.joined()
      } else if let plot {
        try report.svg(plot)
      } else {
        try report.html(maker: "cpc-report \(toolsVersion)")
      }
    try file.write(Array(text.utf8))
    try file.finish()
    if let output, output != "-" { console.note("\(output): \(plot ?? report.summary)") }
    return true
  }

  /// --plot and --list decide what is written: a name that ends like something else is a mistake.
  private func checkEnding() throws {
    guard let output, !list, let ending = output.divided(atLast: ".")?.tail.asciiLowercased else { return }
    let hint: String? =
      switch ending {
      case "svg": plot == nil ? "--plot NAME writes one plot as SVG" : nil
      case "html", "htm": plot == nil ? nil : "without --plot, the page is written"
      case "png", "jpg", "jpeg", "webp", "pdf", "eps":
        "--plot NAME -o FILE.svg writes one plot, of which rsvg-convert or a browser makes other formats"
      default: nil
      }
    if let hint {
      throw Failure(
        .usage, path: output, "\(plot == nil ? "the page is HTML" : "a plot is SVG"), not \(ending)", hint: hint)
    }
  }
}
