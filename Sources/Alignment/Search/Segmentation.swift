/// What is where in an utterance, as the search found it.
struct Segmentation: Equatable {
  /// A phone and its frames.
  struct Segment: Equatable {
    var phone: Int
    var frames: Range<Int>
  }

  var segments: [Segment]
  /// The state in every frame.
  var states: [Int32]
  /// Log-likelihood of the path.
  var score: Double
}
