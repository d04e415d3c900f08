public import Labels

/// What ``alignCorpus(_:pronouncer:options:write:)`` aligns with: states without contexts, and states with contexts that
/// come from them.
public struct AlignmentModel: Sendable, Equatable {
  package var simple: AcousticModel
  /// Nil if boundaries are those of ``simple``.
  package var contextual: AcousticModel?
  /// False if it comes from a file of the format that had no digest, so that damage may go unseen.
  public internal(set) var isChecked = true

  public var phoneSet: PhoneSet { simple.phoneSet }
  public var gaussianCount: Int { simple.gaussianCount + (contextual?.gaussianCount ?? 0) }
  public var stateCount: Int { simple.stateCount + (contextual?.stateCount ?? 0) }
}
