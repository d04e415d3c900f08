/// How ABX is scored. The defaults are those of ZeroSpeech 2021 and Libri-Light, but for the frames.
public struct ABXSettings: Sendable, Equatable {
  public var rule: FrameRule
  /// Items of one phone, context and speaker that are drawn at most; nil: all.
  public var maximumGroupSize: Int?
  /// Speakers that X is taken from at most for each A, across speakers; nil: all.
  public var maximumSpeakersOfX: Int?
  /// Of both draws.
  public var seed: UInt64

  public init(
    rule: FrameRule = .mended, maximumGroupSize: Int? = 10, maximumSpeakersOfX: Int? = 5, seed: UInt64 = 0
  ) {
    self.rule = rule
    self.maximumGroupSize = maximumGroupSize
    self.maximumSpeakersOfX = maximumSpeakersOfX
    self.seed = seed
  }
}
