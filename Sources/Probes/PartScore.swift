import Kernels
import Synchronization

/// How a classifier does on a part, counted by utterance.
struct PartScore {
  /// One utterance: its frames, and how many of them the classifier gets right.
  struct Utterance {
    var frames = 0
    var correct = 0
    /// Its class, where all its labelled frames have the same.
    var label: Int32?
    /// The class with the largest sum of log-probabilities over its frames; −1 where there is none.
    var prediction: Int32 = -1
  }

  var utterances: [Utterance] = []
  /// [classes, classes]: frames of a class, rows, that were taken for another, columns.
  var confusion: [Int]
  /// Frames without a prediction: their scores overflow. They count as errors.
  var overflowed = 0
  /// Frames whose class is among the five of the largest scores, or nil where there are only predictions.
  var amongFive: Int?

  var frames: Int { utterances.reduce(0) { $0 + $1.frames } }
  var correct: Int { utterances.reduce(0) { $0 + $1.correct } }
  var accuracy: Double { Double(correct) / Double(max(1, frames)) }

  /// Utterances that are scored together: as many as make a block, or a long one alone.
  private static let blockRows = 1024

  /// Scores the frames of a part. Each utterance is one thread's, so numbers do not depend on their number.
  init(_ part: LabelledPart, of data: ProbeData, by classifier: some FrameClassifier, _ workers: Workers) throws {
    let classes = data.classes.count
    confusion = Array(repeating: 0, count: classes * classes)
    let tasks = Self.tasks(part)
    let next = Atomic(0)
    let results = Mutex<[Int: Result<[Utterance], any Error>]>([:])
    let tallies = Mutex<[Tally]>([])
    // The compiler need not know that classifiers only read.
    nonisolated(unsafe) let classifier = classifier
    workers.forEach(min(workers.count, max(1, tasks.count))) { _ in
      var scorer = Scorer(data, classifier, rows: Self.blockRows)
      while true {
        let task = next.add(1, ordering: .relaxed).oldValue
        guard task < tasks.count else { break }
        let result = Result { try scorer.score(part.runs[tasks[task]]) }
        results.withLock { $0[task] = result }
      }
      tallies.withLock { [tally = scorer.tally] in $0.append(tally) }
    }
    let found = results.withLock { $0 }
    for task in tasks.indices { utterances += try found[task]!.get() }
    amongFive = 0
    for tally in tallies.withLock({ $0 }) {
      amongFive! += tally.amongFive
      for i in confusion.indices { confusion[i] += tally.confusion[i] }
      overflowed += tally.overflowed
    }
  }

  /// Ranges of runs: whole utterances.
  private static func tasks(_ part: LabelledPart) -> [Range<Int>] {
    var tasks: [Range<Int>] = []
    var (first, rows) = (0, 0)
    for i in part.runs.indices {
      if i > first, part.runs[i].utterance != part.runs[i - 1].utterance, rows >= blockRows {
        tasks.append(first..<i)
        (first, rows) = (i, 0)
      }
      rows += part.runs[i].rows.count
    }
    if first < part.runs.count { tasks.append(first..<part.runs.count) }
    return tasks
  }
}

/// What one thread counts; sums of whole numbers, which come in any order.
private struct Tally {
  var confusion: [Int]
  var overflowed = 0
  var amongFive = 0
}

/// Scores utterances on one thread.
private struct Scorer<Classifier: FrameClassifier> {
  private let data: ProbeData
  private let classifier: Classifier
  private let blockRows: Int
  private let x: Buffer<Float>
  private let scores: Buffer<Float>
  private let scratch: Buffer<Float>
  /// Sums of scores of the utterance, which differ from sums of log-probabilities by the same for all classes.
  private var sums: [Double]
  var tally: Tally

  init(_ data: ProbeData, _ classifier: Classifier, rows: Int) {
    self.data = data
    self.classifier = classifier
    blockRows = rows
    x = Buffer(count: rows * data.frames.columns)
    scores = Buffer(count: rows * classifier.scoreStride)
    scratch = classifier.makeScratch(rows: rows)
    sums = Array(repeating: 0, count: classifier.classes.count)
    tally = Tally(confusion: Array(repeating: 0, count: data.classes.count * data.classes.count))
  }

  mutating func score(_ runs: ArraySlice<UtteranceRun>) throws -> [PartScore.Utterance] {
    let frames = SelectedFrames(data.frames, runs.map(\.rows))
    let labels = frames.gather(data.labels)
    let owners = runs.flatMap { repeatElement($0.utterance, count: $0.rows.count) }
    var result: [PartScore.Utterance] = []
    let columns = data.frames.columns
    for first in stride(from: 0, to: frames.rows, by: blockRows) {
      let rows = first..<min(frames.rows, first + blockRows)
      try frames.read(rows, into: UnsafeMutableBufferPointer(start: x.pointer, count: rows.count * columns))
      for i in 0..<rows.count * columns where !x.pointer[i].isFinite {
        throw BlockPass.badNumber(row: frames.sourceRow(first + i / columns), column: i % columns, x.pointer[i])
      }
      let s = scores.matrix(classifier.scoreStride)
      classifier.score(x.matrix(columns), count: rows.count, into: s, scratch)
      for row in rows {
        if row == 0 || owners[row] != owners[row - 1] {
          finish(&result)
          result.append(PartScore.Utterance(label: labels[row]))
          for k in sums.indices { sums[k] = 0 }
        }
        count(labels[row], s.row(row - first), &result[result.count - 1])
      }
    }
    finish(&result)
    return result
  }

  /// One frame. Of equal scores, the more frequent class of the training frames is predicted.
  private mutating func count(_ label: Int32, _ row: UnsafePointer<Float>, _ utterance: inout PartScore.Utterance) {
    utterance.frames += 1
    if let known = utterance.label, known != label { utterance.label = nil }
    var best = 0
    var isFinite = true
    for k in sums.indices {
      sums[k] += Double(row[k])
      if row[k] > row[best] { best = k }
      if !row[k].isFinite { isFinite = false }
    }
    guard isFinite else {
      tally.overflowed += 1
      return
    }
    let prediction = classifier.classes[best]
    if prediction == label { utterance.correct += 1 }
    if let place = classifier.classes.firstIndex(where: { $0 == label }) {
      // Of equal scores, that of the more frequent class comes first, as in the prediction.
      let before = sums.indices.count { row[$0] > row[place] || (row[$0] == row[place] && $0 < place) }
      if before < 5 { tally.amongFive += 1 }
    }
    tally.confusion[Int(label) * data.classes.count + Int(prediction)] += 1
  }

  private func finish(_ result: inout [PartScore.Utterance]) {
    guard !result.isEmpty, sums.allSatisfy({ $0.isFinite }) else { return }
    let best = sums.indices.reduce(0) { sums[$1] > sums[$0] ? $1 : $0 }
    result[result.count - 1].prediction = classifier.classes[best]
  }
}
