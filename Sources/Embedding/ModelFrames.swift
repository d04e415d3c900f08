import FileIO
import Kernels
import Models
import Networks
public import OrderedJSON
public import Shards

/// Latents and contexts of a model as features.
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

  private let recipe: ModelRecipe
  private let layer: Layer
  private let context: Context

  /// - Throws: a `Failure` if the model has no features of whole frames.
  public init(_ recipe: ModelRecipe, layer: Layer, context: Context) throws {
    try recipe.check()
    self.recipe = recipe
    self.layer = layer
    self.context = context
  }

  public var dimension: Int {
    layer.dimension(channels: recipe.specification.shape.channels, units: recipe.specification.shape.context)
  }

  /// With paddings 3, 2, 1, 1, 1 of the encoder's layers.
  public var centre: Int { 79 }

  public var facts: JSONObject {
    var facts: JSONObject = [
      "features": .string(recipe.checkpoint == nil ? "random-init" : "cpc"), "layer": .string(layer.rawValue),
      "context": .string(context.rawValue), "precision": .string(recipe.specification.precision.rawValue),
      "channels": .int(recipe.specification.shape.channels), "units": .int(recipe.specification.shape.context),
    ]
    if context == .window { facts["window"] = .int(recipe.window) }
    for (key, value) in recipe.facts.members { facts[key] = value }
    return facts
  }

  public func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])] {
    guard let lines = try recipe.trainedUtterances(of: dataset) else { return [] }
    return [(Split.path(TrainedUtterances.split), lines)]
  }

  public func scratch(frames: Int) -> Int { context == .utterance ? frames * AudioRecords.cell : 0 }

  public func makeWorker() throws -> any FrameWorker {
    switch recipe.specification.precision {
    case .single: try makeWorker(Float.self)
    case .bfloat16: try makeWorker(BFloat16.self)
    }
  }

  private func makeWorker<Element: Operand>(_ type: Element.Type) throws -> any FrameWorker
  where Element.Sum == Float {
    switch context {
    case .window: try WindowFrames<Element>(recipe, layer)
    case .utterance: try UtteranceFrames<Element>(recipe, layer)
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

/// Features of window after window, as the model saw them in training.
private final class WindowFrames<Element: Operand>: FrameWorker where Element.Sum == Float {
  private let model: ContrastiveModel<Element>
  private let scaling: InputScaling
  private let layer: ModelFrames.Layer
  private let window: Int

  init(_ recipe: ModelRecipe, _ layer: ModelFrames.Layer) throws {
    model = try recipe.make(Element.self, samples: recipe.window)
    scaling = recipe.scaling
    self.layer = layer
    window = recipe.window
  }

  func extract(_ samples: UnsafeBufferPointer<Int16>, into output: UnsafeMutablePointer<Float>) {
    var output = output
    for start in stride(from: 0, to: samples.count, by: window) {
      // Zeros follow the last sample, as in a padded record; they are no part of a window's mean and deviation.
      let input = model.input(0)
      let count = min(window, samples.count - start)
      scaling.apply(UnsafeBufferPointer(rebasing: samples[start..<start + count]), to: input.baseAddress!)
      for i in count..<input.count { input[i] = 0 }
      model.forward()
      let frames = FrameGrid.count(samples: count)
      layer.write(
        Matrix(model.latents(0), stride: model.channels), channels: model.channels,
        Matrix(model.contexts(0), stride: model.units), units: model.units, frames, to: output)
      output += frames * layer.dimension(channels: model.channels, units: model.units)
    }
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

  init(_ recipe: ModelRecipe, _ layer: ModelFrames.Layer) throws {
    let frames = Self.piece + 2 * Self.margin
    model = try recipe.make(Element.self, samples: frames * AudioRecords.cell)
    context = GRU(
      "context", inputs: model.channels, units: model.units, windows: 1, frames: Self.piece, training: false)
    for (mine, models) in zip(context.parameters, model.context.parameters) {
      mine.load(models.elements(of: models.value), into: mine.value)
    }
    latents = Buffer(count: frames * model.channels)
    scaling = recipe.scaling
    self.layer = layer
  }

  func extract(_ samples: UnsafeBufferPointer<Int16>, into output: UnsafeMutablePointer<Float>) {
    let frames = FrameGrid.count(samples: samples.count)
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
