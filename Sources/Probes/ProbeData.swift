import FileIO

/// What a probe is given: frames, the class and the utterance of each, and which utterances it may learn from.
public struct ProbeData: Sendable {
  /// What an utterance is for.
  public enum Part: Sendable { case training, test, neither }

  public let frames: any FrameMatrix
  /// The class of each frame; negative where it has none.
  public let labels: [Int32]
  /// Names of the classes, by number.
  public let classes: [String]
  /// The utterance of each frame.
  public let utterances: [Int32]
  /// What each utterance is for.
  public let parts: [Part]

  /// Throws where columns are not as long as there are frames, or hold numbers that nothing belongs to.
  public init(
    frames: any FrameMatrix, labels: [Int32], classes: [String], utterances: [Int32], parts: [Part]
  ) throws {
    for (name, count) in [("labels", labels.count), ("utterances", utterances.count)] where count != frames.rows {
      throw Failure(.badInput, "there are \(frames.rows) frames, but \(name) of \(count)")
    }
    if let row = labels.firstIndex(where: { $0 >= classes.count }) {
      throw Failure(
        .badInput, at: "row \(row)", "the label is \(labels[row]), but there are \(classes.count) classes",
        hint: labels[row] == 255 ? "255 stands for no label in planes of bytes; give such frames -1" : nil)
    }
    if let row = utterances.firstIndex(where: { $0 < 0 || $0 >= parts.count }) {
      throw Failure(
        .badInput, at: "row \(row)", "the utterance is \(utterances[row]), but there are \(parts.count) utterances")
    }
    self.frames = frames
    self.labels = labels
    self.classes = classes
    self.utterances = utterances
    self.parts = parts
  }

  /// The labels of a plane of bytes, where 255 is none.
  public static func labels(ofBytes bytes: some Sequence<UInt8>) -> [Int32] { bytes.map { $0 == 255 ? -1 : Int32($0) } }
}

/// Neighbouring rows of one utterance that have a label.
struct UtteranceRun {
  var utterance: Int32
  var rows: Range<Int>
}

/// The frames of a part that have labels, an utterance's together, and how many have none.
struct LabelledPart {
  var runs: [UtteranceRun] = []
  /// Frames without a label.
  var unlabelled = 0
  /// Utterances that have frames, but none with a label.
  var utterancesWithout = 0

  var utterances: Int { runs.indices.count { $0 == 0 || runs[$0].utterance != runs[$0 - 1].utterance } }
  var frames: Int { runs.reduce(0) { $0 + $1.rows.count } }

  init(runs: [UtteranceRun]) { self.runs = runs }

  init(_ data: ProbeData, _ part: ProbeData.Part) {
    var hasRows = [Bool](repeating: false, count: data.parts.count)
    var hasLabels = hasRows
    for row in data.labels.indices {
      let utterance = data.utterances[row]
      guard data.parts[Int(utterance)] == part else { continue }
      hasRows[Int(utterance)] = true
      guard data.labels[row] >= 0 else {
        unlabelled += 1
        continue
      }
      hasLabels[Int(utterance)] = true
      if let last = runs.last, last.utterance == utterance, last.rows.upperBound == row {
        runs[runs.count - 1].rows = last.rows.lowerBound..<row + 1
      } else {
        runs.append(UtteranceRun(utterance: utterance, rows: row..<row + 1))
      }
    }
    utterancesWithout = zip(hasRows, hasLabels).count { $0 && !$1 }
    // In most data they are so already.
    runs.sort { ($0.utterance, $0.rows.lowerBound) < ($1.utterance, $1.rows.lowerBound) }
  }

  /// The frames of some utterances and those of the others.
  func divided(_ isFirst: (Int32) -> Bool) -> (LabelledPart, LabelledPart) {
    (
      LabelledPart(runs: runs.filter { isFirst($0.utterance) }),
      LabelledPart(runs: runs.filter { !isFirst($0.utterance) })
    )
  }

  func frames(of data: ProbeData) -> SelectedFrames { SelectedFrames(data.frames, runs.map(\.rows)) }
}
