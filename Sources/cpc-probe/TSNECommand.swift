import ArgumentParser
import CommandSupport
import Evaluation
import FileIO
import Kernels
import OrderedJSON
import Probes
import Sampling
import Shards
import TSNE

struct TSNECommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "tsne",
    abstract: "Lay frames out in the plane so that near ones stay near, as the paper's Figure 2: t-SNE.",
    discussion: """
      Frames are drawn by the seed, evenly from the classes that are shown. cpc-report makes a picture of the result, in its \
      page or with --plot as SVG.

      EXAMPLES
        Ten speakers, as in the paper, and phones:
          cpc-probe tsne run dev --target speaker --classes 10 -o speakers.jsonl
          cpc-probe tsne run dev --target phones -o phones.jsonl
          cpc-report speakers.jsonl phones.jsonl -o report.html

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """)

  @OptionGroup var input: ProbeInput

  @Option(help: ArgumentHelp("What frames are coloured by: as of cpc-probe classify.", valueName: "name"))
  var target = "speaker"
  @Option(help: "Classes that are shown, the most frequent; 0: all.", transform: readCount)
  var classes = 10
  @Option(help: "Frames that are shown, at most 20000.", transform: readCount)
  var points = 5000
  @Option(help: "How many neighbours a frame has, so to speak.")
  var perplexity = 30.0
  @Option(name: .customLong("draw-seed"), help: "Seed of the draw of frames.")
  var drawSeed: UInt64 = 1

  @OptionGroup var output: ProbeOutput
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (10...20_000).contains(points) else { throw ValidationError("--points must be from 10 to 20000") }
    guard classes >= 0, classes != 1 else { throw ValidationError("--classes must be at least 2, or 0 for all") }
    guard perplexity >= 1, perplexity.isFinite else { throw ValidationError("--perplexity must be at least 1") }
    guard output.output != nil || result.json else {
      throw ValidationError("-o FILE takes the points, --json prints them")
    }
  }

  func execute(_ console: Console) throws -> Bool {
    try output.begin(prints: result.json, console)
    let features = try input.open(console)
    let target = try ProbeTarget(self.target, of: features.dataset)
    let frames = try LabelledFrames(features.frames, target)
    let chosen = chosenRows(frames.labels, classes: target.classes.count)
    guard chosen.count > 2 else {
      throw Failure(.badInput, path: features.dataset.folder, "\(chosen.count) frames have a label: too few to show")
    }
    let columns = frames.frames.columns
    var rows = [Float](repeating: 0, count: chosen.count * columns)
    try rows.withUnsafeMutableBufferPointer { rows in
      for (i, row) in chosen.enumerated() {
        try frames.frames.read(
          row..<row + 1, into: UnsafeMutableBufferPointer(rebasing: rows[i * columns..<(i + 1) * columns]))
      }
    }
    var settings = TSNESettings()
    settings.perplexity = perplexity
    let embedding = try TSNE.embed(
      rows, count: chosen.count, dimension: columns, settings: settings, workers: Workers(count: input.threadCount),
      progress: { console.show($0) })
    console.finish()
    var facts = features.description
    facts["target"] = .string(self.target)
    if let source = target.labelSource { facts["labels"] = .string(source) }
    facts["perplexity"] = .real(embedding.perplexity)
    facts["divergence"] = .real(embedding.divergence)
    let shown = Set(chosen.map { Int(frames.labels[$0]) }).sorted()
    let place = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    let object: JSONObject = [
      "kind": .string("tsne"), "title": .string("t-SNE, \(self.target)"), "facts": .object(facts),
      "points": .array(
        chosen.indices.map {
          .array([.real(Double(embedding.positions[2 * $0])), .real(Double(embedding.positions[2 * $0 + 1]))])
        }),
      "labels": .array(chosen.map { .int(place[Int(frames.labels[$0])]!) }),
      "names": .array(shown.map { .string(target.classes[$0]) }),
    ]
    try output.write([object])
    if result.json { try File.standardOutput.write(JSON.object(object).compact + "\n") }
    console.note(
      "\(counted(chosen.count, "frame")) of \(counted(shown.count, "class", "classes")), divergence \(embedding.divergence)"
    )
    return true
  }

  /// Rows of the classes that are shown, as many of each as there are and the number of points allows; ascending.
  private func chosenRows(_ labels: [Int32], classes: Int) -> [Int] {
    var rows = [[Int]](repeating: [], count: classes)
    for (row, label) in labels.enumerated() where label >= 0 { rows[Int(label)].append(row) }
    let frequent = rows.indices.sorted { (rows[$1].count, $0) < (rows[$0].count, $1) }.filter { !rows[$0].isEmpty }
    let shown = self.classes == 0 ? frequent : Array(frequent.prefix(self.classes))
    guard !shown.isEmpty else { return [] }
    return shown.enumerated().flatMap { i, label in
      let share = points * (i + 1) / shown.count - points * i / shown.count
      let order = KeyedBijection(count: rows[label].count, seed: drawSeed, index: label)
      return order(Array(0..<min(share, rows[label].count))).map { rows[label][Int($0)] }
    }.sorted()
  }
}
