/// When the frames of a sequence of features are: frame i at `centre` + i · `hop`.
public struct FrameTimes: Sendable, Equatable {
  /// Parts of a second that the others are whole numbers of.
  private let rate: Int128
  private let hop: Int128
  private let centre: Int128

  private init(rate: Int128, hop: Int128, centre: Int128) { (self.rate, self.hop, self.centre) = (rate, hop, centre) }

  /// - Parameters:
  ///   - hop: From one frame to the next; more than nothing.
  ///   - centre: The middle of the first frame; nil: half a hop, so that frame i stands for i · hop to (i + 1) · hop.
  public init(hop: Seconds, centre: Seconds? = nil) {
    precondition(hop > .zero)
    let places = max(hop.places, centre?.places ?? 0)
    func parts(_ time: Seconds) -> Int128 { 2 * Int128(time.digits) * Seconds.power(places - time.places) }
    self.init(rate: 2 * Seconds.power(places), hop: parts(hop), centre: centre.map(parts) ?? parts(hop) / 2)
  }

  /// The same in samples of `rate` a second.
  public init(hop: Int, rate: Int, centre: Int? = nil) {
    precondition(hop > 0 && rate > 0)
    self.init(rate: 2 * Int128(rate), hop: 2 * Int128(hop), centre: centre.map { 2 * Int128($0) } ?? Int128(hop))
  }

  /// Frames whose middle lies in `onset`…`offset`, ends included, of a sequence without end. With the middle of the first
  /// frame at half a hop these are ⌈onset/hop − ½⌉ … ⌊offset/hop − ½⌋. May be empty.
  package func frames(from onset: Seconds, to offset: Seconds) -> Range<Int> {
    // Middles at (centre + i · hop) / rate, times at digits / scale.
    func position(_ time: Seconds, roundingUp: Bool) -> Int {
      let scale = Seconds.power(time.places)
      let numerator = Int128(time.digits) * rate - centre * scale
      let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: hop * scale)
      if roundingUp { return Int(clamping: rest > 0 ? quotient + 1 : quotient) }
      return Int(clamping: rest < 0 ? quotient - 1 : quotient)
    }
    let first = max(0, position(onset, roundingUp: true))
    let end = Int(clamping: Int128(position(offset, roundingUp: false)) + 1)
    return first..<max(first, end)
  }
}

/// Which of the frames that begin and end with an item are the item's.
public enum FrameRule: String, Sendable, CaseIterable {
  /// All whose middle lies inside, as fastabx takes them.
  case mended
  /// All but the last, as the code of Libri-Light and of ZeroSpeech 2021 slices them. Scores are slightly better, and
  /// items of one frame have none.
  case libriLight = "libri-light"

  /// For people.
  public var description: String {
    switch self {
    case .mended: "all frames whose middle lies in the item"
    case .libriLight: "all frames whose middle lies in the item but the last, as Libri-Light's code slices"
    }
  }

  package func frames(of item: Item, at times: FrameTimes) -> Range<Int> {
    let all = times.frames(from: item.onset, to: item.offset)
    return self == .mended ? all : all.lowerBound..<max(all.lowerBound, all.upperBound - 1)
  }
}
