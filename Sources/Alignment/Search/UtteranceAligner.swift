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
  func align(_ recording: Recording) -> (segmentation: Segmentation, fit: Fit)? {
    guard let first = simple.align(recording) else { return nil }
    let fit = simple.fit(of: recording, first)
    guard let contextual else { return (first, fit) }
    let fixed = Recording(recording, asIn: first, silence: simple.model.silence)
    return contextual.align(fixed).map { ($0, fit) }
  }
}
