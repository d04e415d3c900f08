import OrderedJSON

extension ProbeResult {
  /// A line for each class, in the order of their numbers: comma-separated values (RFC 4180) with a head. What cannot be
  /// divided is empty.
  public var classesCSV: String {
    let head = ["class", "training_frames", "test_frames", "correct", "predicted", "recall", "precision"]
    return TableText.csv(
      [head]
        + classes.map {
          [$0.name] + [$0.trainingFrames, $0.testFrames, $0.correct, $0.predicted].map { String($0) }
            + [$0.recall, $0.precision].map { $0.map { JSON.real($0).compact } ?? "" }
        })
  }

  /// The confusion matrix as comma-separated values: a line for each class, what its frames were taken for in columns.
  public var confusionCSV: String {
    TableText.csv([["class"] + classes.map(\.name)] + zip(classes, confusion).map { [$0.name] + $1.map { String($0) } })
  }

  /// A row of a LaTeX table for each class: name, training frames, test frames, recall and precision in per cent.
  public var classesLaTeX: String {
    classes.map {
      TableText.row([
        TableText.escaped($0.name), String($0.trainingFrames), String($0.testFrames), TableText.percent($0.recall),
        TableText.percent($0.precision),
      ])
    }.joined()
  }

  /// One row of a LaTeX table: a title, accuracy of frames and its interval, of utterances, without a class, and of the
  /// majority class, in per cent.
  public func summaryLaTeX(title: String) -> String {
    TableText.row([
      TableText.escaped(title), TableText.percent(accuracy),
      "\(TableText.percent(interval.low))--\(TableText.percent(interval.high))",
      TableText.percent(utteranceAccuracy), TableText.percent(without?.accuracy), TableText.percent(majority.accuracy),
    ])
  }
}
