import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import Makers
import Manifests
import OrderedJSON
import Sharding
import Shards

struct SelectCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Make a dataset of some utterances of another: of a split's part, of some speakers, of a list.",
    discussion: """
      Records, labels, added planes and splits are copied, no audio is decoded. What comes out is byte for byte the \
      dataset that the selected utterances alone would have made, but for its card, which says where it comes from. Of \
      several --split, --group and --ids, utterances are taken that all of them mean.

      EXAMPLES
          cpc-shard select dev --split default:valid -o dev-valid
          cpc-shard select dev --group 1272,1462 -o two
          cpc-shard select dev --group 1272 --split default:train -o some
          cpc-inspect groups dev
          cpc-cat dev --utterances | jq -r 'select(.samples > 40960) | .id' \\
            | cpc-shard select dev --ids - -o long

      EXIT STATUS
        0 good; 1 failed; 64 wrong usage.
      """)

  @OptionGroup var source: DatasetArgument
  @OptionGroup var target: NewDatasetOptions

  @Option(
    help: ArgumentHelp(
      "Utterances of this part of a split; without PART, all that have a part in it.", valueName: "name[:part]"))
  var split: [String] = []

  @Option(
    name: [.long, .customLong("speaker")],
    help: ArgumentHelp(
      "Utterances of these groups (speakers), with commas between them; or of one whose name has commas.",
      valueName: "name,…"))
  var group: [String] = []

  @Option(
    help: ArgumentHelp("Utterances that a file lists, one id a line; '-' is standard input.", valueName: "file"),
    completion: .file())
  var ids: String?

  @OptionGroup var writing: WritingOptions
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try target.requireFolder()
    guard !split.isEmpty || !group.isEmpty || ids != nil else {
      throw ValidationError("which utterances? --split, --group or --ids says it")
    }
    if writing.allowUnknownIds, ids == nil { throw ValidationError("--allow-unknown-ids goes with --ids") }
  }

  func execute(_ console: Console) throws -> Bool {
    if result.json { try File.standardOutput.requireWritable() }
    var selections = try split.map { try UtteranceSelection(split: $0) }
    selections += try group.map { try UtteranceSelection(groups: $0) }
    if let ids {
      selections.append(
        .ids(try SplitList(part: "chosen", reading: File.reading(ids)), allowsUnknown: writing.allowUnknownIds))
    }
    let dataset = try Dataset(opening: source.dataset)
    let card = dataset.card
    var options = ShardingOptions(try dataset.recordMaker())
    options.recordsPerShard =
      target.shardRecords ?? card.facts["record"]?["records_per_shard"]?.intValue ?? options.recordsPerShard
    options.force = writing.force
    options.pronunciation = { englishPronunciation() }
    options.corpusName = target.corpusName
    options.licence = target.licence
    options.command = command
    options.fingerprint = [
      "version": .string(toolsVersion), "command": .string(options.command),
      "corpus": target.corpusName.map { .string($0) } ?? .null, "licence": target.licence.map { .string($0) } ?? .null,
    ]
    options.progress = { console.show($0) }
    let summary = try makeSubset(of: source.dataset, selecting: selections, to: target.output, options: options)
    try ShardingReport(maker: options.maker, output: target.output).conclude(summary, asJSON: result.json, console)
    return true
  }

  /// The command as the card records it: file names without folders.
  private var command: String {
    var words = ["cpc-shard", Self._commandName, Folder.name(of: source.dataset)]
    for name in split { words += ["--split", name] }
    for names in group { words += ["--group", names] }
    if let ids { words += ["--ids", Folder.name(of: ids)] }
    if let records = target.shardRecords { words += ["--shard-records", "\(records)"] }
    words += ["-o", Folder.name(of: target.output)]
    return words.joined(separator: " ")
  }
}
