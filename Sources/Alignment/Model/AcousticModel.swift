package import Labels
import RealModule

/// A hidden Markov model for each phone, with mixtures of diagonal Gaussians as its states' densities.
///
/// Phones have 3 states from left to right, so they last 3 frames at least; silence and spoken noise have 5. Those of
/// spoken noise run from left to right, too; in silence states 0 to 3 follow each other in any order (Kaldi's topology,
/// at least 3 frames).
package struct AcousticModel: Sendable, Equatable {
  /// The density of one state.
  package struct Mixture: Sendable, Equatable {
    /// Sum to 1.
    package var weights: [Float]
    /// [component, dimension].
    package var means: [Float]
    package var variances: [Float]

    package init(weights: [Float], means: [Float], variances: [Float]) {
      self.weights = weights
      self.means = means
      self.variances = variances
    }

    var count: Int { weights.count }
  }

  package let phoneSet: PhoneSet
  /// The phone that may stand between words.
  package let silence: Int
  /// The phone of what is no word; nil if the phone set has none.
  package let noise: Int?
  /// The first state of each phone, and the number of all states.
  package let firstState: [Int]
  /// Probability of staying in each state for another frame. Not used for silence.
  package var stay: [Float]
  /// Silence: probability of going from state i to state j at [i · 6 + j]; j = 5 leaves.
  package var silenceMoves: [Float]
  package var mixtures: [Mixture]
  /// What neighbours make of states; nil where they make no difference.
  var contexts: ContextTree?

  static let silenceStates = 5
  static let silenceTargets = silenceStates + 1

  /// A model without knowledge: every state has the density of all speech.
  package init(phoneSet: PhoneSet, silence: Int, noise: Int?, density: Mixture) {
    self.phoneSet = phoneSet
    self.silence = silence
    self.noise = noise
    firstState = phoneSet.names.indices.reduce(into: [0]) { states, phone in
      states.append(states.last! + (phone == silence || phone == noise ? Self.silenceStates : 3))
    }
    stay = [Float](repeating: 0.75, count: firstState.last!)
    mixtures = Array(repeating: density, count: firstState.last!)
    silenceMoves = [
      0.25, 0.25, 0.25, 0.25, 0, 0,
      0, 0.25, 0.25, 0.25, 0.25, 0,
      0, 0.25, 0.25, 0.25, 0.25, 0,
      0, 0.25, 0.25, 0.25, 0.25, 0,
      0, 0, 0, 0, 0.75, 0.25,
    ]
  }

  package var stateCount: Int { mixtures.count }
  /// Gaussians of all states together.
  package var gaussianCount: Int { mixtures.reduce(0) { $0 + $1.count } }

  /// The states of a phone between two others, one after the other.
  func states(of phone: Int, left: Int, right: Int) -> [Int] {
    guard let contexts else { return Array(states(of: phone)) }
    return states(of: phone).map { contexts.state($0, left: left, right: right) }
  }

  package func states(of phone: Int) -> Range<Int> { firstState[phone]..<firstState[phone + 1] }
}
