import Kernels

/// Frames that a probe is trained on in batches, their classes by place (from the most frequent to the rarest), and their
/// moments.
struct TrainingFrames {
  let frames: SelectedFrames
  let classes: [Int32]
  let targets: [Int32]
  let moments: Moments

  /// Throws where there are fewer than two classes, or a feature is not a finite number.
  init(_ frames: SelectedFrames, labels: [Int32], _ workers: Workers) throws {
    let counts = ClassCount.sorted(labels)
    guard counts.count > 1 else { throw ClassCount.tooFew(counts.count) }
    self.frames = frames
    classes = counts.map(\.label)
    let places = ClassCount.places(classes)
    targets = labels.map { places[Int($0)] }
    moments = try Moments(BlockPass(frames, bytesOfGroup: frames.columns * 16, workers))
  }
}
