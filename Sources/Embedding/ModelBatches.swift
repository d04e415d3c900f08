import FileIO
import Kernels
import Models
import Synchronization

/// Runs the windows of an utterance through a model, several at a time: a product of more rows is faster, above all each of
/// the recurrent ones. What comes of a window does not depend on what is beside it; its last digits do on how many are, and
/// that is determined by the utterance alone: so threads take whole batches.
final class ModelBatches<Element: Operand> where Element.Sum == Float {
  typealias Model = ContrastiveModel<Element>

  private static var sizes: [Int] { [8, 4, 2, 1] }

  private let recipe: ModelRecipe
  private let specification: any ModelSpecification
  private let workers: Workers
  /// Of each thread by their windows, each made when it is first wanted.
  private var models: [[Int: Model]]

  init(_ recipe: ModelRecipe, _ specification: any ModelSpecification, threads: Int) {
    workers = Workers(count: threads)
    models = Array(repeating: [:], count: threads)
    self.recipe = recipe
    self.specification = specification
  }

  private func makeModels(_ batches: [Range<Int>], _ models: inout [Int: Model]) throws {
    for size in Set(batches.map(\.count)).sorted() where models[size] == nil {
      models[size] = try recipe.make(Element.self, specification, windows: size, like: models.values.first)
    }
  }

  /// Both closures are called from several threads at once, each for other windows.
  ///
  /// - Parameters:
  ///   - fill: writes the input of a window.
  ///   - take: is given each window, with its place in the model.
  func run(
    _ count: Int, fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void, take: (Int, Model, _ place: Int) -> Void
  ) throws {
    var batches: [Range<Int>] = []
    while let first = batches.last?.upperBound ?? (count > 0 ? 0 : nil), first < count {
      batches.append(first..<first + Self.sizes.first { $0 <= count - first }!)
    }
    let failures = Mutex<[any Error]>([])
    models.withUnsafeMutableBufferPointer { models in
      workers.forEach(min(workers.count, batches.count)) { thread in
        let own = stride(from: thread, to: batches.count, by: workers.count).map { batches[$0] }
        do { try makeModels(own, &models[thread]) } catch { return failures.withLock { $0.append(error) } }
        for batch in own {
          let model = models[thread][batch.count]!
          for (place, window) in batch.enumerated() { fill(window, model.input(place)) }
          model.forward()
          for (place, window) in batch.enumerated() { take(window, model, place) }
        }
      }
    }
    if let failure = failures.withLock({ $0.first }) { throw failure }
  }
}
