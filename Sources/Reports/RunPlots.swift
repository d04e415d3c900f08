import Plots

extension Report {
  /// So many points of a curve are drawn; more are averaged.
  private static let drawn = 250

  /// Learning curves.
  var runPlots: [NamedPlot] {
    let ownTask = "Each run's own task: where negatives or their number differ, chance differs, and so do losses."
    let commonTask = "The task that all runs share: 128 negatives from other windows of mixed speakers."
    func curve(
      _ name: String, _ title: String, _ label: String, _ caption: String, unit: Unit = .plain, levels: Bool = false,
      _ points: (Run) -> [(x: Double, y: Double)]
    ) -> NamedPlot? {
      var averaged = 1
      let series = runs.compactMap { run -> LineChart.Series? in
        let (points, each) = Self.thinned(points(run))
        averaged = max(averaged, each)
        return points.isEmpty ? nil : LineChart.Series(run.name, points)
      }
      guard !series.isEmpty else { return nil }
      let chart = LineChart(
        title, xLabel: isLogarithmic ? "updates, logarithmic" : "updates", yLabel: label, series, unit: unit,
        isLogarithmic: isLogarithmic, including: unit == .percent ? [0] : [])
      let mean = averaged > 1 ? " A point is the mean of up to \(averaged) lines of the log." : ""
      return NamedPlot(name: name, chart: chart, caption: caption + mean)
    }
    func place(_ update: Int, _ value: Double?) -> (x: Double, y: Double)? {
      value.flatMap { isLogarithmic && update == 0 ? nil : (Double(update), $0) }
    }
    let curves = [
      curve("training-loss", "Training loss", "nats", ownTask) { run in
        run.training.compactMap { place($0.update, $0.metrics.loss) }
      },
      curve("training-accuracy", "Training: top-1 accuracy one step ahead", "accuracy", ownTask, unit: .percent) {
        run in
        run.training.compactMap { place($0.update, $0.metrics.accuracies.first ?? nil) }
      },
      curve("held-out-loss", "Held-out loss", "nats", "On windows that were not trained on. " + ownTask) { run in
        run.validations.compactMap { place($0.update, $0.own?.loss) }
      },
      curve("held-out-accuracy", "Held out: top-1 accuracy one step ahead", "accuracy", ownTask, unit: .percent) {
        run in
        run.validations.compactMap { place($0.update, $0.own?.accuracies.first ?? nil) }
      },
      curve("common-loss", "Common task: loss", "nats", commonTask) { run in
        run.validations.compactMap { place($0.update, $0.common?.loss) }
      },
      curve("common-accuracy", "Common task: top-1 accuracy one step ahead", "accuracy", commonTask, unit: .percent) {
        run in run.validations.compactMap { place($0.update, $0.common?.accuracies.first ?? nil) }
      },
    ]
    return curves.compactMap { $0 }
  }

  /// Means of neighbours where there are more points than a curve shows, and how many make one.
  static func thinned(_ points: [(x: Double, y: Double)]) -> (points: [(x: Double, y: Double)], each: Int) {
    let each = (points.count + drawn - 1) / drawn
    guard each > 1 else { return (points, 1) }
    let means = stride(from: 0, to: points.count, by: each).map { start in
      let some = points[start..<min(start + each, points.count)]
      let count = Double(some.count)
      return (x: some.reduce(0) { $0 + $1.x } / count, y: some.reduce(0) { $0 + $1.y } / count)
    }
    return (means, each)
  }

  /// The paper's Figure 3: accuracy by step, of each run's last validation.
  var stepPlots: [NamedPlot] {
    func last(_ run: Run) -> (metrics: Run.Metrics, isCommon: Bool)? {
      run.validations.last.flatMap { last in last.common.map { ($0, true) } ?? last.own.map { ($0, false) } }
    }
    let results = runs.compactMap { run in last(run).map { (run: run, metrics: $0.metrics, isCommon: $0.isCommon) } }
    guard !results.isEmpty else { return [] }
    let isCommon = results.allSatisfy(\.isCommon)
    let task =
      isCommon
      ? "Last validation of each run, common task (\(results[0].metrics.candidates) candidates)."
      : "Last validation of each run; of runs without the common task, on their own."
    let chances = Set(results.map(\.metrics.candidates)).sorted()
    func plot(
      _ name: String, _ title: String, _ label: String, _ caption: String, levels: [(name: String, value: Double)],
      including: [Double], _ values: (Run.Metrics) -> [Double?]
    ) -> NamedPlot? {
      let series = results.map { result in
        LineChart.Series(
          result.run.name,
          values(result.metrics).enumerated().compactMap { k, value in value.map { (Double(k + 1), $0) } })
      }
      guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
      let chart = LineChart(
        title, xLabel: "steps ahead", yLabel: label, series, unit: .percent, levels: levels, including: including,
        isDiscrete: true)
      return NamedPlot(name: name, chart: chart, caption: "\(task) \(caption)")
    }
    return [
      plot(
        "steps-top1", "Accuracy by prediction step: top-1", "accuracy",
        "How often the true latent scores above all others. The paper's Figure 3 does not say which of the two it shows.",
        levels: chances.map { ("chance, 1 of \($0)", 1 / Double(max(1, $0))) }, including: [0], \.accuracies),
      plot(
        "steps-pairwise", "Accuracy by prediction step: pairwise", "accuracy",
        "How often the true latent scores above one other.", levels: [("chance", 0.5)], including: [1], \.pairwise),
    ].compactMap { $0 }
  }
}
