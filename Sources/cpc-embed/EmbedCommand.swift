public import ArgumentParser
import CommandSupport
public import Embedding
import FeatureOptions
import FileIO
import Kernels
import Makers
import Manifests
import OrderedJSON
import Sharding
import Shards
import Training

@main
struct EmbedCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-embed",
    abstract: "Make features: what a trained model hears in each 10 ms of speech, or sees in pictures and sentences.",
    discussion: """
      Takes a checkpoint of cpc-train, or a run's folder (its best checkpoint, or else its latest), and audio: a dataset \
      of cpc-shard, a manifest, a corpus, or recordings. What comes out is a dataset as well: in place of the samples its \
      records hold features, 128 frames of 10 ms each, beside the same labels, added planes, splits and utterances. All \
      that reads datasets reads it, and a run that was stopped goes on when the same command is started again.

      Baselines take no checkpoint: --features mfcc, and --random-init for a model that has learnt nothing.

      EXAMPLES
        The contexts of a trained model; latents and contexts, in half precision:
          cpc-embed run dev -o dev-c
          cpc-embed run dev -o dev-zc --layer both --type f16
        The held-out part alone:
          cpc-embed run dev -o valid-c --split default:valid
        Recordings of your own, from the start of each to its end:
          cpc-embed run a.wav b.flac --resample 16000 --context utterance -o mine
        For NumPy, and for Kaldi:
          cpc-embed run dev --npy -o dev-npy
          cpc-embed run dev --kaldi -o dev.ark
          cpc-embed run a.wav --kaldi-text -o - | head
        Pictures and texts, a row for each picture or sentence; your own sentences:
          cpc-embed run-images pictures -o pictures-z
          echo "It was late." | cpc-embed run-texts - --text --kaldi-text -o -
        On several machines:
          cpc-embed run dev --part 0/2 -o part0
          cpc-embed run dev --part 1/2 -o part1
          cpc-embed run dev --parts part0 part1 -o dev-c
        Baselines:
          cpc-embed dev -o dev-mfcc --features mfcc --stack 4
          cpc-embed dev -o dev-random --random-init 512,256
        How good they are:
          cpc-probe dev-c --target phones

      WHAT COMES OUT
        dev-c/dataset.json      what it is, which model made it, all digests
        dev-c/utterances.jsonl, dev-c/index.safetensors, dev-c/splits
                                as in the dataset of audio
        dev-c/shards/00000.safetensors
                                features F32 [N, 128, 256], start, checksum,
                                valid, utterance, group, phones
      Frame t of a record is of the samples from 160 t on, so it has the label of cell t; of a record's frames, valid \
      are of its utterance. The bytes that come out never depend on --threads.

      EXIT STATUS
        0 good; 1 failed, or finished with some inputs skipped; 64 wrong usage.
      """,
    version: toolsVersion)

  @Argument(
    help: ArgumentHelp(
      """
      A checkpoint or a run's folder, unless a baseline is asked for; then a dataset, manifests, corpora or recordings.
      """, valueName: "input"), completion: .file())
  var inputs: [String]

  @Option(name: .shortAndLong, help: ArgumentHelp("The dataset of features to make.", valueName: "folder"))
  var output: String

  @OptionGroup(title: "FEATURES") var features: FeatureOptions
  @OptionGroup(title: "FILES FOR OTHER PROGRAMS") var export: FeatureExport

  @Option(help: ArgumentHelp("How features are stored.", valueName: "f32|f16"))
  var type = FeatureConversion.Storage.single

  @Option(
    help: ArgumentHelp(
      "Utterances of this part of a split alone; without PART, all that have a part in it.", valueName: "name[:part]"))
  var split: [String] = []

  @Option(
    help: ArgumentHelp(
      "A shard closes before the utterance that would take it past this many records.",
      valueName: "records"), transform: readCount)
  var shardRecords = 512

  @OptionGroup(title: "PARTS") var parts: PartOptions

  @Option(
    name: .customLong("parts"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "Join the parts that runs with --part have made, with the same other flags.", valueName: "folder"),
    completion: .directory)
  var finished: [String] = []

  @Option(help: "Threads. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  @Flag(help: "Replace the dataset that the folder holds.")
  var force = false

  @OptionGroup(title: "AUDIO THAT IS NOT A DATASET") var audio: AudioInput
  @OptionGroup(title: "SENTENCES") var sentences: SentenceInput
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard inputs.count > (features.needsCheckpoint ? 1 : 0) else {
      throw ValidationError(
        features.needsCheckpoint
          ? "a checkpoint and audio are needed; --features and --random-init take audio alone" : "no audio")
    }
    guard sentences.isText || !inputs.contains("-") else {
      throw ValidationError("inputs are files and folders: '-' is none")
    }
    guard sentences.isText || sentences.words.vectors == nil && sentences.words.vocabularyOf == nil else {
      throw ValidationError("--vectors and --vocabulary-of go with --text")
    }
    guard !sentences.isText || export.format != nil else {
      throw ValidationError("--text goes with --npy, --kaldi or --kaldi-text")
    }
    guard !sentences.isText || features.words.isEmpty && split.isEmpty && audio.given == nil else {
      throw ValidationError("--text takes a checkpoint of a model of texts and files of sentences, and nothing else")
    }
    guard output != "-" || export.format != nil else {
      throw ValidationError("a dataset is a folder: with --kaldi or --kaldi-text, '-' is standard output")
    }
    guard output != "-" || !result.json else { throw ValidationError("--json and '-o -' both need standard output") }
    let isPart = parts.part != nil
    guard !isPart || finished.isEmpty else {
      throw ValidationError("--part makes a part, --parts joins those that are made: not both")
    }
    guard !isPart && finished.isEmpty || export.format == nil else {
      throw ValidationError("parts are of a dataset: join them, and write other files from that")
    }
    guard shardRecords > 0 else { throw ValidationError("--shard-records must be at least 1") }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
  }

  func execute(_ console: Console) throws -> Bool {
    if result.json { try File.standardOutput.requireWritable() }
    for warning in try MatrixLibrary.choice().warnings { console.warn(warning) }
    try export.check(output, force: force)
    let threads = threads ?? AvailableCores.current.count
    guard !sentences.isText else {
      let counts = try sentences.embed(
        Array(inputs.dropFirst()), checkpoint: inputs[0], to: output, half: type == .half, export: export,
        threads: threads, console)
      if result.json { try File.standardOutput.write(JSON.object(counts).compact + "\n") }
      return true
    }
    // What the model is, before any audio is looked at.
    let recipe = try features.needsCheckpoint ? ModelRecipe(FeatureOptions.checkpoint(at: inputs[0])) : nil
    let sources = Array(inputs.dropFirst(recipe == nil ? 0 : 1))
    var problems: [InputProblem] = []
    var temporary: ScratchFolder?
    var path = sources[0]
    if sources.count > 1 || Folder.kind(of: "\(path)/\(Card.fileName)") == nil {
      guard parts.part == nil, finished.isEmpty else {
        throw Failure(
          .usage, path: path, "parts are of a dataset, which this is not", hint: "cpc-shard makes one of it")
      }
      if let kind = recipe?.kind, kind != "audio" { throw needsDataset(path, kind) }
      let made = try ScratchFolder()
      temporary = made
      path = "\(made.path)/\(Folder.name(of: sources[0]))"
      problems = try audio.makeDataset(sources, at: path, threads: threads, console)
    } else if let flag = audio.given {
      throw Failure(.usage, "\(flag) is for audio that is not a dataset yet, and \(path) is one")
    }
    // Files are written from a dataset that goes after that.
    let scratch = try export.format.map { _ in try ScratchFolder() }
    let target = scratch.map { "\($0.path)/features" } ?? output
    let summary = try withExtendedLifetime((temporary, scratch)) {
      let summary = try embed(path, recipe, to: target, threads: threads, console)
      console.finish()
      if export.format != nil { try export.write(target, to: output, half: type == .half, console) }
      return summary
    }
    console.finish()
    if summary.wasComplete { console.note("\(output): it was finished already") }
    console.note(
      "\(output): features of \(counted(summary.made, "utterance")), \(counted(summary.units, "frame"))"
        + (export.format == nil
          ? " in \(counted(summary.records, "record")), \(counted(summary.shards, "shard"))" : ""))
    if summary.reusedShards > 0 {
      let origin = finished.isEmpty ? "of an interrupted run" : "of \(counted(finished.count, "part"))"
      console.note("  reused \(counted(summary.reusedShards, "shard")) \(origin)")
    }
    if result.json {
      let object: JSONObject = [
        "dataset": .string(output), "utterances": .int(summary.utterances), "records": .int(summary.records),
        "frames": .int(summary.units), "shards": .int(summary.shards), "skipped": .int(problems.count),
      ]
      try File.standardOutput.write(JSON.object(object).compact + "\n")
    }
    return problems.allSatisfy(\.isWarning)
  }

  /// Of files for a model of something else than audio.
  private func needsDataset(_ path: String, _ kind: String) -> Failure {
    let (layout, also) =
      kind == "text" ? ("documents", "; --text reads files of sentences as they are") : ("class-folders", "")
    return Failure(
      .usage, path: path, "no dataset, and the model is of the kind \(kind): only audio is read as it is",
      hint: "cpc-shard FOLDER --layout \(layout) -o DATASET makes one\(also)")
  }

  private func embed(
    _ path: String, _ recipe: ModelRecipe?, to output: String, threads: Int, _ console: Console
  ) throws -> ShardingSummary {
    let dataset = try Dataset(opening: path)
    let extractor = try features.extractor(recipe, for: dataset)
    var options = ShardingOptions(
      try FeatureMaker(extractor, storage: type, of: dataset, from: dataset.recordMaker()))
    options.recordsPerShard = shardRecords
    options.threads = threads
    options.force = force
    options.command = command
    options.fingerprint = [
      "version": .string(toolsVersion), "shard_records": .int(shardRecords), "type": .string("\(type)"),
      "features": .object(extractor.facts),
    ]
    options.progress = { console.show($0) }
    return try makeSubset(
      of: path, selecting: split.map { try UtteranceSelection(split: $0) },
      converting: FeatureConversion(extractor, storage: type, of: dataset.schema),
      part: try parts.chosen().flatMap { Part(index: $0.index, count: $0.count) }, parts: finished, to: output,
      options: options)
  }

  /// The command as the card records it: file names without folders.
  private var command: String {
    var words = ["cpc-embed"] + inputs.map { Folder.name(of: $0) } + features.words
    for name in split { words += ["--split", name] }
    if type != .single { words += ["--type", type.rawValue] }
    if shardRecords != 512 { words += ["--shard-records", "\(shardRecords)"] }
    words += ["-o", Folder.name(of: output)]
    return words.joined(separator: " ")
  }
}

extension FeatureConversion.Storage: ExpressibleByArgument {}
