/// What of a file with several channels is heard.
public enum Channel: Sendable, Equatable {
  /// The mean of all.
  case mean
  /// One of them, numbered from 1, as `remix 1` of sox and the channels of a CTM are.
  case one(Int)
}
