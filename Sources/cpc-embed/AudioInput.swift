import ArgumentParser
import Audio
import CommandSupport
import Corpora
import FileIO
import Makers
import Manifests
import ReadingOptions
import Sharding
import Shards

/// Audio that is not a dataset yet: manifests, corpora, recordings.
struct AudioInput: ParsableArguments {
  @OptionGroup var reading: CorpusFlags

  @Option(
    help: ArgumentHelp(
      "What relative sources of a manifest are relative to (default: the manifest's folder).", valueName: "folder"),
    completion: .directory)
  var root: String?

  @Option(
    help: ArgumentHelp("Resample audio of other rates to this one, which is 16000.", valueName: "rate"),
    transform: readCount)
  var resample: Int?

  @Flag(help: "Take the mean of several channels where neither a manifest nor --channel chooses.")
  var mixdown = false

  func validate() throws {
    if let resample, resample != AudioRecords.rate {
      throw ValidationError("--resample \(resample): models hear \(AudioRecords.rate) Hz")
    }
  }

  /// The first flag that a dataset leaves nothing to do for.
  var given: String? {
    let flags: [(name: String, isGiven: Bool)] = [
      ("--layout", reading.layout != .librispeech), ("--below", reading.below != nil),
      ("--channel", reading.channel != nil), ("--prefix-groups", reading.prefixGroups), ("--root", root != nil),
      ("--resample", resample != nil), ("--mixdown", mixdown),
    ]
    return flags.first { $0.isGiven }?.name
  }

  /// Makes a dataset of the inputs.
  ///
  /// - Returns: what was bad in them.
  func makeDataset(_ inputs: [String], at folder: String, threads: Int, _ console: Console) throws -> [InputProblem] {
    var opening = reading.options(root: root, audioRoot: root)
    // Recordings by their names need no layout.
    if reading.layout == .librispeech, inputs.allSatisfy({ Folder.kind(of: $0) == .file && isAudioName($0) }) {
      opening.layout = .flat
    }
    opening.conversion = AudioConversion(resamples: resample != nil, mixesDown: mixdown)
    let corpus = try Corpus.opening(inputs, options: opening).corpus
    if let kind = try corpus.kind(strict: false, report: { console.report($0) }), kind != "audio" {
      throw Failure(
        .usage, path: inputs[0], "a corpus of the kind \(kind) has to become a dataset first",
        hint: "cpc-shard \(shellWord(inputs[0])) --layout \(reading.layout.rawValue) -o DATASET")
    }
    var options = ShardingOptions(AudioMaker(conversion: opening.conversion ?? AudioConversion()))
    options.threads = threads
    options.inputs = inputs
    options.command = (["cpc-shard"] + inputs.map { Folder.name(of: $0) }).joined(separator: " ")
    options.progress = { console.show($0) }
    options.report = { console.report($0) }
    let problems = try shardDataset(corpus, to: folder, options: options).problems
    for note in corpus.notes { console.note(note) }
    return problems
  }
}
