public import OrderedJSON

extension ProbeResult {
  /// What ``utteranceAccuracy`` counts, for readers of the file.
  private static let utteranceRule = "largest sum of log-probabilities over the utterance's frames"

  /// The result as a JSON object, keys in fixed order, as a report reads it. Accuracies are shares of 1; rows of
  /// `confusion` are what frames are, columns what they were taken for; rows of `classes` are name, training frames, test
  /// frames, recall and precision.
  public func json(title: String) -> JSONObject {
    var all: JSONObject = ["kind": .string("probe"), "title": .string(title)]
    var known: JSONObject = ["target": .string(target)]
    for fact in facts { known[fact.name] = .string(fact.value) }
    all["facts"] = .object(known)
    all["probe"] = .string(kind == .hidden ? "hidden-layer" : kind.rawValue)
    all["width"] = width.map { .int($0) } ?? .null
    all["accuracy"] = .real(accuracy)
    all["interval"] = .array([.real(interval.low), .real(interval.high)])
    all["interval_of"] = .object([
      "level": .real(interval.level), "resamples": .int(interval.resamples), "over": .string("utterances"),
    ])
    if let topFiveAccuracy { all["top5_accuracy"] = .real(topFiveAccuracy) }
    all["without"] = without?.json ?? .null
    all["majority"] = majority.json
    all["utterance_accuracy"] = number(utteranceAccuracy)
    all["utterance_rule"] = .string(Self.utteranceRule)
    all["columns"] = .int(features)
    all["standardized"] = .bool(standardized)
    all["seed"] = .number(String(seed))
    all["dev_fraction"] = .real(devFraction)
    all["fit"] = fit.json
    all["candidates"] = .array(candidates.map(\.json))
    all["training"] = training.json
    all["dev"] = dev.json
    all["test"] = test.json
    all["other_frames"] = .int(otherFrames)
    all["overflowed_frames"] = .int(overflowedFrames)
    all["unseen_frames"] = .int(unseenFrames)
    all["unseen_classes"] = .array(unseenClasses.map { .string($0) })
    all["classes"] = .array(
      classes.map {
        .array([
          .string($0.name), .int($0.trainingFrames), .int($0.testFrames), number($0.recall), number($0.precision),
        ])
      })
    all["confusion"] = .array(confusion.map { .array($0.map { .int($0) }) })
    return all
  }
}

private func number(_ value: Double?) -> JSON { value.map { .real($0) } ?? .null }

extension ProbeResult.Training {
  fileprivate var json: JSON {
    .object([
      "l2": .real(l2), "inverse_strength": number(inverseStrength), "iterations": .int(iterations),
      "objective": .real(objective), "converged": .bool(isConverged), "constant_features": .int(constantFeatures),
    ])
  }
}

extension ProbeResult.Candidate {
  fileprivate var json: JSON {
    .object([
      "l2": .real(l2), "dev_accuracy": .real(accuracy), "iterations": .int(iterations), "converged": .bool(isConverged),
    ])
  }
}

extension ProbeResult.Beside {
  fileprivate var json: JSON {
    .object(["class": .string(className), "accuracy": .real(accuracy), "frames": .int(frames)])
  }
}

extension ProbeResult.PartCount {
  fileprivate var json: JSON {
    .object([
      "utterances": .int(utterances), "frames": .int(frames), "unlabelled_frames": .int(unlabelled),
      "utterances_without_label": .int(utterancesWithoutLabel),
    ])
  }
}
