public import Audio
import FileIO
import OrderedJSON

/// What becomes of recordings with several channels.
public enum ChannelRule: Sendable, Equatable {
  case mean
  /// Numbered from 1.
  case one(Int)
  /// Each channel is an utterance, and of a group, of its own: on a telephone line each is a person.
  case each

  /// `mean`, `each` or a number; nil for anything else.
  public init?(_ text: String) {
    if isSame(text, "mean") {
      self = .mean
    } else if isSame(text, "each") {
      self = .each
    } else if let number = Int(text), number >= 1 {
      self = .one(number)
    } else {
      return nil
    }
  }

  public var description: String {
    switch self {
    case .mean: "mean"
    case .one(let number): "\(number)"
    case .each: "each"
    }
  }

  /// What every file must have. Each of several is taken, so that none needs to be chosen.
  public var channel: Channel {
    switch self {
    case .mean, .each: .mean
    case .one(let number): .one(number)
    }
  }
}

extension ManifestEntry {
  /// The utterances that come of a file with so many channels. Those of several channels have the channel's number at
  /// the end of their ids and groups, and no text, phones or words, of which nobody knows whose they are.
  ///
  /// - Parameter hasSpeaker: whether the group is one who speaks; else each channel is a group, called as its utterance.
  public func divided(by rule: ChannelRule?, channels: Int, hasSpeaker: Bool = true) -> [ManifestEntry] {
    var entry = self
    guard let rule, channels > 1 else { return [self] }
    guard rule == .each else {
      entry.channel = rule.channel
      return [entry]
    }
    (entry.text, entry.phones, entry.extra["words"]) = (nil, nil, nil)
    return (1...channels).map { number in
      var one = entry
      one.id += "-\(number)"
      one.group = hasSpeaker ? "\(group)-\(number)" : one.id
      one.channel = .one(number)
      return one
    }
  }

  /// What it says of what is spoken, for messages.
  public var spoken: [String] {
    [(text != nil, "a text"), (phones != nil, "phones"), (extra["words"] != nil, "words")].filter(\.0).map(\.1)
  }
}

/// What there is to say of a text or phones of a file whose channels are utterances.
public func ofSeveral(_ spoken: [String]) -> String {
  "\(spoken.joined(separator: " and ")) of a recording of which each channel is an utterance: whose it is cannot be told"
}
