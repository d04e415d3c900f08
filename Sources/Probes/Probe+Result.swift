import Kernels

extension Probe {
  /// Puts together what was counted.
  func result(
    _ data: ProbeData, _ target: String, _ parts: (training: LabelledPart, dev: LabelledPart, test: LabelledPart),
    _ final: Final, _ score: PartScore, _ facts: [ProbeResult.Fact]
  ) -> ProbeResult {
    let count = data.classes.count
    var trained = [Int](repeating: 0, count: count)
    var tested = trained
    for run in parts.training.runs { for row in run.rows { trained[Int(data.labels[row])] += 1 } }
    for run in parts.test.runs { for row in run.rows { tested[Int(data.labels[row])] += 1 } }
    let confusion = (0..<count).map { Array(score.confusion[$0 * count..<($0 + 1) * count]) }
    let classes = (0..<count).map { k in
      ProbeResult.ClassRow(
        name: data.classes[k], trainingFrames: trained[k], testFrames: tested[k], correct: confusion[k][k],
        predicted: confusion.reduce(0) { $0 + $1[k] })
    }
    let bootstrap = Bootstrap(resamples: settings.resamples, seed: settings.seed)
    let interval = bootstrap.interval(
      correct: score.utterances.map(\.correct), frames: score.utterances.map(\.frames), workers)
    let majority = trained.indices.reduce(0) { trained[$1] > trained[$0] ? $1 : $0 }
    let isOneClassEach = score.utterances.allSatisfy { $0.label != nil }
    let others = settings.without.map { score.frames - tested[$0] } ?? 0
    return ProbeResult(
      target: target, kind: settings.kind, width: settings.kind == .hidden ? settings.hidden.width : nil,
      features: data.frames.columns, standardized: settings.standardized, seed: settings.seed,
      devFraction: settings.devFraction, training: partCount(parts.training), dev: partCount(parts.dev),
      test: partCount(parts.test), otherFrames: data.utterances.count { data.parts[Int($0)] == .neither },
      candidates: final.candidates, fit: final.fit, accuracy: score.accuracy,
      interval: ProbeResult.Interval(
        low: interval.low, high: interval.high, level: bootstrap.level, resamples: bootstrap.resamples),
      topFiveAccuracy: count > 10 ? score.amongFive.map { Double($0) / Double(score.frames) } : nil,
      utteranceAccuracy: isOneClassEach
        ? Double(score.utterances.count { $0.prediction == $0.label }) / Double(score.utterances.count) : nil,
      without: others == 0
        ? nil
        : settings.without.map {
          ProbeResult.Beside(
            className: data.classes[$0], accuracy: Double(score.correct - confusion[$0][$0]) / Double(others),
            frames: others)
        },
      majority: ProbeResult.Beside(
        className: data.classes[majority], accuracy: Double(tested[majority]) / Double(score.frames),
        frames: score.frames),
      classes: classes, confusion: confusion, overflowedFrames: score.overflowed, facts: facts)
  }

  private func partCount(_ part: LabelledPart) -> ProbeResult.PartCount {
    ProbeResult.PartCount(
      utterances: part.utterances, frames: part.frames, unlabelled: part.unlabelled,
      utterancesWithoutLabel: part.utterancesWithout)
  }
}
