import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import OrderedJSON
import Sharding
import Shards

/// Which utterances of a dataset make a new one.
struct SubsetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Make a dataset of some utterances of another: split=NAME:PART, split=NAME (all that have a part in it), or \
      group=NAME,NAME (or one name that has commas). Repeated: what all of them mean.
      """, valueName: "what"))
  var select: [String] = []

  @Option(
    help: ArgumentHelp(
      "Make a dataset of the utterances that a file lists, one id a line; '-' is standard input.", valueName: "file"))
  var ids: String?

  var isGiven: Bool { !select.isEmpty || ids != nil }

  func validate(inputs: [String], output: String) throws {
    guard isGiven else { return }
    guard inputs.count == 1, inputs[0] != "-" else {
      throw ValidationError("--select and --ids take one dataset folder")
    }
    guard !output.isEmpty, output != "-" else {
      throw ValidationError("--select and --ids make a new dataset: -o names its folder")
    }
  }
}

extension ShardCommand {
  func writeSubset(_ console: Console) throws -> Bool {
    var selections = try subset.select.map { try UtteranceSelection(parsing: $0) }
    if let ids = subset.ids {
      selections.append(
        .ids(try SplitList(part: "chosen", reading: File.reading(ids)), allowsUnknown: planes.allowUnknownIds))
    }
    let card = try Card.read(folder: inputs[0])
    var words = ["cpc-shard", Folder.name(of: inputs[0])]
    for text in subset.select { words += ["--select", text] }
    if let ids = subset.ids { words += ["--ids", Folder.name(of: ids)] }
    if let shardRecords { words += ["--shard-records", "\(shardRecords)"] }
    words += ["-o", Folder.name(of: output)]
    var options = ShardingOptions()
    options.recordsPerShard = shardRecords ?? card.facts["record"]?["records_per_shard"]?.intValue ?? 4096
    options.force = force
    options.pronunciation = { englishPronunciation() }
    options.corpusName = corpusName
    options.licence = licence
    options.command = words.joined(separator: " ")
    options.fingerprint = [
      "version": .string(toolsVersion), "command": .string(options.command),
      "corpus": corpusName.map { .string($0) } ?? .null, "licence": licence.map { .string($0) } ?? .null,
    ]
    options.progress = { console.show($0) }
    try conclude(makeSubset(of: inputs[0], selecting: selections, to: output, options: options), console)
    return true
  }
}
