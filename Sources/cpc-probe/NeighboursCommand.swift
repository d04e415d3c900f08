import ArgumentParser
import CommandSupport
import Evaluation
import FeatureOptions
import FileIO
import OrderedJSON
import Probes
import Sampling
import Shards

struct NeighboursCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "neighbours",
    abstract: "Show which pictures or sentences a model puts near each other.",
    discussion: """
      Draws pictures or sentences at random (--draw-seed) and finds, for each, the ones from other pictures or documents \
      whose features have the highest cosine similarity. cpc-report puts them into its page, pictures and all.

      EXAMPLES
          cpc-probe neighbours run pictures -o near.jsonl
          cpc-report run near.jsonl -o report.html
        Of features that were made before; the dataset has the pictures:
          cpc-probe neighbours pictures-z --of pictures -o near.jsonl

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """,
    aliases: ["neighbors"])

  @OptionGroup var input: ProbeInput

  @Option(
    help: ArgumentHelp(
      "With a dataset of features: the one that they were made of, which has the pictures or sentences.",
      valueName: "dataset"), completion: .directory)
  var of: String?
  @Option(help: "Pictures or sentences that are drawn.", transform: readCount)
  var samples = 8
  @Option(help: "Neighbours of each.", transform: readCount)
  var count = 6
  @Option(name: .customLong("draw-seed"), help: "Seed of the draw.")
  var drawSeed: UInt64 = 1

  @OptionGroup var output: ProbeOutput
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...100).contains(samples) else { throw ValidationError("--samples must be from 1 to 100") }
    guard (1...20).contains(count) else { throw ValidationError("--count must be from 1 to 20") }
    guard output.output != nil || result.json else {
      throw ValidationError("-o FILE takes the neighbours, --json prints them")
    }
  }

  func execute(_ console: Console) throws -> Bool {
    try output.begin(prints: result.json, console)
    let isMade = input.inputs.count == 1 && input.features.needsCheckpoint && input.from == nil
    guard isMade || of == nil else {
      throw Failure(
        .usage, "--of is for a dataset of features: here the pictures or sentences are in \(input.inputs.last!)")
    }
    guard !isMade || of != nil else {
      throw Failure(
        .usage, path: input.inputs[0], "features have neither pictures nor sentences",
        hint: "--of DATASET names what they were made of")
    }
    let source = try Dataset(opening: of ?? input.inputs.last!)
    let content = try Samples(source)
    let features = try input.open(console)
    let frames = features.frames
    if isMade {
      let units = (0..<source.utteranceCount).reduce(0) { $0 + source.unitCount(ofUtterance: $1) }
      guard try features.dataset.utteranceIDs().elementsEqual(source.utteranceIDs(), by: { isSame($0, $1) }),
        frames.rows == units
      else {
        throw Failure(.badInput, path: source.folder, "\(features.dataset.folder) was not made of this dataset")
      }
    }
    let order = KeyedBijection(count: frames.rows, seed: drawSeed, index: 0)
    let drawn = order(Array(0..<min(samples, frames.rows))).map { Int($0) }
    let nearest = try Neighbour.nearest(to: drawn, count: count, in: frames)
    guard let most = nearest.map(\.count).max(), most > 0 else {
      throw Failure(
        .badInput, path: source.folder, "nothing is near: there is one \(KindWords(source.schema.kind).item)")
    }
    let rows = drawn + nearest.flatMap { $0.map(\.row) }
    var shown = try content.objects(
      rows.map {
        let utterance = frames.utterance(of: $0)
        return (utterance, $0 - frames.offsets[utterance])
      })
    var others = shown.dropFirst(drawn.count)
    shown.removeLast(others.count)
    let object: JSONObject = [
      "kind": .string("neighbours"), "title": .string("Nearest by their features"),
      "facts": .object(features.description),
      "samples": .array(
        zip(shown, nearest).map { sample, near in
          var sample = sample
          sample["neighbours"] = .array(
            near.map { neighbour in
              var object = others.removeFirst()
              object["cosine"] = .real((Double(neighbour.cosine) * 10_000).rounded() / 10_000)
              return .object(object)
            })
          return .object(sample)
        }),
    ]
    try output.write([object])
    if result.json { try File.standardOutput.write(JSON.object(object).compact + "\n") }
    console.note("\(counted(drawn.count, "sample")), up to \(counted(most, "neighbour")) of each")
    return true
  }
}
