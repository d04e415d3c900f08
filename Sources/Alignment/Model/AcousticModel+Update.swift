import Kernels
import RealModule

extension AcousticModel {
  /// Bounds of re-estimation.
  struct UpdateOptions {
    /// A Gaussian with fewer frames is dropped, unless it is its state's only one; then it stays as it is.
    var leastOccupancy = 10.0
    /// Variances are at least this part of the variance of all speech.
    var varianceFloor = 0.01
    var transitionFloor: Float = 0.01
  }

  /// The model that is most likely, given the statistics.
  ///
  /// - Parameter variances: of all speech, for the floor.
  mutating func update(_ statistics: ModelStatistics, variances floor: [Float], options: UpdateOptions) {
    var gaussian = 0
    for state in mixtures.indices {
      let members = gaussian..<gaussian + mixtures[state].count
      gaussian = members.upperBound
      mixtures[state] = updated(mixtures[state], members, statistics, floor, options)
      // A state that was never met keeps its probabilities.
      guard statistics.frames[state] > 0 else { continue }
      let leaving = Float(statistics.exits[state]) / Float(statistics.frames[state])
      stay[state] = min(max(1 - leaving, options.transitionFloor), 1 - options.transitionFloor)
    }
    updateSilence(statistics, floor: options.transitionFloor)
  }

  private func updated(
    _ old: Mixture, _ members: Range<Int>, _ statistics: ModelStatistics, _ floor: [Float], _ options: UpdateOptions
  ) -> Mixture {
    let dimension = FeatureRows.dimension
    func row(_ g: Int) -> UnsafeMutablePointer<Double> { statistics.sums.pointer + g * FeatureRows.stride }
    let kept = members.filter { row($0)[FeatureRows.one] >= options.leastOccupancy }
    guard !kept.isEmpty else { return old }
    let total = kept.reduce(0) { $0 + row($1)[FeatureRows.one] }
    var mixture = Mixture(weights: [], means: [], variances: [])
    for g in kept {
      let sums = row(g)
      let occupancy = sums[FeatureRows.one]
      mixture.weights.append(Float(occupancy / total))
      for d in 0..<dimension {
        let mean = sums[d] / occupancy
        mixture.means.append(Float(mean))
        let variance = sums[dimension + d] / occupancy - mean * mean
        mixture.variances.append(max(Float(variance), Float(options.varianceFloor) * floor[d]))
      }
    }
    return mixture
  }

  private mutating func updateSilence(_ statistics: ModelStatistics, floor: Float) {
    let targets = Self.silenceTargets
    for i in 0..<Self.silenceStates {
      let row = i * targets..<(i + 1) * targets
      let total = statistics.silenceMoves[row].reduce(0, +)
      guard total > 0 else { continue }
      var moves = row.map { k in
        // The topology stays: what was impossible remains so.
        silenceMoves[k] == 0 ? 0 : max(Float(statistics.silenceMoves[k]) / Float(total), floor)
      }
      let sum = moves.reduce(0, +)
      for j in moves.indices { moves[j] /= sum }
      silenceMoves.replaceSubrange(row, with: moves)
    }
  }

  /// Splits Gaussians until there are about `target`: states with more frames get more, in proportion to the
  /// `power` of their frames, and always the heaviest Gaussian of a state is split (as Kaldi's gmm-mixup does).
  mutating func split(to target: Int, frames: [Int], power: Double = 0.25, leastFrames: Int = 20) {
    let shares = frames.map { $0 == 0 ? 0 : Double.pow(Double($0), power) }
    let total = shares.reduce(0, +)
    guard total > 0 else { return }
    for state in mixtures.indices {
      let wanted = min(Int((shares[state] / total * Double(target)).rounded()), frames[state] / leastFrames)
      while mixtures[state].count < wanted { mixtures[state].splitHeaviest() }
    }
  }
}

extension AcousticModel.Mixture {
  /// One Gaussian becomes two, a fifth of a standard deviation to either side.
  fileprivate mutating func splitHeaviest() {
    let dimension = FeatureRows.dimension
    var heaviest = 0
    for g in weights.indices where weights[g] > weights[heaviest] { heaviest = g }
    weights[heaviest] /= 2
    weights.append(weights[heaviest])
    for d in 0..<dimension {
      let i = heaviest * dimension + d
      let shift = 0.2 * variances[i].squareRoot()
      means.append(means[i] + shift)
      means[i] -= shift
      variances.append(variances[i])
    }
  }
}
