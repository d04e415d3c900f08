/// What one kind of dataset calls its things, for people.
public struct KindWords: Sendable {
  /// What is one line of a manifest: an utterance, an image.
  public var item: String
  /// What items are grouped by.
  public var group: String

  /// - Parameter kind: of records, as a card has it.
  public init(_ kind: String) {
    switch kind {
    case "audio": (item, group) = ("utterance", "speaker")
    case "image": (item, group) = ("image", "group")
    case "text": (item, group) = ("document", "group")
    default: (item, group) = ("utterance", "group")
    }
  }
}
