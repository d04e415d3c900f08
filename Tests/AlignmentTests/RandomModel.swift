import Alignment
import Labels
import TestSupport

/// A model of a few phones with random Gaussians and probabilities.
func randomModel(phones: Int, using generator: inout SeededGenerator) -> AcousticModel {
  let names = ["SIL", "SPN"] + (0..<phones).map { "P\($0)" }
  let dimension = FeatureRows.dimension
  func mixture(_ count: Int) -> AcousticModel.Mixture {
    let weights = (0..<count).map { _ in Float.random(in: 0.1...1, using: &generator) }
    let total = weights.reduce(0, +)
    return AcousticModel.Mixture(
      weights: weights.map { $0 / total },
      means: (0..<count * dimension).map { _ in Float.random(in: -10...10, using: &generator) },
      variances: (0..<count * dimension).map { _ in Float.random(in: 0.5...30, using: &generator) })
  }
  var model = AcousticModel(
    phoneSet: PhoneSet(name: "random", names: names), silence: 0, noise: 1, density: mixture(1))
  for state in model.mixtures.indices {
    model.mixtures[state] = mixture(Int.random(in: 1...9, using: &generator))
    model.stay[state] = Float.random(in: 0.1...0.9, using: &generator)
  }
  for i in 0..<5 {
    let possible = (0..<6).filter { model.silenceMoves[i * 6 + $0] > 0 }
    let shares = possible.map { _ in Float.random(in: 0.1...1, using: &generator) }
    for (j, share) in zip(possible, shares) { model.silenceMoves[i * 6 + j] = share / shares.reduce(0, +) }
  }
  return model
}
