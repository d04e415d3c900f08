public import FileIO
public import Kernels

/// The protocol of a probe: a dev part carved from the utterances to train on, everything chosen on it, a fit to all of
/// them, and the test part touched once, at the end.
public struct Probe: Sendable {
  public let settings: ProbeSettings
  let workers: Workers

  public init(_ settings: ProbeSettings, _ workers: Workers) {
    self.settings = settings
    self.workers = workers
  }

  /// Runs the probe. Numbers are the same at any number of threads, on one machine.
  ///
  /// - Parameters:
  ///   - target: What the classes are, for the result.
  ///   - facts: Are put in the result as they are.
  ///   - progress: Is told of each pass over the frames, or of each epoch of a hidden layer; each fit counts anew.
  /// - Throws: A `Failure` where a part is empty, training frames are of one class, or a feature is no number.
  public func run(
    _ data: ProbeData, target: String, facts: [ProbeResult.Fact] = [], progress: ProgressHandler = { _ in }
  ) throws -> ProbeResult {
    try settings.check(classes: data.classes.count)
    let (training, test) = (LabelledPart(data, .training), LabelledPart(data, .test))
    guard test.frames > 0 else { throw empty("test", test) }
    guard training.frames > 0 else { throw empty("training", training) }
    let (dev, fitted) = try carve(training)
    let final: Final
    switch settings.kind {
    case .linear: final = try linear(data, training, dev, fitted, progress)
    case .hidden: final = try hidden(data, training, dev, fitted, progress)
    case .sgd: final = try descent(data, training, dev, fitted, progress)
    }
    let score = try final.score(test)
    return result(data, target, (training, dev, test), final, score, facts)
  }

  /// What was chosen and fitted.
  struct Final {
    var candidates: [ProbeResult.Candidate]
    var fit: ProbeResult.Training
    var score: (LabelledPart) throws -> PartScore
  }

  private func empty(_ name: String, _ part: LabelledPart) -> Failure {
    Failure(
      .badInput,
      part.unlabelled == 0
        ? "the \(name) part has no frames" : "none of the \(part.unlabelled) frames of the \(name) part has a label",
      hint: "look at the split and the labels")
  }

  /// The dev part and the rest: those utterances whose random numbers are smallest.
  func carve(_ training: LabelledPart) throws -> (dev: LabelledPart, rest: LabelledPart) {
    let utterances = training.runs.indices
      .filter { $0 == 0 || training.runs[$0].utterance != training.runs[$0 - 1].utterance }
      .map { training.runs[$0].utterance }
    guard utterances.count > 1 else {
      throw Failure(
        .badInput, "the training part has one utterance alone, from which no dev part can be taken",
        hint: "train on more utterances")
    }
    let random = RandomStream(seed: settings.seed, purpose: .probes, index: -1)
    let count = Int((settings.devFraction * Double(utterances.count)).rounded())
    let chosen = utterances.map { (key: random.bits(UInt64($0)), utterance: $0) }.sorted { $0 < $1 }
      .prefix(max(1, min(count, utterances.count - 1))).map(\.utterance)
    let members = Set(chosen)
    return training.divided { members.contains($0) }
  }

  /// The place of the best accuracy; of equals the first, which is the strongest penalty's.
  private func best(_ candidates: [ProbeResult.Candidate]) -> Int {
    candidates.indices.reduce(0) { candidates[$1].accuracy > candidates[$0].accuracy ? $1 : $0 }
  }

  private func linear(
    _ data: ProbeData, _ training: LabelledPart, _ dev: LabelledPart, _ fitted: LabelledPart,
    _ progress: ProgressHandler
  ) throws -> Final {
    var regression = settings.regression
    regression.standardized = settings.standardized
    func prepare(_ part: LabelledPart) throws -> SoftmaxRegression {
      let frames = part.frames(of: data)
      return try SoftmaxRegression(frames, labels: frames.gather(data.labels), regression, workers)
    }
    var candidates: [ProbeResult.Candidate] = []
    var models: [SoftmaxModel] = []
    do {
      let trial = try prepare(fitted)
      for l2 in settings.candidates {
        let fit = try trial.fit(l2: l2, from: models.last, progress: progress)
        let accuracy = try PartScore(dev, of: data, by: fit.model, workers).accuracy
        models.append(fit.model)
        candidates.append(
          ProbeResult.Candidate(
            l2: l2, accuracy: accuracy, iterations: fit.iterations, isConverged: fit.isConverged))
      }
    }
    let chosen = best(candidates)
    let fit = try prepare(training).fit(l2: candidates[chosen].l2, from: models[chosen], progress: progress)
    return Final(
      candidates: candidates,
      fit: ProbeResult.Training(
        l2: fit.l2, inverseStrength: fit.inverseStrength, iterations: fit.iterations, objective: fit.objective,
        isConverged: fit.isConverged, constantFeatures: fit.constants)
    ) { try PartScore($0, of: data, by: fit.model, workers) }
  }

  private func hidden(
    _ data: ProbeData, _ training: LabelledPart, _ dev: LabelledPart, _ fitted: LabelledPart,
    _ progress: ProgressHandler
  ) throws -> Final {
    func prepare(_ part: LabelledPart) throws -> HiddenLayerProbe {
      HiddenLayerProbe(
        training: try frames(part, of: data), settings: settings.hidden, standardized: settings.standardized,
        seed: settings.seed, workers: workers)
    }
    let trial = try prepare(fitted)
    var candidates: [ProbeResult.Candidate] = []
    for l2 in settings.candidates {
      let epochs = try trial.train(l2: l2, epochs: settings.hidden.maximumEpochs, progress: progress) {
        try PartScore(dev, of: data, by: $0, workers).accuracy
      }.epochs
      let best = epochs.indices.reduce(0) { epochs[$1].accuracy! > epochs[$0].accuracy! ? $1 : $0 }
      candidates.append(
        ProbeResult.Candidate(
          l2: l2, accuracy: epochs[best].accuracy!, iterations: best + 1,
          isConverged: epochs.count - best > settings.hidden.patience))
    }
    let chosen = candidates[best(candidates)]
    let whole = try prepare(training)
    let (model, epochs) = try whole.train(l2: chosen.l2, epochs: chosen.iterations, progress: progress)
    return Final(
      candidates: candidates,
      fit: ProbeResult.Training(
        l2: chosen.l2, inverseStrength: nil, iterations: epochs.count, objective: epochs.last!.loss,
        isConverged: chosen.isConverged, constantFeatures: whole.training.moments.constants)
    ) { try PartScore($0, of: data, by: model, workers) }
  }

  private func descent(
    _ data: ProbeData, _ training: LabelledPart, _ dev: LabelledPart, _ fitted: LabelledPart,
    _ progress: ProgressHandler
  ) throws -> Final {
    func prepare(_ part: LabelledPart) throws -> DescentProbe {
      DescentProbe(
        training: try frames(part, of: data), settings: settings.descent, standardized: settings.standardized,
        seed: settings.seed, workers: workers)
    }
    let trial = try prepare(fitted)
    let epochs = settings.descent.passes.reduce(0, +)
    let candidates = try settings.candidates.map { l2 in
      let model = try trial.train(l2: l2, progress: progress).model
      return ProbeResult.Candidate(
        l2: l2, accuracy: try PartScore(dev, of: data, by: model, workers).accuracy, iterations: epochs,
        isConverged: true)
    }
    let chosen = candidates[best(candidates)]
    let whole = try prepare(training)
    let (model, loss) = try whole.train(l2: chosen.l2, progress: progress)
    return Final(
      candidates: candidates,
      fit: ProbeResult.Training(
        l2: chosen.l2, inverseStrength: nil, iterations: epochs, objective: loss, isConverged: true,
        constantFeatures: whole.training.moments.constants)
    ) { try PartScore($0, of: data, by: model, workers) }
  }

  private func frames(_ part: LabelledPart, of data: ProbeData) throws -> TrainingFrames {
    let frames = part.frames(of: data)
    return try TrainingFrames(frames, labels: frames.gather(data.labels), workers)
  }
}
