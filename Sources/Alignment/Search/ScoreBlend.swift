import Kernels

/// The scores of states with contexts, averaged with those of the states that they come from. Each kind of state errs
/// in its own way: with contexts, boundaries drift towards what always comes together; without, they are blurred.
struct ScoreBlend: Sendable {
  /// Of the states without contexts.
  let table: GaussianTable
  /// Where each state with contexts comes from.
  private let origin: [Int]
  /// Of the states with contexts. On speech with known phone times the blend is better than either kind alone.
  private static let weight: Float = 0.7

  /// - Parameter table: of the model that `model` comes from.
  init(_ model: AcousticModel, with table: GaussianTable) {
    self.table = table
    origin = model.contexts!.origins(states: model.stateCount)
  }

  func mix(_ scores: UnsafeMutablePointer<Float>, _ simple: UnsafePointer<Float>) {
    for (state, origin) in origin.enumerated() {
      scores[state] = Self.weight * scores[state] + (1 - Self.weight) * simple[origin]
    }
  }
}
