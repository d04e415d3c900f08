/// Aligns utterances in two steps: states without context find pronunciations and silences, then states with contexts
/// find the times. For one user at a time.
final class UtteranceAligner: @unchecked Sendable {
  private let simple: AlignmentWorker
  private let contextual: AlignmentWorker?

  init(simple: AlignmentWorker, contextual: AlignmentWorker?) {
    self.simple = simple
    self.contextual = contextual
  }

  /// Nil if the utterance has fewer frames than its words need.
  func align(_ recording: Recording) -> UtteranceAlignment? {
    guard let first = simple.align(recording) else { return nil }
    let silence = simple.model.silence
    let second = contextual.map { $0.align(Recording(recording, asIn: first, silence: silence)) }
    guard let segmentation = second ?? first else { return nil }
    return UtteranceAlignment(
      segmentation: segmentation, fit: simple.fit(of: recording, first),
      words: segmentation.frames(ofWords: recording.words.count, asIn: first, silence: silence))
  }
}

/// What is where in an utterance, and how well it fits.
struct UtteranceAlignment {
  var segmentation: Segmentation
  var fit: Fit
  /// The frames of each word; nil for one that is silence alone.
  var words: [Range<Int>?]
}
