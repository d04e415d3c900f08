public import ArgumentParser
import CommandSupport
import Evaluation
import FileIO
import Kernels
import OrderedJSON
public import Probes
import Shards

struct ClassifyCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Tell phones, speakers or other labels from single frames, as the paper does (the default subcommand).",
    discussion: """
      Multinomial logistic regression on frames, fitted to convergence, or with --probe hidden a network of one hidden \
      layer. The strength of the penalty is chosen on a tenth of the training utterances; then all of them are fitted; \
      the test part is looked at once, at the end. Features are standardised by the training frames.

      The result is the share of test frames told right, with its 95 % interval over utterances; the same without \
      silence; the most frequent class and what always saying it would reach; for targets that utterances have, such as \
      speaker, the share of utterances. A result is marked transductive where the checkpoint was trained on test \
      utterances: its features may have learnt them, though not their labels.

      EXAMPLES
        A trained model, and what it is compared with:
          cpc-probe run dev --target phones --target speaker
          cpc-probe dev --random-init 512,256 --target phones
          cpc-probe dev --features mfcc --stack 4 --target phones
        Features that were made before, and a hidden layer:
          cpc-embed run dev -o dev-c
          cpc-probe dev-c --probe hidden --width 512
        Features of others:
          cpc-probe dev --from hubert/ --hop 320 --centre 200
        Does the alignment fit the frames?
          cpc-probe dev-c --label-offset -3..3
        Results for cpc-report, tables for a paper:
          cpc-probe dev-c -o results.jsonl --csv tables --latex

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """)

  @OptionGroup var input: ProbeInput
  @OptionGroup(title: "TARGETS AND PARTS") var parts: PartsOptions

  @Option(
    help: ArgumentHelp(
      """
      linear: logistic regression; hidden: one hidden layer of rectifiers; sgd: linear, by gradient descent with the \
      paper's schedule for images, as many passes as it made over ImageNet.
      """, valueName: "linear|hidden|sgd"))
  var probe = ProbeSettings.Kind.linear

  @Option(help: "With --probe hidden: units of the hidden layer (default: 1024).", transform: readCount)
  var width: Int?

  @Option(
    help: ArgumentHelp(
      """
      Strengths of the penalty to choose from, with commas between them: l2 / 2 · ‖W‖² beside the mean loss of a frame \
      (default: 1e-3,1e-4,1e-5,1e-6; of hidden and sgd none).
      """, valueName: "l2,…"))
  var l2: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Give each frame the label of the cell that many after its own: a number, or a range as -3..3.",
      valueName: "cells"))
  var labelOffset = "0"

  @Flag(help: "Take features as they are, not standardised.")
  var raw = false

  @OptionGroup var output: ProbeOutput

  @Option(
    help: ArgumentHelp(
      "Write a table of classes and a confusion matrix for each result to this folder, as CSV.", valueName: "folder"),
    completion: .directory)
  var csv: String?

  @Flag(help: "Print rows of a LaTeX table.")
  var latex = false

  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard width == nil || probe == .hidden else { throw ValidationError("--width goes with --probe hidden") }
    _ = try offsets()
    _ = try strengths()
    guard !(latex && result.json) else { throw ValidationError("--latex and --json both need standard output") }
  }

  func execute(_ console: Console) throws -> Bool {
    try output.begin(prints: true, console)
    // What is wrong with targets and parts is said before features are made.
    let dataset = try Dataset(opening: input.inputs[input.inputs.count - 1])
    for name in parts.target { _ = try ProbeTarget(name, of: dataset) }
    _ = try parts.parts(of: dataset, nil)
    let features = try input.open(console)
    let parts = try parts.parts(of: features.dataset, console)
    let workers = Workers(count: input.threadCount)
    var results: [ProbeResult] = []
    for name in self.parts.target {
      let target = try ProbeTarget(name, of: features.dataset)
      for offset in try offsets() {
        console.note("\(name)\(offset == 0 ? "" : ", labels of cell \(offset > 0 ? "+" : "")\(offset)"): fitting")
        let frames = try LabelledFrames(features.frames, target, offset: offset)
        let data = try ProbeData(
          frames: frames.frames, labels: frames.labels, classes: target.classes, utterances: frames.utterances,
          parts: parts.roles)
        let result = try Probe(settings(target), workers).run(
          data, target: name, facts: facts(features, parts, target, offset: offset), progress: { console.show($0) })
        console.finish()
        results.append(result)
        if !latex, !self.result.json { try File.standardOutput.write(ProbeReport(result).text) }
      }
    }
    try output.write(results.map { ProbeReport($0).json })
    if let csv { try writeTables(results, to: csv) }
    if latex { try File.standardOutput.write(results.map { $0.summaryLaTeX(title: ProbeReport($0).title) }.joined()) }
    if self.result.json {
      for result in results { try File.standardOutput.write(JSON.object(ProbeReport(result).json).compact + "\n") }
    }
    return true
  }

  private func settings(_ target: ProbeTarget) throws -> ProbeSettings {
    var settings = ProbeSettings()
    settings.kind = probe
    settings.l2 = try strengths()
    settings.seed = parts.probeSeed
    settings.standardized = !raw
    if let width { settings.hidden.width = width }
    settings.without = target.silence
    return settings
  }

  private func facts(
    _ features: ProbedFeatures, _ parts: ProbeParts, _ target: ProbeTarget, offset: Int
  ) throws -> [ProbeResult.Fact] {
    var facts = features.description
    facts["split"] = .string(parts.description)
    if let source = target.labelSource { facts["labels"] = .string(source) }
    if offset != 0 { facts["label_offset"] = .int(offset) }
    if let transductive = try features.transductive(parts) { facts["transductive"] = .string(transductive) }
    return facts.members.map { ProbeResult.Fact($0.key, $0.value.stringValue ?? $0.value.compact) }
  }

  private func writeTables(_ results: [ProbeResult], to folder: String) throws {
    try Folder.create(folder)
    for (i, result) in results.enumerated() {
      let name = results.count == 1 ? result.target : "\(i + 1)-\(result.target)"
      try writeAtomically(to: "\(folder)/\(name)-classes.csv") { try $0.write(result.classesCSV) }
      try writeAtomically(to: "\(folder)/\(name)-confusion.csv") { try $0.write(result.confusionCSV) }
    }
  }

  /// `2`, or `-3..3`.
  private func offsets() throws -> [Int] {
    let bounds = labelOffset.pieces(at: ".", omittingEmpty: true).map { Int(String($0)) }
    guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2, first <= last,
      (-1000...1000).contains(first), (-1000...1000).contains(last),
      bounds.count == 1 || labelOffset.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2
    else { throw ValidationError("--label-offset \(labelOffset) is neither a number nor a range, as -3..3") }
    return Array(first...last)
  }

  private func strengths() throws -> [Double]? {
    try l2.map { text in
      try text.pieces(at: ",").map { piece in
        guard let value = Double(String(piece)), value.isFinite, value >= 0 else {
          throw ValidationError("--l2 \(text): '\(piece)' is no strength")
        }
        return value
      }
    }
  }
}

extension ProbeSettings.Kind: ExpressibleByArgument {}
