import Kernels

import Probes

/// Frames of classes with Gaussian noise about their means, mixed so that features are correlated, and where they
/// belong. The same for the same seed.
struct Synthetic {
  var columns: Int
  var numbers: [Float] = []
  var labels: [Int32] = []
  var utterances: [Int32] = []
  let classes: Int

  /// - Parameters:
  ///   - separation: Of the means, in deviations of the noise.
  ///   - isUtteranceOfOneClass: As for speakers; else each frame has a class of its own.
  init(
    seed: Int, utterances count: Int, frames: Int, columns: Int, classes: Int, separation: Double = 0.5,
    isUtteranceOfOneClass: Bool = false
  ) {
    self.columns = columns
    self.classes = classes
    let noise = Noise(seed)
    let means = (0..<classes).map { _ in (0..<columns).map { _ in separation * noise.normal() } }
    let mix = (0..<columns).map { i in (0..<columns).map { _ in noise.normal() / Double(i + 1) } }
    for utterance in 0..<count {
      let own = noise.integer(below: classes)
      for _ in 0..<frames {
        // Each class at least once, the first ones most often.
        let drawn = min(noise.integer(below: classes), noise.integer(below: classes))
        let label = isUtteranceOfOneClass ? own : labels.count < classes ? labels.count : drawn
        let raw = (0..<columns).map { means[label][$0] + noise.normal() }
        numbers += (0..<columns).map { j in Float((0..<columns).reduce(0.3) { $0 + raw[$1] * mix[$1][j] }) }
        labels.append(Int32(label))
        utterances.append(Int32(utterance))
      }
    }
  }

  var rows: Int { labels.count }
  var frames: DenseFrames { DenseFrames(columns: columns, numbers) }
  var names: [String] { (0..<classes).map { "class \($0)" } }

  mutating func append(_ features: [Float], label: Int32, utterance: Int32) {
    numbers += features
    labels.append(label)
    utterances.append(utterance)
  }

  /// Every fourth utterance is for the test.
  func data(parts: [ProbeData.Part]? = nil) throws -> ProbeData {
    let count = Int(utterances.max()!) + 1
    return try ProbeData(
      frames: frames, labels: labels, classes: names, utterances: utterances,
      parts: parts ?? (0..<count).map { $0 % 4 == 3 ? .test : .training })
  }
}

/// Random numbers for tests, each call the next ones.
final class Noise {
  private let stream: RandomStream
  private var next: UInt64 = 0

  init(_ seed: Int) { stream = RandomStream(seed: UInt64(seed), purpose: .tests) }

  func normal() -> Double {
    next += 1
    return stream.normal(next)
  }

  func integer(below bound: Int) -> Int {
    next += 1
    return stream.integer(next, below: bound)
  }
}
