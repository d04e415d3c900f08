public import ArgumentParser
import Audio
import CommandSupport
import Corpora
import FileIO
import Labels
import Makers
import Manifests
import OrderedJSON
import Pixels
import Planes
import ReadingOptions
import Sharding
public import Shards
import Text

/// Which corpora become records and how: the same for a whole dataset, for its parts, and for joining them.
struct MakingOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      Folders, archives or manifests, for merge the manifest of the parts; '-' is standard input, which is also the \
      default unless it is a terminal.
      """, valueName: "input"), completion: .file())
  var inputs: [String] = []

  @OptionGroup var target: NewDatasetOptions

  @OptionGroup var reading: CorpusFlags

  @Option(
    help: ArgumentHelp(
      """
      What relative sources of a manifest are relative to (default: the manifest's folder, for a pipe the working \
      folder), and relative paths in wav.scp and in lhotse's manifests (default: the working folder).
      """), completion: .directory)
  var root: String?

  @Option(
    help: ArgumentHelp("Resample audio of other rates to this one, which is 16000.", valueName: "rate"),
    transform: readCount)
  var resample: Int?

  @Flag(help: "Take the mean of several channels where neither a manifest nor --channel chooses.")
  var mixdown = false

  @Option(help: "The samples after an utterance's last full window: pad (a last record, zero-padded) or drop.")
  var tail = RecordSchema.Tail.pad

  @Option(
    help: ArgumentHelp(
      """
      The phones of the utterances, by id: an alignment in any of the formats below, a file, a folder or an archive of \
      them. They replace those of a manifest; utterances without are unlabelled (255) and counted.
      """, valueName: "file|folder"), completion: .file())
  var phones: String?

  @Option(help: "Threads. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  @OptionGroup var strictness: StrictOption
  @OptionGroup var writing: WritingOptions
  @OptionGroup(title: "READING ALIGNMENTS") var labels: LabelOptions
  @OptionGroup(title: "IMAGES") var images: ImageOptions
  @OptionGroup(title: "LISTS OF IMAGES") var lists: ImageListOptions
  @OptionGroup(title: "TEXTS") var texts: TextRecordOptions

  func validate() throws {
    if let resample, resample != AudioRecords.rate {
      throw ValidationError(
        "--resample \(resample): records have \(AudioRecords.rate) Hz: --resample \(AudioRecords.rate)")
    }
    try lists.check(reading.layout)
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
    if phones == "-", inputs.isEmpty || inputs.contains("-") {
      throw ValidationError("the corpus and --phones cannot both be standard input")
    }
    if phones == nil, let option = labels.given ?? (writing.allowUnknownIds ? "--allow-unknown-ids" : nil) {
      throw ValidationError("\(option) goes with --phones")
    }
  }

  /// How the inputs are opened.
  func opening() throws -> CorpusOptions {
    var opening = reading.options(root: root, audioRoot: root)
    opening.conversion = conversion
    // A record stream has no card to hold them.
    opening.digestsSources = target.output != "-"
    try texts.reading.apply(to: &opening)
    lists.apply(to: &opening)
    return opening
  }

  private var conversion: AudioConversion { AudioConversion(resamples: resample != nil, mixesDown: mixdown) }

  /// Opens the inputs, and makes what the library is asked for of the flags: labels and vocabulary are read, and of texts
  /// what is not known is counted.
  ///
  /// - Parameter isPart: what determines records must be known, without a look at the corpus.
  func prepare(
    _ inputs: [String], isPart: Bool = false, _ console: Console
  ) throws -> (corpus: Corpus, kind: InputKind, options: ShardingOptions) {
    let opening = try opening()
    var (corpus, input) = try Corpus.opening(inputs, options: opening)
    let kind = try corpus.kind(strict: strictness.strict) { console.report($0) }
    if let kind { try check(kind) }
    if input == .manifest, let flag = lists.given ?? texts.reading.givenOfCorpora {
      throw Failure(.usage, "\(flag) is for corpora, and a manifest has been made of one already")
    }
    var fingerprint = JSONObject()
    var problems: [InputProblem] = []
    let maker: any RecordMaker
    switch kind {
    case "image":
      maker = ImageMaker(framing: images.framing)
      fingerprint["images"] = .object(images.fingerprint)
      for (key, value) in try lists.fingerprint() { fingerprint[key] = .string(value) }
    case "text":
      let (vocabulary, pass) = try vocabulary(corpus, input, inputs, isPart: isPart, console)
      maker = texts.maker(vocabulary)
      fingerprint["texts"] = .object(texts.fingerprint(vocabulary))
      problems = pass?.problems ?? []
      for note in pass?.notes ?? [] { console.note("  \(note)") }
      // What has been walked is walked again.
      if let manifest = pass?.manifest {
        var again = opening
        again.root = opening.root ?? "."
        guard pass?.documents != 0 else {
          for problem in problems { console.report(problem) }
          throw Failure(.badInput, path: inputs[0], "empty corpus: none of its texts can be read")
        }
        corpus = try Corpus(manifest: File.reading(manifest.path), options: again)
        try corpus.requireUtterance()
      } else if pass != nil {
        corpus = try Corpus.opening(inputs, options: opening).corpus
      }
    default:
      let store = try phones.map {
        try LabelStore(LabelFiles($0, reading: labels.reading()), strict: strictness.strict)
      }
      maker = AudioMaker(conversion: conversion, labels: store)
      if let store { fingerprint["phones"] = .string(store.digest) }
    }
    var options = sharding(of: inputs, maker, console)
    for (key, value) in fingerprint.members { options.fingerprint[key] = value }
    options.problems = problems
    return (corpus, input, options)
  }

  /// The vocabulary, and what was counted for it or for the plan.
  private func vocabulary(
    _ corpus: Corpus, _ input: InputKind, _ inputs: [String], isPart: Bool, _ console: Console
  ) throws -> (Vocabulary, TextPass?) {
    let count = texts.vocabularyCount
    let known = try count == nil ? Vocabulary(reading: File.reading(texts.vocabulary ?? "")) : nil
    if isPart, known == nil {
      throw Failure(
        .usage, "parts need a vocabulary that is the same for all",
        hint: "--vocabulary FILE; cpc-scan --vocabulary makes it")
    }
    let isManifest = input == .manifest
    if isManifest,
      let corpus = inputs.first(where: { Folder.kind(of: $0) == .folder })
    {
      throw Failure(
        .usage, path: corpus, "texts come from manifests or from corpora, not from both at once",
        hint: "cpc-scan makes a manifest of this one")
    }
    if isManifest, let known { return (known, nil) }
    guard !inputs.contains("-") else {
      throw Failure(
        .usage, "texts are read twice, and standard input can be read once",
        hint: isManifest
          ? "--vocabulary FILE; cpc-scan --vocabulary makes it" : "a file, a folder, or a manifest of cpc-scan")
    }
    let pass = try TextPass(
      corpus, rules: texts.reading.rules, threads: threads ?? AvailableCores.current.count, isManifest: isManifest,
      strict: strictness.strict, console)
    return (try known ?? Vocabulary(pass.words, count: count ?? Vocabulary.defaultCount), pass)
  }

  private func sharding(of inputs: [String], _ maker: any RecordMaker, _ console: Console) -> ShardingOptions {
    var options = ShardingOptions(maker)
    options.recordsPerShard = target.shardRecords ?? 4096
    options.tail = tail
    options.threads = threads ?? AvailableCores.current.count
    options.strict = strictness.strict
    options.force = writing.force
    options.inputs = inputs
    options.corpusName = target.corpusName
    options.licence = target.licence
    options.pronunciation = { englishPronunciation() }
    options.command = command(inputs: inputs)
    options.fingerprint = [
      "version": .string(toolsVersion), "inputs": .array(inputs.map { .string($0) }),
      "layout": .string(reading.layout.rawValue), "below": reading.below.map { .string($0) } ?? .null,
      "root": root.map { .string($0) } ?? .null, "resample": resample.map { .int($0) } ?? .null,
      "mixdown": .bool(mixdown), "prefix_groups": .bool(reading.prefixGroups),
      "shard_records": .int(options.recordsPerShard), "tail": .string(tail.rawValue),
      "corpus": target.corpusName.map { .string($0) } ?? .null, "licence": target.licence.map { .string($0) } ?? .null,
    ]
    if let channel = reading.channel { options.fingerprint["channel"] = .string(channel.description) }
    options.progress = { console.show($0) }
    options.report = { console.report($0) }
    return options
  }

  /// Refuses flags of other kinds of records.
  private func check(_ kind: String) throws {
    let audio =
      resample != nil
      ? "--resample" : mixdown ? "--mixdown" : reading.channel != nil ? "--channel" : phones != nil ? "--phones" : nil
    if kind != "audio", let audio {
      throw Failure(.usage, "\(audio) is for audio, and this corpus is of the kind \(kind)")
    }
    if kind != "image", let given = images.given {
      throw Failure(.usage, "\(given) is for images, and this corpus is of the kind \(kind)")
    }
    if kind != "text", let given = texts.given {
      throw Failure(.usage, "\(given) is for texts, and this corpus is of the kind \(kind)")
    }
  }

  /// The command as the card records it: file names without folders, and only what changes the result.
  private func command(inputs: [String]) -> String {
    let names = inputs.map { Folder.name(of: $0) }
    var words = ["cpc-shard"]
    if let first = names.first, ShardCommand.isSubcommand(first) { words.append(MakeCommand._commandName) }
    words += names
    if reading.layout != .librispeech { words += ["--layout", reading.layout.rawValue] }
    if let below = reading.below { words += ["--below", below] }
    if let channel = reading.channel { words += ["--channel", channel.description] }
    if let resample { words += ["--resample", "\(resample)"] }
    if mixdown { words.append("--mixdown") }
    if reading.prefixGroups { words.append("--prefix-groups") }
    if let records = target.shardRecords, records != 4096 { words += ["--shard-records", "\(records)"] }
    if tail != .pad { words += ["--tail", tail.rawValue] }
    if let phones { words += ["--phones", Folder.name(of: phones)] }
    if let grid = labels.labelGrid { words += ["--label-grid", grid.rawValue] }
    words += lists.words + images.words + texts.commandWords
    words += ["-o", Folder.name(of: target.output)]
    return words.joined(separator: " ")
  }

  /// Says what came of it.
  func report(_ maker: any RecordMaker) -> ShardingReport {
    ShardingReport(maker: maker, output: target.output, tail: tail, phones: phones)
  }

  /// Whether an input was skipped. Labels of utterances that the corpus lacks may be those of another corpus.
  func isGood(_ summary: ShardingSummary, _ console: Console) -> Bool {
    guard let phones, summary.unknownIDs > 0, !writing.allowUnknownIds else {
      return summary.problems.allSatisfy(\.isWarning)
    }
    console.error(
      "\(phones): it labels \(counted(summary.unknownIDs, "utterance")) that the corpus lacks "
        + "(--allow-unknown-ids accepts that)")
    return false
  }
}

extension RecordSchema.Tail: ExpressibleByArgument {}
