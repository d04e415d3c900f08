import FileIO
import Kernels

extension Probe {
  /// What a classifier that was trained elsewhere came to on the test part, counted as a probe's result is.
  ///
  /// - Parameters:
  ///   - predictions: the class of each frame of `data`; only those of the test part are looked at.
  ///   - isDev: of each utterance, whether what was chosen was chosen on it.
  ///   - chosen: the update whose parameters did the dev part best, and how well.
  ///   - loss: of the last update.
  public func result(
    of predictions: [Int32], for data: ProbeData, dev isDev: [Bool], target: String,
    chosen: (update: Int, accuracy: Double, isLast: Bool), loss: Double, facts: [ProbeResult.Fact] = []
  ) throws -> ProbeResult {
    let (training, test) = (LabelledPart(data, .training), LabelledPart(data, .test))
    guard test.frames > 0 else {
      throw Failure(.badInput, "no frame of the test part has a label", hint: "look at the split and the labels")
    }
    let dev = training.divided { isDev[Int($0)] }.0
    let candidate = ProbeResult.Candidate(
      l2: 0, accuracy: chosen.accuracy, iterations: chosen.update, isConverged: !chosen.isLast)
    let fit = ProbeResult.Training(
      l2: 0, inverseStrength: nil, iterations: chosen.update, objective: loss, isConverged: !chosen.isLast,
      constantFeatures: 0)
    let final = Final(candidates: [candidate], fit: fit) { PartScore($0, of: data, predictions: predictions) }
    return result(data, target, (training, dev, test), final, try final.score(test), facts)
  }
}

extension PartScore {
  /// How predictions do; of utterances as a whole they say nothing.
  init(_ part: LabelledPart, of data: ProbeData, predictions: [Int32]) {
    let classes = data.classes.count
    confusion = Array(repeating: 0, count: classes * classes)
    for (i, run) in part.runs.enumerated() {
      if i == 0 || run.utterance != part.runs[i - 1].utterance { utterances.append(Utterance()) }
      for row in run.rows {
        utterances[utterances.count - 1].frames += 1
        if predictions[row] == data.labels[row] { utterances[utterances.count - 1].correct += 1 }
        guard (0..<classes).contains(Int(predictions[row])) else {
          overflowed += 1
          continue
        }
        confusion[Int(data.labels[row]) * classes + Int(predictions[row])] += 1
      }
    }
  }
}
