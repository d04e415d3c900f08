public import Networks
public import OrderedJSON

/// What happened since the last line of the log.
struct TrainingInterval {
  var metrics: ContrastiveMetrics?
  var updates = 0
  var gradientNorms = 0.0
  var speakers = 0
  var waiting = 0.0
  var seconds = 0.0

  mutating func add(_ update: ContrastiveMetrics, gradientNorm: Double, speakers: Int) {
    if metrics == nil { metrics = update } else { metrics!.add(update) }
    updates += 1
    gradientNorms += gradientNorm
    self.speakers += speakers
  }

  /// A line of the log: means over the interval's updates.
  func line(update: Int, learningRate: Double, batch: Int) -> JSONObject {
    var line: JSONObject = ["type": .string("train"), "update": .int(update)]
    if let metrics { line.append(metrics) }
    line["learning_rate"] = .real(learningRate)
    line["gradient_norm"] = .real((gradientNorms / Double(updates)).rounded(to: 1e6))
    line["windows_per_second"] = .real((Double(updates * batch) / seconds).rounded(to: 100))
    line["speakers_per_batch"] = .real((Double(speakers) / Double(updates)).rounded(to: 100))
    line["data_wait_seconds"] = .real(waiting.rounded(to: 10_000))
    return line
  }
}

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
