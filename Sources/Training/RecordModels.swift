import FileIO
public import Models
public import Shards

extension RecordSchema {
  /// Whether a model learns from such records.
  public var hasModel: Bool { ModelKinds.all.types.contains { isSame($0.kind, kind) } }

  /// The model that learns from such records, every setting its default.
  ///
  /// - Throws: a `Failure` if there is none.
  public func defaultModel() throws -> any ModelSpecification {
    if isSame(kind, AudioSpecification.kind) { return AudioSpecification() }
    let shape = payload[0].row
    if isSame(kind, ImageSpecification.kind), shape.count == 3 {
      return ImageSpecification(height: shape[0], width: shape[1])
    }
    if isSame(kind, TextSpecification.kind), shape.count == 2 {
      return try TextSpecification(facts: facts, sentences: shape[0], sentenceWords: shape[1])
    }
    throw Failure(
      .badInput, "no model learns from records of the kind \"\(kind)\"",
      hint: "PyTorch takes every kind: see Tools/torch")
  }
}
