import FileIO
import Plots

extension Report {
  /// Targets of the probes, phones and speakers first.
  var targets: [String] {
    var targets: [String] = []
    for probe in probes where !targets.contains(where: { isSame($0, probe.target) }) { targets.append(probe.target) }
    let known: [String] = ["phone", "speaker"].filter { name in targets.contains { isSame($0, name) } }
    return known + targets.filter { target in !known.contains { isSame($0, target) } }
  }

  func probes(of target: String) -> [ProbeOutcome] { probes.filter { isSame($0.target, target) } }

  /// By target.
  var orderedProbes: [ProbeOutcome] { targets.flatMap { probes(of: $0) } }

  /// Accuracies beside the paper's.
  var probePlots: [NamedPlot] {
    targets.map { target in
      let probes = firstTable(target)
      let bars = probes.map { probe in
        BarChart.Bar(
          probe.name + (probe.facts.isTransductive ? " †" : ""), probe.accuracy, interval: probe.interval,
          reference: probe.published, group: probe.hasHiddenLayer ? 1 : 0)
      }
      let caption =
        "Accuracy by frame with 95 % intervals over utterances."
        + (probes.contains { $0.facts.isTransductive } ? " † transductive: features trained on test utterances." : "")
      return NamedPlot(
        name: "probes-\(target)",
        chart: BarChart(
          "\(Self.capitalized(target)) accuracy", valueLabel: "accuracy by frame", bars, unit: .percent,
          referenceName: "paper, on its own data", including: [0]), caption: caption)
    }
  }

  static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  /// Of more classes a chart shows those with most frames; the table has all.
  private static let shownClasses = 60

  /// Recall by class, and what is taken for what.
  func detailPlots(of probe: ProbeOutcome) -> [NamedPlot] {
    var plots: [NamedPlot] = []
    let tested = probe.classes.filter { $0.testFrames > 0 && $0.recall != nil }
      .enumerated().sorted { ($1.element.testFrames, $0.offset) < ($0.element.testFrames, $1.offset) }.map(\.element)
    if !tested.isEmpty {
      let some = tested.prefix(Self.shownClasses)
      let bars = some.map { BarChart.Bar($0.name, $0.recall ?? 0) }
      let left = tested.count - some.count
      let caption =
        "Classes by their frames in the test part, most first."
        + (left > 0 ? " \(left) more classes, with fewer frames, stand in the table." : "")
      plots.append(
        NamedPlot(
          name: "recall",
          chart: BarChart(
            "Recall by class: \(probe.title)", valueLabel: "recall", bars, unit: .percent, including: [0, 1]),
          caption: caption))
    }
    if !probe.confusion.isEmpty {
      let values = probe.confusion.map { row -> [Double] in
        let total = row.reduce(0.0) { $0 + Double($1) }
        return total > 0 ? row.map { Double($0) / total } : []
      }
      let names = probe.classes.map(\.name)
      plots.append(
        NamedPlot(
          name: "confusion",
          chart: HeatMap(
            "Confusion: \(probe.title)", rowLabel: "frames of", columnLabel: "taken for", rows: names, columns: names,
            values: values),
          caption: "Shares of a row's frames; shades grow with the square root, so that rare ones can be seen.",
          isWide: true))
    }
    return plots
  }

  /// The paper's Table 2, where there are probes of several steps or strategies.
  var tablePlots: [NamedPlot] {
    [("strategies", "Where negatives are from", strategies), ("steps", "Steps predicted", steps)].compactMap {
      name, title, groups in
      guard groups.count > 1 else { return nil }
      let bars = groups.map {
        BarChart.Bar($0.name, $0.mean, interval: $0.range, reference: $0.published)
      }
      return NamedPlot(
        name: name,
        chart: BarChart(
          "\(title): phone accuracy", valueLabel: "accuracy by frame", bars, unit: .percent,
          referenceName: "paper, on its own data", including: [0]),
        caption:
          "Linear probes of the context. Where there are several runs: their mean and its standard deviation; else "
          + "the interval over utterances.")
    }
  }

  var pointPlots: [NamedPlot] {
    points.map { points in
      NamedPlot(
        name: "tsne", chart: ScatterChart(points.title, points.points, classes: points.labels, names: points.names),
        caption:
          "\(fixed(Double(points.points.count), 0)) points. Directions and distances between far groups have no meaning.",
        isWide: true)
    }
  }
}
