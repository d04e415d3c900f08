import ArgumentParser
import CommandSupport
import Embedding
import Evaluation
import FeatureFiles
import FeatureOptions
import FileIO
import Makers
import OrderedJSON
import Sharding
import Shards

/// The features that are looked at: of a dataset of features, made of one of audio on the way, or of others.
struct ProbeInput: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      A dataset of features (cpc-embed); or a checkpoint or a run's folder, and a dataset of its kind; or with --features, \
      --random-init or --from that dataset alone.
      """, valueName: "input"), completion: .file())
  var inputs: [String]

  @OptionGroup(title: "FEATURES") var features: FeatureOptions

  @Option(
    help: ArgumentHelp(
      """
      Features that others made of the dataset's utterances, pictures or sentences: a folder of ID.npy, safetensors with \
      a tensor for each utterance, a Kaldi archive or script.
      """, valueName: "file|folder"), completion: .file())
  var from: String?

  @Option(
    help: ArgumentHelp("With --from, of speech: samples at 16 kHz from one frame to the next.", valueName: "samples"),
    transform: readCount)
  var hop: Int?

  @Option(
    help: ArgumentHelp(
      "With --from, of speech: the sample at the centre of the first frame (default: half of --hop).",
      valueName: "samples"),
    transform: readCount)
  var centre: Int?

  @Option(help: "Threads. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  var threadCount: Int { threads ?? AvailableCores.current.count }

  func validate() throws {
    guard !inputs.contains("-") else { throw ValidationError("inputs are files and folders: '-' is none") }
    guard (1...2).contains(inputs.count) else { throw ValidationError("one or two inputs, not \(inputs.count)") }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
    guard from == nil || features.needsCheckpoint && features.words.isEmpty else {
      throw ValidationError("--from takes features as they are: \(features.words[0]) is for making some")
    }
    if inputs.count == 2, !features.needsCheckpoint || from != nil {
      throw ValidationError("these features take no checkpoint: name the dataset of audio alone")
    }
    if from == nil, let flag = hop != nil ? "--hop" : centre != nil ? "--centre" : nil {
      throw ValidationError("\(flag) goes with --from")
    }
    guard hop ?? 1 > 0, centre ?? 0 >= 0 else { throw ValidationError("--hop must be positive, --centre not negative") }
  }

  /// Opens or makes the features.
  func open(_ console: Console) throws -> ProbedFeatures {
    let path = inputs[inputs.count - 1]
    let dataset = try Dataset(opening: path)
    if let from {
      let source = try openFeatures(from)
      let isSpeech = dataset.isOfSpeech
      guard isSpeech || hop == nil && centre == nil else {
        throw Failure(.usage, "--hop and --centre are for speech: of pictures and sentences there is a row each")
      }
      guard let hop = isSpeech ? hop : AudioRecords.cell else {
        let guess = try Self.hop(of: source, dataset)
        throw Failure(
          .usage, "--hop is needed: the samples from one frame of \(from) to the next",
          hint: guess.map { "\($0) would fit" })
      }
      for note in source.notes { console.note(note) }
      let frames = try ForeignFrames(
        source, FrameClock(hop: hop, centre: centre ?? hop / 2), of: dataset, progress: { console.show($0) })
      console.finish()
      if let id = frames.missing.first {
        console.warn("\(from): no features of \(counted(frames.missing.count, "utterance")), which are left out: \(id)")
      }
      if let id = frames.unknown.first {
        console.warn("\(from): features of \(counted(frames.unknown.count, "utterance")) that \(path) lacks: \(id)")
      }
      var facts: JSONObject = ["features": .string(Folder.name(of: from))]
      if isSpeech { (facts["hop"], facts["centre"]) = (.int(hop), .int(frames.clock.centre)) }
      facts["missing_utterances"] = .int(frames.missing.count)
      return ProbedFeatures(dataset: dataset, frames: frames, facts: facts, scratch: nil)
    }
    if inputs.count == 1, features.needsCheckpoint {
      let frames = try DatasetFrames(dataset)
      return ProbedFeatures(
        dataset: dataset, frames: frames, facts: dataset.card.facts["features"]?.objectValue ?? JSONObject(),
        scratch: nil)
    }
    // A fit goes through features many times, and labels are beside them: what cpc-embed makes, for the time of the run.
    let scratch = try ScratchFolder()
    let folder = "\(scratch.path)/\(Folder.name(of: path))"
    let extractor = try features.extractor(
      inputs.count == 2 ? ModelRecipe(FeatureOptions.checkpoint(at: inputs[0])) : nil, for: dataset)
    var options = ShardingOptions(
      try FeatureMaker(extractor, storage: .single, of: dataset, from: dataset.recordMaker()))
    options.recordsPerShard = 512
    options.threads = threadCount
    options.progress = { console.show($0) }
    _ = try makeSubset(
      of: path, selecting: [], converting: FeatureConversion(extractor, storage: .single, of: dataset.schema),
      to: folder, options: options)
    console.finish()
    let embedded = try Dataset(opening: folder)
    return ProbedFeatures(
      dataset: embedded, frames: try DatasetFrames(embedded), facts: extractor.facts, scratch: scratch)
  }

  /// The hop that the first utterance suggests.
  private static func hop(of source: any FeatureSource, _ dataset: Dataset) throws -> Int? {
    for (utterance, id) in try dataset.utteranceIDs().enumerated() where source.index[Name(id)] != nil {
      let frames = try source.shape(of: Name(id)).count
      guard frames > 0 else { continue }
      let samples = Double(dataset.unitCount(ofUtterance: utterance))
      return Int((samples / Double(frames) / 80).rounded()) * 80
    }
    return nil
  }
}

/// Features, and the dataset that knows their utterances and labels.
struct ProbedFeatures {
  let dataset: Dataset
  let frames: any UtteranceFrames
  /// What there is to say of the features.
  let facts: JSONObject
  /// What holds them for the time of the run.
  let scratch: ScratchFolder?
}

extension ProbedFeatures {
  /// Whether the model was trained on utterances that a probe is tested on: `no`, `yes` and how many, or `unknown` and why;
  /// nil of features that nothing was trained for.
  func transductive(_ parts: ProbeParts) throws -> String? {
    guard facts["checkpoint"]?.stringValue != nil else { return nil }
    guard dataset.splitNames.contains(where: { isSame($0, TrainedUtterances.split) }) else {
      return "unknown: the checkpoint does not tell which utterances of this dataset it was trained on"
    }
    let trained = try dataset.split(named: TrainedUtterances.split).map { isSame($0, TrainedUtterances.trained) }
    let count = zip(parts.isTest, trained).count { $0 && $1 }
    let all = parts.isTest.count { $0 }
    // What a run began with has been trained on something, too.
    let origin = facts["settings"]?["init"]?["path"]?.stringValue
    guard count == 0 else {
      return "yes: the checkpoint was trained on \(origin == nil ? "" : "at least ")\(count) of \(all) test utterances"
    }
    guard let origin else { return "no" }
    return "unknown: the run began with what \(origin) had learnt, which may have been of test utterances"
  }
}
