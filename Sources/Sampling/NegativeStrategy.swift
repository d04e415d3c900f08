/// How batches are made and negatives are drawn: the rows of table 2 of van den Oord et al. (2018).
/// "Sequence" there is a window here.
public enum NegativeStrategy: String, CaseIterable, Sendable {
  case mixedSpeaker = "mixed-speaker"
  case sameSpeaker = "same-speaker"
  case mixedSpeakerExcl = "mixed-speaker-excl"
  case sameSpeakerExcl = "same-speaker-excl"
  case currentSequence = "current-sequence"

  /// By the paper's name, or with `group` for `speaker`, as for other corpora than speech: `same-group-excl`.
  public init?(name: String) { self.init(rawValue: name.replacing("-group", with: "-speaker")) }

  /// Whether all windows of a batch come from one group, of speech a speaker; else they are drawn over the whole split.
  public var batchesOneGroup: Bool { self == .sameSpeaker || self == .sameSpeakerExcl }

  /// Which latents of the batch stand beside the positive.
  public var pool: CandidatePool {
    switch self {
    case .mixedSpeaker, .sameSpeaker: .batch
    case .mixedSpeakerExcl, .sameSpeakerExcl: .otherWindows
    case .currentSequence: .ownWindow
    }
  }
}
