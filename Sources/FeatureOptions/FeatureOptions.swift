public import ArgumentParser
import CommandSupport
public import Embedding
import FileIO
import Models
public import Shards
public import Training

/// Which features are made of speech: the flags of every tool that makes some.
public struct FeatureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Of a checkpoint: the latents z, the contexts c, or both, z before c. (default: c; of pictures and texts z)",
      valueName: "z|c|both"),
    completion: .list(["z", "c", "both"]))
  public var layer: String?

  @Option(
    help: ArgumentHelp(
      """
      How far back c knows: window, to the start of its window, each of which begins with a state of zeros, as in \
      training; or utterance, to the start of the utterance. (default: window)
      """, valueName: "window|utterance"),
    completion: .list(["window", "utterance"]))
  public var context: String?

  @Option(
    help: ArgumentHelp(
      "What the factors of matrix products are rounded to (default: fp32).", valueName: "fp32|bf16"),
    completion: .list(["fp32", "bf16"]))
  public var precision: String?

  @Option(
    help: ArgumentHelp(
      """
      Take no checkpoint, but of audio mfcc: 13 cepstra with their first and second derivatives; of pictures pixels: the \
      means of 16 × 16 parts, or colours: a histogram of 512 bins.
      """, valueName: "mfcc|pixels|colours"),
    completion: .list(["mfcc", "pixels", "colours"]))
  public var features: String?

  @Option(
    help: ArgumentHelp(
      "With --features mfcc: those of so many frames on either side stand beside a frame's own (default: 0).",
      valueName: "frames"), transform: readCount)
  public var stack: Int?

  @Option(
    help: ArgumentHelp(
      """
      Take no checkpoint, but a model that has learnt nothing: of the settings of a run or checkpoint, or one of audio of \
      so many channels and units of context.
      """, valueName: "run|channels,units"))
  public var randomInit: String?

  @Option(help: "With --random-init: the seed of its parameters (default: 1).")
  public var seed: UInt64?

  public init() {}

  /// Whether features come from a checkpoint that is still to be named.
  public var needsCheckpoint: Bool { features == nil && randomInit == nil }

  public func validate() throws {
    guard features == nil || randomInit == nil else {
      throw ValidationError("--features and --random-init exclude each other")
    }
    if let features, features != "mfcc", PictureFloor.Kind(rawValue: features) == nil {
      throw ValidationError("--features \(features) is not known: mfcc, pixels, colours")
    }
    if features != nil,
      let flag = [("--layer", layer), ("--context", context), ("--precision", precision)].first(
        where: { $0.1 != nil })
    {
      throw ValidationError("\(flag.0) is for models, --features \(features!) has none")
    }
    guard stack == nil || features == "mfcc" else { throw ValidationError("--stack goes with --features mfcc") }
    guard (0...50).contains(stack ?? 0) else { throw ValidationError("--stack must be from 0 to 50") }
    guard seed == nil || randomInit != nil else { throw ValidationError("--seed goes with --random-init") }
    guard layer.map({ ModelFrames.Layer(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--layer \(layer!) is not known: z, c, both")
    }
    guard context.map({ ModelFrames.Context(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--context \(context!) is not known: window, utterance")
    }
    guard precision.map({ Precision(rawValue: $0) != nil }) ?? true else {
      throw ValidationError("--precision \(precision!) is not known: fp32, bf16")
    }
    // A run is read later, with what is wrong with it said as of any.
    if let randomInit, Folder.kind(of: randomInit) == nil { _ = try model(randomInit) }
  }

  /// Of a run's settings, or a model of audio of a size.
  private func model(_ text: String) throws -> any ModelSpecification {
    if Folder.kind(of: text) != nil {
      return try Self.checkpoint(at: text).specification()
    }
    let numbers = text.utf8.split(separator: UInt8(ascii: ",")).map { Int(String($0) ?? "") }
    guard numbers.count == 2, let channels = numbers[0], let units = numbers[1], channels > 0, units > 0 else {
      throw ValidationError("--random-init \(text) is neither a run nor CHANNELS,UNITS, as 512,256")
    }
    var specification = AudioSpecification()
    (specification.shape.channels, specification.shape.context) = (channels, units)
    return specification
  }

  /// A checkpoint, or that of a run's folder.
  public static func checkpoint(at path: String) throws -> Checkpoint {
    try Checkpoint(opening: RunFolder.checkpoint(at: path))
  }

  /// What makes the features.
  ///
  /// - Parameters:
  ///   - given: the model of a checkpoint, if ``needsCheckpoint``.
  ///   - dataset: the audio; a model without checkpoint has its gain from there.
  public func extractor(_ given: ModelRecipe?, for dataset: Dataset) throws -> any FrameExtractor {
    if let kind = features.flatMap({ PictureFloor.Kind(rawValue: $0) }) {
      return try PictureFloor(kind, of: dataset)
    }
    if features != nil { return CepstralFrames(stack: stack ?? 0) }
    let random = try randomInit.map { try ModelRecipe(random: model($0), seed: seed ?? 1, for: dataset) }
    guard var recipe = random ?? given else { throw Failure(.usage, "features are of a checkpoint, which is missing") }
    recipe.specification.precision = precision.flatMap { Precision(rawValue: $0) } ?? .single
    let layer = layer.flatMap { ModelFrames.Layer(rawValue: $0) }
    guard recipe.specification is AudioSpecification else {
      guard context == nil else {
        throw Failure(.usage, "--context is for models of audio: others have contexts of their records")
      }
      // The paper's: of a picture the mean of its latents, of a sentence its latent.
      return try ModelUnits(recipe, layer: layer ?? .z, of: dataset)
    }
    return try ModelFrames(
      recipe, layer: layer ?? .c, context: context.flatMap { ModelFrames.Context(rawValue: $0) } ?? .window)
  }

  /// The flags that change something, for the card.
  public var words: [String] {
    var words: [String] = []
    for (name, value) in [
      ("--features", features), ("--stack", stack.map { "\($0)" }), ("--random-init", randomInit),
      ("--seed", seed.map { "\($0)" }), ("--layer", layer), ("--context", context), ("--precision", precision),
    ] {
      if let value { words += [name, value] }
    }
    return words
  }
}
