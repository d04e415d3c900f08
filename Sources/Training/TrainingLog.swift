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
}

extension ContrastiveMetrics {
  /// The same for TensorBoard.
  func scalars(_ group: String) -> [(tag: String, value: Double)] {
    var scalars = [
      ("\(group)/loss", loss), ("\(group)/information_bound", informationBound),
      ("\(group)/log_candidates", logCandidates),
    ]
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

/// Where the time of some updates went. Nothing of it is in the log or in checkpoints, which are the same each time.
struct TrainingClock {
  private let clock = ContinuousClock()
  private(set) var updates = 0
  private(set) var seconds = 0.0
  var waiting = 0.0

  /// Runs `body` and returns its result with the seconds that it took.
  func measure<Result>(_ body: () throws -> Result) rethrows -> (Result, seconds: Double) {
    let start = clock.now
    let result = try body()
    let duration = (clock.now - start).components
    return (result, Double(duration.seconds) + Double(duration.attoseconds) * 1e-18)
  }

  mutating func add(seconds: Double) {
    updates += 1
    self.seconds += seconds
  }

  /// A line of timing.jsonl.
  func line(update: Int, windowsPerUpdate: Int) -> JSONObject {
    [
      "type": .string("timing"), "update": .int(update),
      "windows_per_second": .real((Double(updates * windowsPerUpdate) / seconds).rounded(to: 100)),
      "milliseconds_per_update": .real((1000 * seconds / Double(updates)).rounded(to: 100)),
      "data_wait_seconds": .real(waiting.rounded(to: 10_000)),
    ]
  }
}
