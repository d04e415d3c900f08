import FileIO
import Kernels
import Models
public import OrderedJSON
import Sampling
public import Shards
import Synchronization

/// Latents and contexts of a model of pictures or sentences as features, a row for each: of a picture, whose latents lie on
/// a grid, the mean of them all, as the paper takes it (§3.2).
///
/// Contexts of sentences know those of the same record that come before.
public struct ModelUnits: FrameExtractor {
  fileprivate let recipe: ModelRecipe
  fileprivate let layer: ModelFrames.Layer
  /// Units of a record.
  fileprivate let length: Int

  /// - Throws: a `Failure` if the model is not one of such records.
  public init(_ recipe: ModelRecipe, layer: ModelFrames.Layer, of dataset: Dataset) throws {
    self.recipe = recipe
    self.layer = layer
    length = dataset.schema.length
    try recipe.check(dataset)
  }

  public var dimension: Int {
    layer.dimension(channels: recipe.specification.channels, units: recipe.specification.units)
  }

  public var grid: FeatureGrid { .units }
  public func check(_ dataset: Dataset) throws { try recipe.check(dataset) }

  public var facts: JSONObject {
    var facts: JSONObject = [
      "features": .string(recipe.checkpoint == nil ? "random-init" : "cpc"), "layer": .string(layer.rawValue),
      "precision": .string(recipe.specification.precision.rawValue), "channels": .int(recipe.specification.channels),
      "units": .int(recipe.specification.units),
    ]
    for (key, value) in recipe.facts.members { facts[key] = value }
    return facts
  }

  public func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])] {
    guard let lines = try recipe.trainedUtterances(of: dataset) else { return [] }
    return [(Split.path(TrainedUtterances.split), lines)]
  }

  public func makeWorker(threads: Int) throws -> any FrameWorker {
    switch recipe.specification.precision {
    case .single: UnitWorker<Float>(self, threads: threads)
    case .bfloat16: UnitWorker<BFloat16>(self, threads: threads)
    }
  }
}

private final class UnitWorker<Element: Operand>: FrameWorker where Element.Sum == Float {
  private let features: ModelUnits
  private let batches: ModelBatches<Element>
  /// The planes of a record whose last units are missing, with zeros in their stead.
  private let padded: [Buffer<UInt8>]

  init(_ features: ModelUnits, threads: Int) {
    self.features = features
    batches = ModelBatches(features.recipe, features.recipe.specification, threads: threads)
    padded = features.recipe.specification.payload.map { Buffer(count: $0.bytes) }
  }

  func extract(_ payload: Payload, units: Int, into output: UnsafeMutablePointer<Float>) throws {
    let (length, specification) = (features.length, features.recipe.specification)
    let positions = specification.lattice.count / length
    // The first of them.
    let problem = Mutex<(record: Int, text: String)?>(nil)
    try batches.run(
      (units + length - 1) / length,
      fill: { record, input in
        let planes: [Payload.Plane] = specification.payload.enumerated().map { i, plane in
          let own = payload.elements(plane.plane, as: UInt8.self)
          let first = record * plane.bytes
          let count = min(plane.bytes, own.count - first)
          guard count < plane.bytes else {
            return (plane.plane, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(own)[first..<first + count]))
          }
          padded[i].fillWithZeros()
          padded[i].pointer.update(from: own.baseAddress! + first, count: count)
          return (plane.plane, padded[i].bytes)
        }
        let payload = Payload(planes)
        // What pads a last record is no part of it.
        if count(ofRecord: record, units) == length {
          let found = features.recipe.transform.problem(in: payload)
          if let found { problem.withLock { if $0.map({ record < $0.record }) ?? true { $0 = (record, found) } } }
        }
        features.recipe.transform.apply(payload, nil, to: input)
      },
      take: { record, model, place in
        let count = count(ofRecord: record, units)
        let means = (z: Buffer<Float>(count: count * model.channels), c: Buffer<Float>(count: count * model.units))
        for unit in 0..<count {
          for position in unit * positions..<(unit + 1) * positions {
            add(
              model.latents(place) + position * model.channels, to: means.z.pointer + unit * model.channels,
              count: model.channels)
            add(
              model.contexts(place) + position * model.units, to: means.c.pointer + unit * model.units,
              count: model.units)
          }
        }
        scale(means.z.pointer, count: means.z.count, by: 1 / Float(positions))
        scale(means.c.pointer, count: means.c.count, by: 1 / Float(positions))
        features.layer.write(
          means.z.matrix(model.channels), channels: model.channels, means.c.matrix(model.units), units: model.units,
          count, to: output + record * length * features.dimension)
      })
    if let problem = problem.withLock({ $0 }) {
      throw Failure(.corrupt, problem.text, hint: "cpc-inspect verify finds damaged records")
    }
  }

  private func count(ofRecord record: Int, _ units: Int) -> Int {
    min(features.length, units - record * features.length)
  }
}
