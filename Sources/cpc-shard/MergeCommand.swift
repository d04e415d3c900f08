import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import Sharding

struct MergeCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Join the parts of a dataset, which several runs have made.",
    discussion: """
      Takes the input and the flags that the parts were made with (but for --part and -o), and refuses parts that were made with \
      others. The shards are linked (copied to another file system), each after it has been compared with its digest; \
      index and card are made anew. The bytes are those of a single run. The parts stay as they are.

      EXAMPLES
          cpc-scan corpus.tar -o corpus.jsonl
          cpc-shard corpus.jsonl --tail drop --part 0/2 -o part0
          cpc-shard corpus.jsonl --tail drop --part 1/2 -o part1
          cpc-shard merge corpus.jsonl --tail drop -o corpus --parts part0 part1

      EXIT STATUS
        0 good; 1 failed, or finished, but the parts have skipped some inputs; 64 wrong usage.
      """)

  @OptionGroup var making: MakingOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The folders of all parts, in any order.", valueName: "folder"), completion: .directory)
  var parts: [String]

  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws { try making.target.requireFolder() }

  func execute(_ console: Console) throws -> Bool {
    if result.json { try File.standardOutput.requireWritable() }
    let inputs = try inputsOrStandardInput(making.inputs)
    let (corpus, kind, options) = try making.prepare(inputs, isPart: true, console)
    guard kind == .manifest else { throw needsManifest(inputs[0]) }
    let summary = try mergeParts(parts, of: corpus, to: making.target.output, options: options)
    try making.report(options.maker).conclude(summary, asJSON: result.json, console)
    return making.isGood(summary, console)
  }
}
