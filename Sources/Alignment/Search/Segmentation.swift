/// What is where in an utterance, as the search found it.
package struct Segmentation: Equatable {
  /// A phone and its frames.
  package struct Segment: Equatable {
    package var phone: Int
    package var frames: Range<Int>
    /// Which word of the graph it is of; nil between words.
    package var word: Int?
  }

  package var segments: [Segment]
  /// The state in every frame.
  package var states: [Int32]
  /// Log-likelihood of the path.
  package var score: Double

  /// The frames of each of `count` words, from its first phone to its last; nil for one that is silence alone.
  ///
  /// - Parameter found: the words of these phones, as a search for pronunciations found them. What was then searched with
  ///   fixed pronunciations has the same phones in the same order, but for silences, and other words.
  package func frames(ofWords count: Int, asIn found: Segmentation, silence: Int) -> [Range<Int>?] {
    var frames = [Range<Int>?](repeating: nil, count: count)
    let words = found.segments.filter { $0.phone != silence }.map(\.word)
    let spoken = segments.filter { $0.phone != silence }
    precondition(words.count == spoken.count, "the search has changed the pronunciations")
    for (word, segment) in zip(words, spoken) {
      guard let word else { continue }
      frames[word] = (frames[word] ?? segment.frames).lowerBound..<segment.frames.upperBound
    }
    return frames
  }
}
