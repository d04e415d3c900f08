import FileIO
import Kernels
import Models

/// Runs the windows of an utterance through a model, several at a time: a product of more rows is faster, above all each of
/// the recurrent ones. What comes of a window does not depend on what is beside it; its last digits do on how many are, and
/// that is determined by the utterance alone.
final class ModelBatches<Element: Operand> where Element.Sum == Float {
  typealias Model = ContrastiveModel<Element>

  private static var sizes: [Int] { [8, 4, 2, 1] }

  private let recipe: ModelRecipe
  private let specification: any ModelSpecification
  /// By their windows, each made when it is first wanted.
  private var models: [Int: Model] = [:]

  init(_ recipe: ModelRecipe, _ specification: any ModelSpecification) {
    self.recipe = recipe
    self.specification = specification
  }

  private func model(windows: Int) throws -> Model {
    if let model = models[windows] { return model }
    let model = try recipe.make(Element.self, specification, windows: windows, like: models.values.first)
    models[windows] = model
    return model
  }

  /// - Parameters:
  ///   - fill: writes the input of a window.
  ///   - take: is given window after window, with its place in the model.
  func run(
    _ count: Int, fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void, take: (Int, Model, _ place: Int) -> Void
  ) throws {
    var first = 0
    while first < count {
      let size = Self.sizes.first { $0 <= count - first } ?? 1
      let model = try model(windows: size)
      for i in 0..<size { fill(first + i, model.input(i)) }
      model.forward()
      for i in 0..<size { take(first + i, model, i) }
      first += size
    }
  }
}
