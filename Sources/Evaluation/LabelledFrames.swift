public import Probes
public import Shards

/// Frames with what a probe is to tell from them.
public struct LabelledFrames: Sendable {
  public let frames: any FrameMatrix
  /// Of each row: its utterance and its class, negative where it has none.
  public let utterances: [Int32]
  public let labels: [Int32]

  /// Frames of a dataset of features, whose labels are beside them.
  ///
  /// - Parameter offset: frame t has the label of cell t + offset; beyond an utterance's ends there is none.
  public init(_ frames: DatasetFrames, _ target: ProbeTarget, offset: Int = 0) throws {
    try self.init(frames, frames.offsets, target, offset: offset) { $0 }
  }

  /// Features of others, with the labels of the dataset that they are of.
  public init(_ frames: ForeignFrames, _ target: ProbeTarget, offset: Int = 0) throws {
    try self.init(frames, frames.offsets, target, offset: offset) { frames.clock.cell(ofFrame: $0) }
  }

  private init(
    _ frames: any FrameMatrix, _ offsets: [Int], _ target: ProbeTarget, offset: Int, cell: (Int) -> Int
  ) throws {
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
        let place = cell(frame) + offset
        labels.append(cells.indices.contains(place) ? cells[place] : ProbeTarget.none)
      }
      utterances.append(contentsOf: repeatElement(Int32(utterance), count: count))
    }
    self.utterances = utterances
    self.labels = labels
  }
}
