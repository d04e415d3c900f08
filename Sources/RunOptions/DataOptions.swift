public import ArgumentParser
import CommandSupport
import FileIO
import Models
import Sampling
public import Shards
public import Training

/// The flags that determine which windows the updates of a run take and which of their latents are candidates: those of
/// every tool that trains, or shows what training takes. Bounds and defaults are ``Training/TrainingConfiguration``'s.
public struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Settings that go together; other flags change them. paper: as many batches an update as the paper's GPUs made: of \
      audio 8 of 8 windows, of images 32 of 16, of texts 8 of 64; the rest is the paper's anyway. small: for two hours of \
      two cores at most. Of audio: --channels 256 --context 256 --normalisation channel --negatives same-speaker --crop random \
      --learning-rate 1e-3 --warmup 500 --schedule cosine --updates 12000. Of images: --depth 18 --width 32 --context 64 \
      --normalisation channel --steps-ahead 3 --colour rgb --batch 8 --learning-rate 1e-3 --warmup 200 --schedule cosine \
      --updates 3200. Of texts: --embedding 300 --context 600 --batch 64 --learning-rate 1e-3 --warmup 200 \
      --schedule cosine --updates 1200.
      """, valueName: "paper|small"), completion: choices(Preset.self))
  public var preset: String?
  @Option(
    help: ArgumentHelp(
      "Which latents of the batch are candidates. mixed-speaker: batches over all speakers, every latent; same-speaker: "
        + "batches of one speaker, every latent; with -excl: those of the other windows alone; current-sequence: "
        + "batches over all speakers, those of the own window. group may stand for speaker. "
        + "(default: \(defaults.negatives.rawValue))", valueName: "strategy"),
    completion: choices(NegativeStrategy.self))
  public var negatives: String?
  @Option(
    help: ArgumentHelp(
      "How many of the candidates are drawn for each anchor and step, without the true latent. (default: all)",
      valueName: "all|N"))
  public var numNegatives: String?
  @Option(
    help: "Windows in a batch; negatives come from the batch. (default: \(defaults.batch))", transform: readCount)
  public var batch: Int?
  @Option(
    help: "Batches whose mean gradient makes one update, each with its own negatives (default: 1).",
    transform: readCount)
  public var accumulate: Int?
  @Option(
    help: ArgumentHelp(
      "Samples of a window at 16 kHz, of audio (default: \(AudioModelShape().window)); of all else it is a record.",
      valueName: "samples"), transform: readCount)
  public var window: Int?
  @Option(
    help: ArgumentHelp(
      "Where the windows of an utterance begin: at its start, or at a place drawn anew each epoch. "
        + "(default: \(defaults.crop.rawValue))", valueName: "none|random"), completion: choices(Crop.self))
  public var crop: String?
  @Option(
    help: """
      Seed of the initial parameters, the order of data, the crops and the held-out share. (default: \(defaults.seed))
      """)
  public var seed: UInt64?
  @Option(help: ArgumentHelp("Which split of the dataset (default: the one named default, if any).", valueName: "name"))
  public var splitName: String?
  @Option(help: ArgumentHelp("The part of the split to validate on (default: valid, if any).", valueName: "part"))
  public var validSplit: String?
  @Option(
    help: ArgumentHelp(
      "Share of the training utterances to hold out where there is no such part, as 0.05 or 5%; 0 holds out none. "
        + "(default: \(defaults.validFraction))", valueName: "share"), transform: readShare)
  public var validFraction: Double?

  public init() {}

  /// A run's settings with these; all others are those of a file or the preset's, or have their defaults.
  ///
  /// - Parameters:
  ///   - schema: of the records that windows are made of. Those that no model learns from can be planned, too.
  ///   - file: the settings of another run, or of this one.
  /// - Throws: a `Failure` of kind `usage` for a name that is not known, or a value that cannot be.
  public func configuration(
    of schema: RecordSchema = .audio, from file: SettingsFile? = nil
  ) throws -> TrainingConfiguration {
    let model = schema.hasModel ? try schema.defaultModel() : AudioSpecification()
    var configuration = defaults
    configuration.specification = model
    if let preset { configuration = try (choice("preset", preset) as Preset).configuration(model) }
    if let file { configuration = try file.configuration(configuration) }
    if let negatives {
      configuration.negatives = try choice("negatives", NegativeStrategy(name: negatives)?.rawValue ?? negatives)
    }
    if let numNegatives {
      let number = try? readCount(numNegatives)
      guard numNegatives == "all" || number != nil else {
        throw Failure(.usage, "\(setting: "num_negatives") \(numNegatives) is neither all nor a whole number")
      }
      configuration.negativeCount = number
    }
    if let accumulate { configuration.accumulate = accumulate }
    if let batch { configuration.batch = batch }
    if let window {
      guard schema == .audio, var audio = configuration.specification as? AudioSpecification else {
        throw Failure(
          .usage, "\(setting: "window") is for audio: of the kind \(schema.kind), windows are whole records")
      }
      audio.shape.window = window
      configuration.specification = audio
    }
    if let crop { configuration.crop = try choice("crop", crop) }
    if let seed { configuration.seed = seed }
    if let validFraction { configuration.validFraction = validFraction }
    try configuration.validateData()
    return configuration
  }

  /// Of a window of audio.
  public var samples: Int { window ?? AudioModelShape().window }

  /// How a run with these flags divides a dataset.
  public func division(of dataset: Dataset, _ configuration: TrainingConfiguration) throws -> DatasetDivision {
    try DatasetDivision(dataset, split: splitName, validPart: validSplit, configuration: configuration)
  }
}

private let defaults = TrainingConfiguration()

/// What a shell completes a setting with that is one of some cases.
public func choices<Value: RawRepresentable & CaseIterable>(_: Value.Type) -> CompletionKind
where Value.RawValue == String { .list(Value.allCases.map(\.rawValue)) }

/// The value of a setting that is one of some cases; a `Failure` of kind `usage` lists them.
public func choice<Value: RawRepresentable & CaseIterable>(_ setting: String, _ text: String) throws -> Value
where Value.RawValue == String {
  guard let value = Value(rawValue: text) else {
    throw Failure(
      .usage, "\(setting: setting) \(text) is not known", hint: Value.allCases.map(\.rawValue).joined(separator: ", "))
  }
  return value
}
