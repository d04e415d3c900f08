import FileIO

/// Which tiers of a TextGrid, or of MFA's JSON, are read; and which keys of JSON Lines.
public struct LabelTiers: Sendable {
  /// The tier that has the labels; `SPEAKER - ` may stand before its name.
  public var phones: String
  /// The tier that has the words beside them, where there is one; nil does not look for it.
  public var words: String?

  /// As MFA calls them.
  static let (phonesName, wordsName) = ("phones", "words")

  public init() { phones = Self.phonesName }

  /// Only the tier of this name, whose labels are words if it is called `words`.
  public init(only name: String) { phones = name }

  /// Phones, and the words beside them.
  public static var withWords: LabelTiers {
    var tiers = LabelTiers()
    tiers.words = wordsName
    return tiers
  }

  /// Refuses other tiers than those that JSON Lines and datasets have.
  public func requireKey(_ path: String) throws {
    guard areWords || isSame(phones, Self.phonesName) else {
      throw Failure(
        .usage, path: path, "\(setting: "tier") \(phones): there are only \(Self.phonesName) and \(Self.wordsName) here"
      )
    }
  }

  /// The labels are words.
  public var areWords: Bool { isSame(phones, Self.wordsName) }
}

/// MFA names a tier by the speaker where it knows one.
func isTier(_ name: String, called wanted: String) -> Bool { isSame(name, wanted) || name.ends(with: " - \(wanted)") }

func noTier(called wanted: String, among names: [String], path: String) -> Failure {
  let names = names.map { "\"\($0)\"" }.joined(separator: ", ")
  return Failure(
    .badInput, path: path, "no tier \"\(wanted)\" or \"SPEAKER - \(wanted)\"",
    hint: names.isEmpty ? "it has no tiers" : "it has \(names); \(setting: "tier") NAME reads another")
}
