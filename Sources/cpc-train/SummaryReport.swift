import CommandSupport
import Networks
import OrderedJSON
import Training

/// What a run came to, for people and for programs.
struct SummaryReport {
  private let summary: TrainingSummary
  private let configuration: TrainingConfiguration

  init(_ summary: TrainingSummary, _ configuration: TrainingConfiguration) {
    self.summary = summary
    self.configuration = configuration
  }

  /// Lines for standard error.
  var notes: [String] {
    var notes: [String] = []
    switch summary.endedEarly {
    case .dataEnded: notes.append("the stream ended after \(counted(summary.updates, "update"))")
    case .stopped: notes.append("stopped after \(counted(summary.updates, "update")), as asked")
    case nil: break
    }
    notes.append(
      "\(counted(summary.updates, "update")), \(Self.fixed(1000 * summary.secondsPerUpdate, 1)) ms each; "
        + "checkpoint \(summary.checkpoint)")
    if summary.heldOut == nil, summary.endedEarly != .stopped {
      notes.append("nothing was held out, or less than a batch of \(configuration.batch) windows: no validation")
    }
    return notes
  }

  /// The held-out results, or where there are none the last of training.
  var table: String {
    guard let metrics = summary.heldOut ?? summary.training else { return "" }
    let what = summary.heldOut == nil ? "training, the last updates" : "held out, \(counted(heldOutWindows, "window"))"
    var text = "\(what): loss \(Self.fixed(metrics.loss, 4)) of \(Self.fixed(metrics.logCandidates, 4)) by chance, "
    text += "N = \(grouped(metrics.candidates))\n"
    text += " step     loss    top-1  × chance  pairwise\n"
    for k in metrics.steps.indices {
      let accuracy = metrics.accuracies[k]
      text += Self.right("\(k + 1)", 5) + Self.right(Self.fixed(metrics.losses[k], 4), 9)
      text += Self.right(Self.fixed(100 * accuracy, 2) + " %", 9)
      text += Self.right(Self.fixed(accuracy * Double(metrics.candidates), 1), 10)
      text += Self.right(Self.fixed(100 * metrics.pairwiseAccuracies[k], 2) + " %", 10) + "\n"
    }
    text += "chance" + Self.right(Self.fixed(metrics.logCandidates, 4), 8)
    text += Self.right(Self.fixed(100 / Double(metrics.candidates), 2) + " %", 9) + Self.right("1.0", 10)
    text += Self.right("50.00 %", 10) + "\n"
    return text
  }

  var json: JSON {
    var object: JSONObject = [
      "type": .string("summary"), "updates": .int(summary.updates),
      "ended": .string(Self.name(summary.endedEarly)), "checkpoint": .string(summary.checkpoint),
      "milliseconds_per_update": .number(Self.fixed(1000 * summary.secondsPerUpdate, 1)),
      "held_out_windows": .int(heldOutWindows),
    ]
    if let metrics = summary.training { object["training"] = .object(metrics.json) }
    if let metrics = summary.heldOut { object["held_out"] = .object(metrics.json) }
    return .object(object)
  }

  private var heldOutWindows: Int {
    summary.heldOut == nil ? 0 : min(summary.heldOutWindows, configuration.validBatches * configuration.batch)
  }

  private static func name(_ reason: TrainingSummary.EndReason?) -> String {
    switch reason {
    case .dataEnded: "data ended"
    case .stopped: "stopped"
    case nil: "complete"
    }
  }

  /// A number with `digits` after the point.
  private static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let unit = (0..<digits).reduce(1) { power, _ in 10 * power }
    let whole = Int((abs(value) * Double(unit)).rounded())
    let fraction = "\(whole % unit)"
    let sign = value < 0 && whole > 0 ? "-" : ""
    return "\(sign)\(whole / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
