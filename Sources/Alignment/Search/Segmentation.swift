/// What is where in an utterance, as the search found it.
package struct Segmentation: Equatable {
  /// A phone and its frames.
  package struct Segment: Equatable {
    package var phone: Int
    package var frames: Range<Int>
  }

  package var segments: [Segment]
  /// The state in every frame.
  package var states: [Int32]
  /// Log-likelihood of the path.
  package var score: Double
}
