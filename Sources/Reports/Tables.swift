import FileIO
import OrderedJSON
import Plots

extension Report {
  private static let transductive = "<span class=\"mark\">transductive</span>"

  /// Table 1 for one target: ours, with what they depend on, beside the paper's.
  func probeTable(_ target: String) -> String {
    let probes = firstTable(target)
    let without = probes.compactMap { $0.without?.name }.first
    let hasUtterances = probes.contains { $0.utteranceAccuracy != nil }
    let rows = probes.map { probe in
      var row = [
        Cell.named(
          probe.facts["features"] ?? probe.title, mark: probe.facts.isTransductive ? Self.transductive : "",
          below: [probe.probe, probe.facts.summary].filter { !$0.isEmpty }.joined(separator: " · ")),
        .accuracy(probe.accuracy, probe.interval), .paper(probe.published),
      ]
      if without != nil { row.append(.number(percent(probe.without?.accuracy))) }
      row.append(
        Cell(
          html: escaped(percent(probe.majority?.accuracy))
            + (probe.majority.map { "<small>\(escaped($0.name))</small>" } ?? ""), isNumber: true))
      if hasUtterances { row.append(.number(percent(probe.utteranceAccuracy))) }
      return row
    }
    var heads = ["features", " accuracy", " paper"]
    if let without { heads.append(" without \(without)") }
    heads.append(" majority class")
    if hasUtterances { heads.append(" by utterance") }
    var html = ""
    if let sentence = Paper.sentence(target: target) { html += paragraph(sentence, style: "note") }
    html += table(heads, rows)
    if probes.count < self.probes(of: target).count {
      html += paragraph("Other steps and negatives are in the table after these.", style: "note")
    }
    if probes.contains(where: { $0.facts.isTransductive }) {
      html += paragraph(
        "Transductive: the features were trained on utterances of the test part, without their labels.", style: "note")
    }
    let all = self.probes(of: target).map { "<h3>\(escaped($0.title))</h3>\n" + terms($0.facts.all) }.joined()
    return html + details("How each number came to be", all)
  }

  /// A part of Table 2; empty where there is nothing to compare.
  func groupTable(_ head: String, _ groups: [RunGroup]) -> String {
    guard groups.count > 1 else { return "" }
    let rows = groups.map { group in
      let probe = group.probes[0]
      let deviation = group.deviation.map { "± \(fixed(100 * $0, 1))" } ?? "–"
      let intervals = group.probes.map { probe in
        probe.interval.map { "\(fixed(100 * $0.lowerBound, 1))–\(fixed(100 * $0.upperBound, 1))" } ?? "–"
      }
      return [
        Cell.named(
          group.name, mark: group.probes.contains { $0.facts.isTransductive } ? Self.transductive : "",
          below: probe.facts.summary), .accuracy(group.mean, nil), .paper(group.published),
        .number("\(group.probes.count)"), .number(deviation), .number(intervals.joined(separator: ", ")),
      ]
    }
    return table([head, " phone accuracy", " paper", " runs", " deviation", " 95 % over utterances"], rows)
  }

  var abxTable: String {
    guard !abx.isEmpty else { return "" }
    let ours = abx.map { outcome in
      [
        Cell.named(
          outcome.title, mark: outcome.facts.isTransductive ? Self.transductive : "",
          below: [outcome.facts.summary, outcome.definition].filter { !$0.isEmpty }.joined(separator: " · ")),
        Cell(html: "<b>\(percent(outcome.within))</b>", isNumber: true),
        Cell(html: "<b>\(percent(outcome.across))</b>", isNumber: true), .number(outcome.cells ?? "–"),
        .number(outcome.triples ?? "–"),
      ]
    }
    let others = Paper.abx.map { name, within, across in
      [
        Cell.named(name, below: "ZeroSpeech 2021's leaderboard: LibriSpeech dev-clean, its own items"), .paper(within),
        .paper(across), .number("–"), .number("–"),
      ]
    }
    let head = paragraph(
      "Errors, 50 % by chance. Published ones are of other items and of models trained on 6,000 h and more, or 960 h.",
      style: "note")
    let all = abx.map { "<h3>\(escaped($0.title))</h3>\n" + terms($0.facts.all) }.joined()
    return head + table(["features", " within speakers", " across speakers", " cells", " triples"], ours + others)
      + details("How each number came to be", all)
  }

  var runTable: String {
    guard !runs.isEmpty else { return "" }
    let rows = runs.map { run -> [Cell] in
      func recorded(_ key: String) -> String { run.recorded(key) ?? "–" }
      let times = run.recorded("accumulate").map { isSame($0, "1") ? "" : " × \($0)" } ?? ""
      let model = [
        run.recorded("dataset"), run.hours.map { "\(fixed($0, 2)) h" },
        run.recorded("channels").map { "\($0) channels, context of \(recorded("context"))" },
        run.recorded("batch").map { "batch \($0)\(times)" }, run.recorded("learning_rate").map { "step size \($0)" },
        run.recorded("precision"), run.recorded("seed").map { "seed \($0)" },
      ]
      let last = run.validations.last
      return [
        .named(run.name, below: model.compactMap { $0 }.joined(separator: " · ")), .text(recorded("negatives")),
        .number(recorded("steps_ahead")),
        Cell(html: "\(run.updates)<small>of \(escaped(recorded("updates")))</small>", isNumber: true),
        .number(last?.own?.loss.map { fixed($0, 3) } ?? "–"),
        Cell(
          html: escaped(run.best?.own?.loss.map { fixed($0, 3) } ?? "–")
            + (run.best.map { "<small>update \($0.update)</small>" } ?? ""), isNumber: true),
        .number(last?.common?.loss.map { fixed($0, 3) } ?? "–"),
        .number(percent(last?.common?.accuracies.first ?? nil)),
      ]
    }
    let heads = [
      "run", "negatives", " steps", " updates", " held-out loss", " best", " common loss", " common top-1, k = 1",
    ]
    let settings = runs.map { run in
      "<h3>\(escaped(run.name))</h3>\n"
        + terms(run.settings.object.members.map { ($0.key, $0.value.stringValue ?? $0.value.compact) })
    }
    return table(heads, rows) + details("Settings of each run", settings.joined())
  }

  /// Of each probe: recall, confusion and the table behind them.
  func classSections(_ plots: [NamedPlot]) throws -> String {
    var recalls = plots.filter { $0.name.begins(with: "recall") }[...]
    var confusions = plots.filter { $0.name.begins(with: "confusion") }[...]
    var html = ""
    for probe in orderedProbes where !probe.classes.isEmpty {
      let own = detailPlots(of: probe)
      // The same charts under their numbered names, in the same order.
      let recall = own.contains { $0.name == "recall" } ? recalls.popFirst() : nil
      let confusion = own.contains { $0.name == "confusion" } ? confusions.popFirst() : nil
      var inner = paragraph(probe.facts.summary, style: "note")
      inner += try figures([confusion].compactMap { $0 })
      inner += Self.confusionTable(probe)
      inner += try figures([recall].compactMap { $0 })
      inner += details("All classes", Self.classTable(probe))
      html +=
        probes.count > 2
        ? details(probe.title, inner, isOpen: html.isEmpty) : "<h3>\(escaped(probe.title))</h3>\n\(inner)"
    }
    return html
  }

  private static func classTable(_ probe: ProbeOutcome) -> String {
    table(
      ["class", " train frames", " test frames", " recall", " precision"],
      probe.classes.map {
        [
          .text($0.name), .number("\($0.trainFrames)"), .number("\($0.testFrames)"), .number(percent($0.recall)),
          .number(percent($0.precision)),
        ]
      })
  }

  /// What is mistaken most often, as shares of a class's frames.
  private static func confusionTable(_ probe: ProbeOutcome) -> String {
    var mistakes: [(row: Int, column: Int, share: Double, total: Int)] = []
    for (i, row) in probe.confusion.enumerated() {
      let total = row.reduce(0) { $0.addingReportingOverflow($1).partialValue }
      for (j, count) in row.enumerated() where i != j && count > 0 && total > 0 {
        mistakes.append((i, j, Double(count) / Double(total), total))
      }
    }
    guard !mistakes.isEmpty else { return "" }
    mistakes.sort { ($1.share, $0.row, $0.column) < ($0.share, $1.row, $1.column) }
    let rows = mistakes.prefix(10).map { mistake in
      [
        Cell.text(probe.classes[mistake.row].name), .text(probe.classes[mistake.column].name),
        .number(percent(mistake.share)), .number("\(mistake.total)"),
      ]
    }
    return details("The ten most frequent mistakes", table(["frames of", "taken for", " share", " frames"], rows))
  }
}
