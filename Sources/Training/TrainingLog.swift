public import Networks
public import OrderedJSON

extension ContrastiveMetrics {
  /// Loss and accuracies, by step, and how they compare with a blind guess.
  public var json: JSONObject {
    func list(_ values: [Double]) -> JSON { .array(values.map { .real($0.rounded(to: 1e6)) }) }
    return [
      "loss": .real(loss.rounded(to: 1e6)), "loss_by_step": list(losses), "accuracy": list(accuracies),
      "pairwise_accuracy": list(pairwiseAccuracies), "information_bound": .real(informationBound.rounded(to: 1e6)),
      "log_candidates": .real(logCandidates.rounded(to: 1e6)), "candidates": .int(candidates),
    ]
  }

  /// The same for TensorBoard: the loss first, then `others`, and what there is of each step last.
  func scalars(_ group: String, _ others: [(tag: String, value: Double)] = []) -> [(tag: String, value: Double)] {
    var scalars = [(tag: "\(group)/loss", value: loss)] + others
    scalars.append(("\(group)/information_bound", informationBound))
    scalars.append(("\(group)/log_candidates", logCandidates))
    for k in steps.indices {
      scalars.append(("\(group)_loss_by_step/\(k + 1)", losses[k]))
      scalars.append(("\(group)_accuracy/\(k + 1)", accuracies[k]))
      scalars.append(("\(group)_pairwise_accuracy/\(k + 1)", pairwiseAccuracies[k]))
    }
    return scalars
  }
}

extension JSONObject {
  mutating func append(_ metrics: ContrastiveMetrics) {
    for (key, value) in metrics.json.members { self[key] = value }
  }
}

extension Double {
  /// To the nearest multiple of 1 / `parts`.
  func rounded(to parts: Double) -> Double { isFinite ? (self * parts).rounded() / parts : self }
}
