import CommandSupport
import OrderedJSON
import Probes

/// A result in some lines.
struct ProbeReport {
  private let result: ProbeResult

  init(_ result: ProbeResult) { self.result = result }

  private func fact(_ name: String) -> String? { result.facts.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }

  private var features: String {
    [
      fact("features"), fact("layer"), fact("stack").map { $0 == "0" ? "" : "stacked ±\($0)" },
      fact("label_offset").map { "labels of cell \($0)" },
    ].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  var title: String { "\(result.target), \(features)" }

  var json: JSONObject { result.json(title: title) }

  var text: String {
    let probe =
      switch result.kind {
      case .linear: "linear probe"
      case .hidden: "one hidden layer of \(result.width ?? 0)"
      case .sgd: "linear probe by gradient descent"
      }
    var lines = [
      "\(result.target)  \(features) (\(result.features) numbers), \(probe)",
      "  \(padded("\(units) told right", 21)) \(percent(result.accuracy))"
        + "  (95 %: \(percent(result.interval.low)) to \(percent(result.interval.high)))",
    ]
    if let topFive = result.topFiveAccuracy { lines.append("  among the best five   \(percent(topFive))") }
    if let utterances = result.utteranceAccuracy, result.test.frames > result.test.utterances {
      lines.append("  utterances            \(percent(utterances))")
    }
    if let without = result.without {
      lines.append("  without \(padded(without.className, 13)) \(percent(without.accuracy))")
    }
    lines.append("  always \(padded(result.majority.className, 14)) \(percent(result.majority.accuracy))")
    lines.append(
      "  test                  \(counted(result.test.utterances, "utterance")), \(rows(result.test.frames)), "
        + "\(grouped(result.test.unlabelled)) without label; trained on \(rows(result.training.frames))")
    if let dev = result.candidates.first(where: { $0.l2 == result.fit.l2 }) {
      lines.append("  l2                    \(result.fit.l2), chosen on the dev part (\(percent(dev.accuracy)))")
    }
    if result.unseenFrames > 0 {
      lines.append(
        "  \(counted(result.unseenFrames, "test frame")) of classes that were not trained: "
          + result.unseenClasses.joined(separator: ", "))
    }
    if !result.fit.isConverged { lines.append("  NOT CONVERGED after \(result.fit.iterations) iterations") }
    if result.overflowedFrames > 0 { lines.append("  \(counted(result.overflowedFrames, "frame")) overflowed") }
    if let transductive = fact("transductive") { lines.append("  transductive          \(transductive)") }
    return lines.map { printable($0) + "\n" }.joined()
  }

  /// What features are of.
  private var units: String { fact("unit") ?? "frames" }

  private func rows(_ count: Int) -> String { counted(count, String(units.dropLast())) }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
