public import ArgumentParser
import CommandSupport
import Audio
public import Corpora
import FileIO
import Labels
import OrderedJSON
import Sharding
public import Shards

@main
struct ShardCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-shard",
    abstract: "Turn a speech corpus into records that a trainer can map into memory.",
    discussion: """
      Reads corpora (folders, .tar, .tar.gz, .tar.zst or .zip archives, or an archive on standard input) or manifests \
      written by cpc-scan, decodes every utterance once, and cuts it into windows of 20480 samples (1.28 s at \
      16 kHz) that never cross an utterance. A corpus is laid out like LibriSpeech \
      (SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac, with *.trans.txt beside the audio and SPEAKERS.TXT where there is \
      one), or as --layout says: cpc-scan --help describes the layouts.

      EXAMPLES
        Make a dataset from an archive as it was downloaded, look at it, train on it:
          cpc-shard dev-clean.tar.gz -o dev
          cpc-inspect dev
          cpc-train dev -o run

        From an unpacked folder, from several archives, from the network:
          cpc-shard LibriSpeech/dev-clean -o dev
          cpc-shard train-clean-100.tar.gz train-clean-360.tar.gz -o train460
          curl -L https://www.openslr.org/resources/12/dev-clean.tar.gz \\
            | cpc-shard - -o dev

        Choose utterances, or give them parts, on the way (manifests are JSON Lines):
          cpc-scan dev-clean.tar.gz | jq -c 'select(.samples > 40960)' \\
            | cpc-shard -o dev
          cpc-scan dev-clean.tar.gz | cpc-split --by utterance --fraction valid=0.1 \\
            | cpc-shard -o dev

        Other layouts, other rates, several corpora in one dataset:
          cpc-shard VCTK-Corpus-0.92.zip --layout speaker-folders \\
            --below wav48_silence_trimmed --resample 16000 -o vctk
          cpc-shard data/train --layout kaldi --resample 16000 --mixdown -o train
          cpc-shard small.tar --layout libri-light -o ll
          cpc-scan VCTK-Corpus-0.92.zip --layout speaker-folders \\
            --below wav48_silence_trimmed -o vctk.jsonl
          cpc-scan train-clean-100.tar.gz -o ls.jsonl
          cpc-shard vctk.jsonl ls.jsonl --prefix-groups --resample 16000 -o both

        Train without storing anything:
          cpc-shard dev-clean.tar.gz -o - | cpc-train - -o run

        With phone labels of others: the CPC authors', MFA's TextGrids:
          cpc-shard train-clean-100.tar.gz --phones phones.zip -o ls100
          cpc-shard dev-clean.tar.gz --phones textgrids/ -o dev

        Add labels, or a number of each utterance, to a dataset:
          cpc-shard --add mfa=textgrids/ dev
          cpc-shard --add ipa=ipa.jsonl --phone-set ipa-phones.txt dev
          cpc-shard --add kaldi=phones.ctm --label-grid snip-edges dev
          cpc-shard --add age=key:age dev
          cpc-shard --remove mfa dev

        A dataset of a part of another, of some speakers, of listed utterances:
          cpc-shard dev --select split=default:valid -o dev-valid
          cpc-shard dev --select group=1272,1462 -o two
          cpc-shard dev --ids ids.txt -o some

      WHAT COMES OUT
        dev/dataset.json        what it is, what was skipped and why, all digests
        dev/utterances.jsonl    one line an utterance: id, group, text, its rows
        dev/index.safetensors   records of each utterance and of each speaker
        dev/splits/default.txt  the parts that the manifest gave
        dev/shards/00000.safetensors
                                the records: samples I16 [N, 20480], start,
                                checksum, valid, utterance, group, phones
        dev/shards/00000.NAME.safetensors
                                what --add NAME=… added: checksum, NAME
      In Python: safetensors.numpy.load_file("dev/shards/00000.safetensors").

      PIECES AND RATES
        A manifest line with offset and length (samples) is a piece of a long file, of which only pieces are held; \
      lines of one file that follow one another are decoded in one pass. --resample 16000 changes other rates with \
      libsoxr, quality VHQ, to samples · 16000 / rate samples (halves rounded up); --mixdown takes the mean of the \
      channels. Samples of more than 16 bits, and what conversion gives, are rounded to the nearest (halves to even, no \
      dither); what goes beyond 16 bits is clipped and counted.

      A bad file (truncated, damaged, 8 kHz or stereo without these flags, not audio) is named with its place and the reason, left out, listed \
      in dataset.json, and makes the exit status 1; --strict stops at the first. A run that was stopped goes on when \
      the same command is started again. The bytes that come out never depend on --threads.

      PARTS
        Several machines make one dataset: each reads the whole manifest and makes its own range of shards; --merge \
      links them together, and the bytes are those of one run. Any part can be interrupted and started again.
          cpc-scan corpus.tar -o corpus.jsonl
          parallel cpc-shard corpus.jsonl --part {}/8 -o part{} ::: $(seq 0 7)
          sbatch --array=0-99 --wrap 'cpc-shard corpus.jsonl --part auto \\
            -o part$SLURM_ARRAY_TASK_ID'
          cpc-shard corpus.jsonl --dry-run --part 0/100
          cpc-shard corpus.jsonl -o corpus --merge part*

      EXIT STATUS
        0 good; 1 failed, or finished with some inputs skipped; 64 wrong usage.
      """,
    version: toolsVersion)

  @Argument(
    help: ArgumentHelp(
      """
      Folders, archives or one manifest; '-' is standard input, which is also the default unless it is a terminal. With \
      --add, --remove, --select and --ids: a dataset.
      """,
      valueName: "input"))
  var inputs: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The dataset folder to make; '-' writes a record stream to standard output.", valueName: "output"))
  var output = ""

  @Option(help: "How the corpus is laid out: \(Layout.names).")
  var layout = Layout.librispeech

  @Option(help: "The folder in each input that holds the speakers' folders (speaker-folders).")
  var below: String?

  @Option(
    help: ArgumentHelp(
      """
      What relative sources of a manifest are relative to (default: the manifest's folder, for a pipe the working \
      folder), and relative paths in wav.scp (default: the working folder).
      """))
  var root: String?

  @Option(help: ArgumentHelp("Resample audio of other rates to this one, which is 16000.", valueName: "rate"))
  var resample: Int?

  @Flag(help: "Take the mean of several channels.")
  var mixdown = false

  @Flag(help: "Put the input's name before its ids and groups, so that several corpora stay apart.")
  var prefixGroups = false

  @Option(
    help: ArgumentHelp(
      """
      A shard closes before the utterance that would take it past this many records. Default: 4096, or as in the dataset \
      that is selected from.
      """, valueName: "records"))
  var shardRecords: Int?

  @Option(help: "The samples behind an utterance's last full window: pad (a last record, zero-padded) or drop.")
  var tail = RecordSchema.Tail.pad

  @Option(
    help: ArgumentHelp(
      """
      The phones of the utterances, by id: an alignment in any of the formats below, a file, a folder or an archive of \
      them. They replace those of a manifest; utterances without are unlabelled (255) and counted.
      """, valueName: "file|folder"))
  var phones: String?

  @Option(help: "The corpus's name, for dataset.json.")
  var corpusName: String?

  @Option(help: "The corpus's licence, for dataset.json.")
  var licence: String?

  @Option(help: "Threads. Default: one for each core that the process may use.")
  var threads: Int?

  @Flag(help: "Stop at the first bad input.")
  var strict = false

  @Flag(
    help: ArgumentHelp(
      """
      Replace a dataset, an added plane, or what another interrupted command left. Never removes anything else. The old \
      dataset goes when inputs, parts and space have been checked, before the first utterance is decoded.
      """))
  var force = false

  @OptionGroup(title: "PARTS") var parts: PartOptions
  @OptionGroup(title: "ADDED PLANES") var planes: PlaneOptions
  @OptionGroup(title: "READING ALIGNMENTS") var labels: LabelOptions
  @OptionGroup(title: "SUBSETS") var subset: SubsetOptions
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let resample, resample != RecordSchema.rate {
      throw ValidationError("--resample \(resample): records have \(RecordSchema.rate) Hz")
    }
    if let shardRecords, shardRecords < 1 { throw ValidationError("--shard-records must be at least 1") }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
    if let phones, labels.phoneSet != nil {
      throw ValidationError(
        "--phones \(phones) makes the plane phones, whose classes are cmu41: --add takes others with --phone-set")
    }
    if phones == "-", inputs.isEmpty || inputs.contains("-") {
      throw ValidationError("the corpus and --phones cannot both be standard input")
    }
    if output == "-", result.json { throw ValidationError("--json and '-o -' both need standard output") }
    try planes.validate(subset, labels, phones: phones, inputs: inputs, output: output)
    try subset.validate(inputs: inputs, output: output)
    try checkFlags()
    if output.isEmpty, !planes.isGiven, !parts.dryRun { throw ValidationError("-o must name a folder") }
  }

  func execute(_ console: Console) throws -> Bool {
    if output == "-" || result.json { try File.standardOutput.requireWritable() }
    if planes.isGiven { return try changePlanes(console) }
    if subset.isGiven { return try writeSubset(console) }
    let inputs = try inputsOrStandardInput(inputs)
    var opening = CorpusOptions(
      layout: layout, below: below, root: root, audioRoot: root, conversion: conversion, prefixesGroups: prefixGroups)
    // A record stream has no card to hold them.
    opening.digestsSources = output != "-"
    var options = try shardingOptions(inputs: inputs, console: console)
    if parts.isGiven { return try makeParts(of: inputs, opening, &options, console) }
    let corpus = try Corpus.opening(inputs, options: opening).corpus
    guard output != "-" else {
      guard !File.standardOutput.isTerminal else {
        throw Failure(
          .usage, "a record stream is binary: standard output is a terminal", hint: "redirect it, or -o FOLDER")
      }
      let summary = try streamRecords(of: corpus, to: .standardOutput, options: options)
      console.finish()
      console.note("standard output: \(describe(summary))")
      noteMends(summary, console)
      return isGood(summary, console)
    }
    let summary = try shardDataset(corpus, to: output, options: options)
    try conclude(summary, console)
    return isGood(summary, console)
  }

  /// Labels of utterances that the corpus lacks may be those of another corpus.
  func isGood(_ summary: ShardingSummary, _ console: Console) -> Bool {
    guard let phones, summary.unknownIDs > 0, !planes.allowUnknownIds else { return summary.problems.isEmpty }
    console.error(
      "\(phones): it labels \(counted(summary.unknownIDs, "utterance")) that the corpus lacks "
        + "(--allow-unknown-ids accepts that)")
    return false
  }

  private func noteMends(_ summary: ShardingSummary, _ console: Console) {
    if let mends = summary.mends.description { console.note("  labels: \(mends)") }
  }

  /// Says what has been made.
  func conclude(_ summary: ShardingSummary, _ console: Console) throws {
    console.finish()
    if summary.wasComplete { console.note("\(output): an interrupted run of this command had finished it") }
    console.note("\(output): \(describe(summary)) in \(counted(summary.shards, "shard"))")
    if summary.reusedShards > 0 {
      console.note("  reused \(counted(summary.reusedShards, "shard")) of an interrupted run")
    }
    if summary.untranscribed > 0 { console.note("  \(counted(summary.untranscribed, "utterance")) without transcript") }
    if summary.clipped > 0 {
      console.note(
        "  clipped \(counted(summary.clipped, "sample")) of \(counted(summary.clippedUtterances, "utterance"))")
    }
    noteMends(summary, console)
    if let phones {
      console.note(
        "  \(grouped(summary.unlabelled)) of \(counted(summary.utterances, "utterance")) without labels in \(phones)")
    }
    console.note("  next: cpc-inspect \(output), cpc-train \(output) -o run")
    if result.json { try File.standardOutput.write(json(summary).compact + "\n") }
  }

  func describe(_ summary: ShardingSummary) -> String {
    var text = "\(counted(summary.utterances, "utterance")) of \(counted(summary.groups, "speaker")), "
    text += "\(hours(samples: summary.samples)) h in \(counted(summary.records, "record"))"
    switch tail {
    case .pad: text += " (\(grouped(summary.paddedRecords)) padded)"
    case .drop: text += " (\(hours(samples: summary.droppedSamples)) h dropped)"
    }
    return summary.problems.isEmpty ? text : text + ", \(grouped(summary.problems.count)) skipped"
  }

  func json(_ summary: ShardingSummary) -> JSON {
    var object: JSONObject = [
      "dataset": .string(output), "utterances": .int(summary.utterances), "groups": .int(summary.groups),
      "records": .int(summary.records), "shards": .int(summary.shards), "reused_shards": .int(summary.reusedShards),
      "hours": .real((summary.hours * 1000).rounded() / 1000), "padded_records": .int(summary.paddedRecords),
      "padding_samples": .int(summary.paddingSamples), "dropped_samples": .int(summary.droppedSamples),
      "untranscribed": .int(summary.untranscribed), "clipped_samples": .int(summary.clipped),
      "skipped": .int(summary.problems.count),
    ]
    if phones != nil {
      object["unlabelled"] = .int(summary.unlabelled)
      object["unknown_ids"] = .int(summary.unknownIDs)
    }
    return .object(object)
  }

  private func shardingOptions(inputs: [String], console: Console) throws -> ShardingOptions {
    var options = ShardingOptions()
    options.recordsPerShard = shardRecords ?? 4096
    options.tail = tail
    options.conversion = conversion
    options.threads = threads ?? AvailableCores.current.count
    options.strict = strict
    options.force = force
    options.inputs = inputs
    options.corpusName = corpusName
    options.licence = licence
    options.labels = try phones.map {
      try LabelStore(LabelFiles($0, reading: labels.reading()), strict: strict)
    }
    options.pronunciation = { englishPronunciation() }
    options.command = command(inputs: inputs)
    options.fingerprint = [
      "version": .string(toolsVersion), "inputs": .array(inputs.map { .string($0) }),
      "layout": .string(layout.rawValue), "below": below.map { .string($0) } ?? .null,
      "root": root.map { .string($0) } ?? .null, "resample": resample.map { .int($0) } ?? .null,
      "mixdown": .bool(mixdown), "prefix_groups": .bool(prefixGroups),
      "shard_records": .int(options.recordsPerShard), "tail": .string(tail.rawValue),
      "corpus": corpusName.map { .string($0) } ?? .null, "licence": licence.map { .string($0) } ?? .null,
    ]
    if let labels = options.labels { options.fingerprint["phones"] = .string(labels.digest) }
    options.progress = { console.show($0) }
    options.report = { console.report($0) }
    return options
  }

  private var conversion: AudioConversion { AudioConversion(resamples: resample != nil, mixesDown: mixdown) }

  /// The command as the card records it: file names without folders, and only what changes the result.
  private func command(inputs: [String]) -> String {
    var words = ["cpc-shard"] + inputs.map { Folder.name(of: $0) }
    if layout != .librispeech { words += ["--layout", layout.rawValue] }
    if let below { words += ["--below", below] }
    if let resample { words += ["--resample", "\(resample)"] }
    if mixdown { words.append("--mixdown") }
    if prefixGroups { words.append("--prefix-groups") }
    if let shardRecords, shardRecords != 4096 { words += ["--shard-records", "\(shardRecords)"] }
    if tail != .pad { words += ["--tail", tail.rawValue] }
    if let phones { words += ["--phones", Folder.name(of: phones)] }
    if let grid = labels.labelGrid { words += ["--label-grid", grid.rawValue] }
    words += ["-o", Folder.name(of: output)]
    return words.joined(separator: " ")
  }
}

extension RecordSchema.Tail: ExpressibleByArgument {}

extension Layout: ExpressibleByArgument {}
