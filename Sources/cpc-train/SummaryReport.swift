import CommandSupport
import Models
import Networks
import OrderedJSON
import Sampling
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
    if summary.unusedBatches > 0 {
      notes.append("left out: \(counted(summary.unusedBatches, "batch", "batches")) of an update that was not finished")
    }
    var update = "\(counted(summary.updates, "update"))"
    if summary.secondsPerUpdate > 0 { update += ", \(Self.fixed(1000 * summary.secondsPerUpdate, 1)) ms each" }
    notes.append("\(update); checkpoint \(summary.checkpoint)")
    if summary.heldOut == nil, summary.endedEarly != .stopped {
      notes.append("nothing was held out, or less than a batch of \(configuration.batch) windows: no validation")
    } else if let heldOut = summary.heldOut, heldOut.own == nil {
      notes.append("the held-out windows do not make a batch of --negatives \(configuration.negatives.rawValue)")
    }
    return notes
  }

  /// The held-out results, or where there are none the last of training.
  var table: String {
    var text = ""
    if let heldOut = summary.heldOut {
      if let own = heldOut.own { text += table(own, "held out, \(counted(windows(own), "window"))") }
      if let common = heldOut.common {
        let task = "mixed-speaker-excl, \(common.candidates - 1) negatives"
        text += table(common, "common task, \(counted(windows(common), "window")), \(task)")
      }
    } else if let training = summary.training {
      text += table(training, "training, the last updates")
    }
    return text
  }

  private func windows(_ metrics: ContrastiveMetrics) -> Int {
    let model = configuration.specification
    return metrics.anchors / model.lattice.anchors(steps: model.steps)
  }

  private func table(_ metrics: ContrastiveMetrics, _ what: String) -> String {
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
    ]
    if let metrics = summary.training { object["training"] = .object(metrics.json) }
    if let metrics = summary.heldOut?.own {
      object["held_out"] = .object(metrics.json)
      object["held_out_windows"] = .int(windows(metrics))
    }
    if let metrics = summary.heldOut?.common { object["common"] = .object(metrics.json) }
    return .object(object)
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
