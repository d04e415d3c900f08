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
        Seconds of speech in place of frames, which tell speakers apart better:
          cpc-probe tsne run dev --average 100 -o seconds.jsonl

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
  @Option(
    help: ArgumentHelp(
      "In place of frames, the means of up to so many in a row of one utterance and one class.", valueName: "frames"),
    transform: readCount)
  var average = 1
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
    guard average >= 1 else { throw ValidationError("--average must be at least 1") }
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
    let stretches = frames.stretches(of: average)
    let labels = stretches.map { frames.labels[Int($0)] }
    let chosen = chosenPlaces(labels, classes: target.classes.count)
    let what = average > 1 ? "stretch of frames" : "frame"
    guard chosen.count > 2 else {
      throw Failure(
        .badInput, path: features.dataset.folder,
        "\(counted(chosen.count, what, average > 1 ? "stretches of frames" : nil)) with a label: too few to show")
    }
    let columns = frames.frames.columns
    let rows = try frames.means(from: chosen.map { stretches[$0] }, of: average)
    var settings = TSNESettings()
    settings.perplexity = perplexity
    let embedding = try TSNE.embed(
      rows, count: chosen.count, dimension: columns, settings: settings, workers: Workers(count: input.threadCount),
      progress: { console.show($0) })
    console.finish()
    var facts = features.description
    facts["target"] = .string(self.target)
    if let source = target.labelSource { facts["labels"] = .string(source) }
    if average > 1 { facts["average"] = .int(average) }
    facts["perplexity"] = .real(embedding.perplexity)
    facts["divergence"] = .real(embedding.divergence)
    let shown = Set(chosen.map { Int(labels[$0]) }).sorted()
    let place = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
    let object: JSONObject = [
      "kind": .string("tsne"),
      "title": .string("t-SNE, \(self.target)\(average > 1 ? ", means of \(average) frames" : "")"),
      "facts": .object(facts),
      "points": .array(
        chosen.indices.map {
          .array([.real(Double(embedding.positions[2 * $0])), .real(Double(embedding.positions[2 * $0 + 1]))])
        }),
      "labels": .array(chosen.map { .int(place[Int(labels[$0])]!) }),
      "names": .array(shown.map { .string(target.classes[$0]) }),
    ]
    try output.write([object])
    if result.json { try File.standardOutput.write(JSON.object(object).compact + "\n") }
    console.note(
      "\(counted(chosen.count, what, average > 1 ? "stretches of frames" : nil)) of \(counted(shown.count, "class", "classes")), divergence \(embedding.divergence)"
    )
    return true
  }

  /// Places of the classes that are shown, as many of each as there are and the number of points allows; ascending.
  private func chosenPlaces(_ labels: [Int32], classes: Int) -> [Int] {
    var places = [[Int]](repeating: [], count: classes)
    for (place, label) in labels.enumerated() where label >= 0 { places[Int(label)].append(place) }
    let frequent = places.indices.sorted { (places[$1].count, $0) < (places[$0].count, $1) }
      .filter { !places[$0].isEmpty }
    let shown = self.classes == 0 ? frequent : Array(frequent.prefix(self.classes))
    guard !shown.isEmpty else { return [] }
    return shown.enumerated().flatMap { i, label in
      let share = points * (i + 1) / shown.count - points * i / shown.count
      let order = KeyedBijection(count: places[label].count, seed: drawSeed, index: label)
      return order(Array(0..<min(share, places[label].count))).map { places[label][Int($0)] }
    }.sorted()
  }
}
