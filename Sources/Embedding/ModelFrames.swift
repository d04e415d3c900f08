import FileIO
import Kernels
import Models
import Networks
public import OrderedJSON
public import Shards
import Training

/// Latents and contexts of a model of speech as features.
public struct ModelFrames: FrameExtractor {
  /// Which of them.
  public enum Layer: String, Sendable, CaseIterable {
    case z
    case c
    /// z, then c.
    case both
  }

  /// How far back a context knows.
  public enum Context: String, Sendable, CaseIterable {
    /// To the start of its window: utterances are cut into windows, as in training, each from a state of zeros.
    case window
    /// To the start of its utterance.
    case utterance
  }

  fileprivate let recipe: ModelRecipe
  fileprivate let specification: AudioSpecification
  fileprivate let scaling: InputScaling
  fileprivate let layer: Layer
  private let context: Context

  /// - Throws: a `Failure` if the model is not one of speech, or has no features of whole frames.
  public init(_ recipe: ModelRecipe, layer: Layer, context: Context) throws {
    guard let specification = recipe.specification as? AudioSpecification,
      let scaling = recipe.transform as? InputScaling
    else {
      throw Failure(
        .badInput, path: recipe.checkpoint?.path,
        "its model is of the kind \"\(type(of: recipe.specification).kind)\", not of audio")
    }
    self.recipe = recipe
    self.specification = specification
    self.scaling = scaling
    self.layer = layer
    self.context = context
    guard window > 0 else {
      throw Failure(
        .badInput, path: recipe.checkpoint?.path, "its windows of \(specification.window) samples hold no whole frame")
    }
  }

  /// Samples of a window that is a whole number of frames.
  fileprivate var window: Int { specification.window / AudioRecords.cell * AudioRecords.cell }

  public var dimension: Int { layer.dimension(channels: specification.channels, units: specification.units) }

  /// With paddings 3, 2, 1, 1, 1 of the encoder's layers.
  public var grid: FeatureGrid { .frames(centre: 79) }

  public func check(_ dataset: Dataset) throws { try requireAudio(dataset) }

  public var facts: JSONObject {
    var facts: JSONObject = [
      "features": .string(recipe.checkpoint == nil ? "random-init" : "cpc"), "layer": .string(layer.rawValue),
      "context": .string(context.rawValue), "precision": .string(specification.precision.rawValue),
      "channels": .int(specification.channels), "units": .int(specification.units),
    ]
    if context == .window { facts["window"] = .int(window) }
    for (key, value) in recipe.facts.members { facts[key] = value }
    return facts
  }

  public func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])] {
    guard let lines = try recipe.trainedUtterances(of: dataset) else { return [] }
    return [(Split.path(TrainedUtterances.split), lines)]
  }

  public func scratch(rows: Int) -> Int { context == .utterance ? rows * AudioRecords.cell : 0 }

  public func makeWorker(threads: Int) throws -> any FrameWorker {
    switch specification.precision {
    case .single: try makeWorker(Float.self, threads)
    case .bfloat16: try makeWorker(BFloat16.self, threads)
    }
  }

  private func makeWorker<Element: Operand>(_ type: Element.Type, _ threads: Int) throws -> any FrameWorker
  where Element.Sum == Float {
    switch context {
    case .window: WindowFrames<Element>(self, threads: threads)
    case .utterance: try UtteranceFrames<Element>(self)
    }
  }
}

extension ModelFrames.Layer {
  func dimension(channels: Int, units: Int) -> Int {
    switch self {
    case .z: channels
    case .c: units
    case .both: channels + units
    }
  }

  /// Writes rows of z, of c, or of both.
  func write(
    _ z: Matrix<Float>, channels: Int, _ c: Matrix<Float>, units: Int, _ frames: Int,
    to output: UnsafeMutablePointer<Float>
  ) {
    var output = output
    for t in 0..<frames {
      if self != .c {
        output.update(from: z.row(t), count: channels)
        output += channels
      }
      if self != .z {
        output.update(from: c.row(t), count: units)
        output += units
      }
    }
  }
}

/// Features of the windows of an utterance, each as the model saw it in training.
private final class WindowFrames<Element: Operand>: FrameWorker where Element.Sum == Float {
  private let batches: ModelBatches<Element>
  private let scaling: InputScaling
  private let layer: ModelFrames.Layer
  private let window: Int

  init(_ frames: ModelFrames, threads: Int) {
    var specification = frames.specification
    specification.shape.window = frames.window
    batches = ModelBatches(frames.recipe, specification, threads: threads)
    scaling = frames.scaling
    layer = frames.layer
    window = frames.window
  }

  func extract(_ payload: Payload, units: Int, into output: UnsafeMutablePointer<Float>) throws {
    let samples = payload.elements(InputScaling.plane, as: Int16.self)
    func range(_ i: Int) -> Range<Int> { i * window..<min(units, (i + 1) * window) }
    try batches.run(
      (units + window - 1) / window,
      fill: { i, input in
        // Zeros follow the last sample, as in a padded record; they are no part of a window's mean and deviation.
        let own = UnsafeBufferPointer(rebasing: samples[range(i)])
        scaling.apply(own, to: input.baseAddress!)
        for i in own.count..<input.count { input[i] = 0 }
      },
      take: { i, model, place in
        let first = i * window / AudioRecords.cell * layer.dimension(channels: model.channels, units: model.units)
        layer.write(
          Matrix(model.latents(place), stride: model.channels), channels: model.channels,
          Matrix(model.contexts(place), stride: model.units), units: model.units,
          FeatureGrid.frames(centre: 0).count(units: range(i).count), to: output + first)
      })
  }
}

/// Features of a whole utterance: z of all its samples, c from a state of zeros at its start.
///
/// The model has memory for a piece: z of a frame depends on the samples near it (465 of them), so pieces overlap by frames
/// whose z is not taken, and the state after a piece is that before the next.
private final class UtteranceFrames<Element: Operand>: FrameWorker where Element.Sum == Float {
  /// Frames of a piece, and those on either side that its first and last frames look at.
  private static var piece: Int { 128 }
  private static var margin: Int { 2 }

  private let model: ContrastiveModel<Element>
  private let context: GRU<Element>
  private let latents: Buffer<Float>
  private let scaling: InputScaling
  private let layer: ModelFrames.Layer
  private let workers = Workers(count: 1)

  init(_ features: ModelFrames) throws {
    let frames = Self.piece + 2 * Self.margin
    var specification = features.specification
    specification.shape.window = frames * AudioRecords.cell
    model = try features.recipe.make(Element.self, specification, windows: 1)
    context = GRU(
      "context", inputs: model.channels, units: model.units, windows: 1, frames: Self.piece, training: false)
    context.parameters.copy(model.context.parameters)
    latents = Buffer(count: frames * model.channels)
    scaling = features.scaling
    layer = features.layer
  }

  func extract(_ payload: Payload, units: Int, into output: UnsafeMutablePointer<Float>) {
    let samples = payload.elements(InputScaling.plane, as: Int16.self)
    let frames = FeatureGrid.frames(centre: 0).count(units: units)
    let dimension = layer.dimension(channels: model.channels, units: model.units)
    // As a whole: its mean and deviation are those of the utterance, where the model was trained on windows of their own.
    let scaled = Buffer<Float>(count: samples.count)
    scaling.apply(samples, to: scaled.pointer)
    context.clearState()
    for first in stride(from: 0, to: frames, by: Self.piece) {
      // The utterance begins as a window does, without anything before it.
      let before = first == 0 ? 0 : Self.margin
      let input = model.input(0)
      let start = (first - before) * AudioRecords.cell
      let count = min(input.count, samples.count - start)
      input.baseAddress!.update(from: scaled.pointer + start, count: count)
      for i in count..<input.count { input[i] = 0 }
      model.encoder.forward(to: latents.pointer, workers)
      let z = Matrix(latents.pointer + before * model.channels, stride: model.channels)
      context.forward(z, workers)
      layer.write(
        z, channels: model.channels, Matrix(context.contexts(0), stride: model.units), units: model.units,
        min(Self.piece, frames - first), to: output + first * dimension)
      context.keepState()
    }
  }
}
