public import ABX
public import ArgumentParser
import CommandSupport
import Evaluation
import FileIO
import Kernels
import OrderedJSON
import Shards

struct ABXCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "abx",
    abstract: "How well features tell phones apart, without any training: the ABX error, in percent, 50 by chance.",
    discussion: """
      X is a phone between two others. It should be nearer to A, the same phone between the same others, than to B, \
      another phone between them. The distance is the mean angle of two frames along their dynamic time warping path. \
      Within speakers all three are of one speaker; across, X is of another. Silences make no items.

      Items are those of the dataset's own labels, or of an .item file as ZeroSpeech has them. --definition libri-light \
      leaves out the last frame of each item, as Libri-Light's and ZeroSpeech's code does; without it, all frames \
      whose middle lies in the item are taken, as fastabx does. Published errors are of the former.

      EXAMPLES
          cpc-probe abx dev-c
          cpc-probe abx dev-c --split default:test --items-out test.item
          cpc-probe abx run dev --layer z
          cpc-probe abx dev --from hubert/ --hop 320 --centre 200 \\
            --items dev-clean.item --definition libri-light

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """)

  @OptionGroup var input: ProbeInput

  @Option(
    help: ArgumentHelp("Items of a file, in place of those of the labels.", valueName: "file"), completion: .file())
  var items: String?

  @Option(help: ArgumentHelp("Write the items here, as a file that others read.", valueName: "file"))
  var itemsOut: String?

  @Option(help: ArgumentHelp("The plane of labels that items are made of.", valueName: "plane"))
  var labels = "phones"

  @Option(
    help: ArgumentHelp("Items of utterances of this part of a split alone.", valueName: "name[:part]"))
  var split: String?

  @Option(help: ArgumentHelp("Which frames are an item's.", valueName: "mended|libri-light"))
  var definition = FrameRule.mended

  @Option(
    help: ArgumentHelp("Most items of one phone, context and speaker; 0: all.", valueName: "items"),
    transform: readCount)
  var maxSizeGroup = 10

  @Option(
    help: ArgumentHelp("Most speakers that X comes from for each A, across speakers; 0: all.", valueName: "speakers"),
    transform: readCount)
  var maxXAcross = 5

  @Option(name: .customLong("draw-seed"), help: "Seed of both draws.")
  var drawSeed: UInt64 = 0

  @OptionGroup var output: ProbeOutput
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard maxSizeGroup >= 0, maxXAcross >= 0 else { throw ValidationError("bounds of draws are not negative") }
    guard items == nil || split == nil else {
      throw ValidationError("--split chooses utterances of the labels, --items has its own")
    }
  }

  func execute(_ console: Console) throws -> Bool {
    try output.begin(prints: true, console)
    // Items first: what is wrong with them is said before features are made.
    let listed = try items.map { try ItemList(contentsOf: $0) }
    let features = try input.open(console)
    let list = try listed ?? ownItems(features.dataset, console)
    if let itemsOut { try list.write(to: itemsOut) }
    guard list.count > 0 else {
      throw Failure(.badInput, path: items ?? features.dataset.folder, "no item: no phone stands between two others")
    }
    var settings = ABXSettings(rule: definition, seed: drawSeed)
    settings.maximumGroupSize = maxSizeGroup > 0 ? maxSizeGroup : nil
    settings.maximumSpeakersOfX = maxXAcross > 0 ? maxXAcross : nil
    let outcome = try scoreABX(
      list, from: FeaturesOfFiles(features.frames, of: features.dataset), times: features.frames.clock.times,
      settings: settings, workers: Workers(count: input.threadCount), progress: { console.show($0) })
    console.finish()
    for problem in outcome.leftOut.prefix(3) {
      console.warn("left out: \(list.description(of: problem.index)): \(problem.reason.rawValue)")
    }
    if outcome.leftOut.count > 3 { console.warn("\(grouped(outcome.leftOut.count)) items left out in all") }
    var facts = features.description
    facts["items"] = .string(items.map { Folder.name(of: $0) } ?? "labels \(labels)")
    if let split { facts["split"] = .string(split) }
    var object: JSONObject = ["kind": .string("abx"), "title": .string("ABX"), "facts": .object(facts)]
    for (key, value) in outcome.json.objectValue?.members ?? [] { object[key] = value }
    try output.write([object])
    if result.json {
      try File.standardOutput.write(JSON.object(object).compact + "\n")
    } else {
      try File.standardOutput.write(table(outcome))
    }
    return true
  }

  private func ownItems(_ dataset: Dataset, _ console: Console) throws -> ItemList {
    let target = try ProbeTarget(labels, of: dataset)
    let items = try DiscriminationItems(dataset, target, isMeant: isMeant(dataset))
    console.note(
      "\(counted(items.counts.items, "item")) of the labels; no items: \(counted(items.counts.excluded, "phone")) that are "
        + "silence or beside one, \(grouped(items.counts.withoutNeighbour)) at the ends of utterances")
    return items.list
  }

  private func isMeant(_ dataset: Dataset) throws -> [Bool] {
    guard let split else { return Array(repeating: true, count: dataset.utteranceCount) }
    let names = split.pieces(at: ":", maxSplits: 1).map { String($0) }
    let parts = try dataset.split(named: names[0])
    let isMeant = parts.map { part in names.count == 2 ? isSame(part, names[1]) : part != nil }
    guard isMeant.contains(true) else {
      throw Failure(.badInput, path: dataset.folder, "split \"\(names[0])\" has no part \"\(names.last!)\"")
    }
    return isMeant
  }

  private func table(_ outcome: ABXResult) -> String {
    func line(_ name: String, _ score: ABXScore) -> String {
      let error = score.error.map { percent($0 / 100) } ?? "none"
      return "\(name)  \(error)  (\(grouped(score.triples)) triples in \(grouped(score.cells)) cells)\n"
    }
    return "\(outcome.definition)\n" + line("within speakers", outcome.within) + line("across speakers", outcome.across)
      + "\(grouped(outcome.used)) of \(counted(outcome.items, "item")) used\n"
  }
}

extension FrameRule: ExpressibleByArgument {}
