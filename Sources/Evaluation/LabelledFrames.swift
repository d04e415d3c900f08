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
