public import Probes

/// Frames with what a probe is to tell from them.
public struct LabelledFrames: Sendable {
  public let frames: any FrameMatrix
  /// Of each row: its utterance and its class, negative where it has none.
  public let utterances: [Int32]
  public let labels: [Int32]

  /// - Parameters:
  ///   - target: of the dataset whose utterances these are.
  ///   - offset: a frame has the label of the cell that many after its own; beyond an utterance's ends there is none.
  public init(_ frames: some UtteranceFrames, _ target: ProbeTarget, offset: Int = 0) throws {
    let offsets = frames.offsets
    self.frames = frames
    var utterances: [Int32] = []
    var labels: [Int32] = []
    utterances.reserveCapacity(frames.rows)
    labels.reserveCapacity(frames.rows)
    for utterance in 0..<offsets.count - 1 {
      let count = offsets[utterance + 1] - offsets[utterance]
      guard count > 0 else { continue }
      let cells = try target.cells(ofUtterance: utterance)
      for frame in 0..<count {
        let place = frames.clock.cell(ofFrame: frame) + offset
        labels.append(cells.indices.contains(place) ? cells[place] : ProbeTarget.none)
      }
      utterances.append(contentsOf: repeatElement(Int32(utterance), count: count))
    }
    self.utterances = utterances
    self.labels = labels
  }
}

extension LabelledFrames {
  /// Where stretches begin: rows in a row of one utterance and one class, at most `length` together; those without a
  /// class are left out.
  public func stretches(of length: Int) -> [Int32] {
    var firsts: [Int32] = []
    var row = 0
    while row < labels.count {
      if labels[row] >= 0 { firsts.append(Int32(row)) }
      row = stretch(from: row, of: length).upperBound
    }
    return firsts
  }

  private func stretch(from first: Int, of length: Int) -> Range<Int> {
    precondition(length > 0)
    var end = first + 1
    while end < labels.count, end - first < length, labels[end] == labels[first], utterances[end] == utterances[first] {
      end += 1
    }
    return first..<end
  }

  /// The means of stretches of at most `length` rows, which begin at these: [firsts, columns].
  public func means(from firsts: [Int32], of length: Int) throws -> [Float] {
    let columns = frames.columns
    var means = [Float](repeating: 0, count: firsts.count * columns)
    for (i, first) in firsts.enumerated() {
      let stretch = stretch(from: Int(first), of: length)
      var rows = [Float](repeating: 0, count: stretch.count * columns)
      try rows.withUnsafeMutableBufferPointer { try frames.read(stretch, into: $0) }
      for column in 0..<columns {
        let sum = stride(from: column, to: rows.count, by: columns).reduce(0.0) { $0 + Double(rows[$1]) }
        means[i * columns + column] = Float(sum / Double(stretch.count))
      }
    }
    return means
  }
}
