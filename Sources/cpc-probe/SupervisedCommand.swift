public import ArgumentParser
import CommandSupport
import Evaluation
import FileIO
import Kernels
public import Models
import OrderedJSON
import Probes
import Shards

struct SupervisedCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "supervised",
    abstract: "Train the encoder and context network end to end on the labels: what the paper calls supervised.",
    discussion: """
      The architecture of cpc-train with a linear layer on c, trained with Adam on the mean cross-entropy of labelled \
      frames. Ten times on the way the dev part, a tenth of the training utterances, is told; the parameters that did it \
      best tell the test part, once.

      EXAMPLES
          cpc-probe supervised dev --target phones --updates 5000
          cpc-probe supervised dev --target speaker --channels 256 --context 128

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """)

  @Argument(help: "A dataset of audio.", completion: .directory)
  var dataset: String

  @OptionGroup(title: "TARGETS AND PARTS") var parts: PartsOptions

  @Option(help: "Channels of each convolution.", transform: readCount)
  var channels = AudioModelShape().channels
  @Option(help: "Units of the GRU.", transform: readCount)
  var context = AudioModelShape().context
  @Option(help: "What stands before the rectifiers: none or channel.")
  var normalisation = EncoderNormalisation.none
  @Option(help: "Records of a batch.", transform: readCount)
  var batch = 8
  @Option(help: "Updates to make.", transform: readCount)
  var updates = 10_000
  @Option(help: "Step size of Adam.")
  var learningRate = 2e-4
  @Option(help: "Threads. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  @OptionGroup var output: ProbeOutput
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    for (name, value) in [
      ("--channels", channels), ("--context", context), ("--batch", batch), ("--updates", updates),
      ("--threads", threads ?? 1),
    ] where !(1...1 << 20).contains(value) {
      throw ValidationError("\(name) must be from 1 to \(1 << 20)")
    }
    guard learningRate > 0, learningRate.isFinite else { throw ValidationError("--learning-rate must be positive") }
  }

  func execute(_ console: Console) throws -> Bool {
    try output.begin(prints: true, console)
    let dataset = try Dataset(opening: dataset)
    let parts = try self.parts.parts(of: dataset, console)
    var settings = SupervisedTraining.Settings()
    (settings.shape.channels, settings.shape.context) = (channels, context)
    settings.shape.normalisation = normalisation
    (settings.batch, settings.updates, settings.learningRate) = (batch, updates, learningRate)
    settings.seed = self.parts.probeSeed
    settings.threads = threads ?? AvailableCores.current.count
    var results: [ProbeResult] = []
    for name in self.parts.target {
      let target = try ProbeTarget(name, of: dataset)
      let training = try SupervisedTraining(dataset, target, parts, settings)
      let result = try training.run(facts: facts(dataset, parts, target)) { console.show($0) }
      console.finish()
      results.append(result)
      if !self.result.json { try File.standardOutput.write(ProbeReport(result).text) }
    }
    try output.write(results.map { ProbeReport($0).json })
    if self.result.json {
      for result in results { try File.standardOutput.write(JSON.object(ProbeReport(result).json).compact + "\n") }
    }
    return true
  }

  private func facts(_ dataset: Dataset, _ parts: ProbeParts, _ target: ProbeTarget) -> [ProbeResult.Fact] {
    let hours = dataset.card.facts["counts"]?["hours"]?.doubleValue
    var facts = [
      ProbeResult.Fact("features", "supervised"), ProbeResult.Fact("dataset", Folder.name(of: self.dataset)),
      ProbeResult.Fact("speakers", "\(dataset.groups.count)"), ProbeResult.Fact("updates", "\(updates)"),
      ProbeResult.Fact("precision", "fp32"), ProbeResult.Fact("channels", "\(channels)"),
      ProbeResult.Fact("units", "\(context)"), ProbeResult.Fact("split", parts.description),
    ]
    if let hours { facts.append(ProbeResult.Fact("hours", "\(hours)")) }
    if let source = target.labelSource { facts.append(ProbeResult.Fact("labels", source)) }
    return facts
  }
}

extension EncoderNormalisation: ExpressibleByArgument {}
