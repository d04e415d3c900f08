public import OrderedJSON

/// How text becomes sentences and tokens: what a dataset's card and manifest say, so that other text can be treated alike.
///
/// Sentences and words are those of ICU's break iterators (Unicode Standard Annex 29 as the CLDR tailors it), which change
/// from version to version: ``versions`` says whose they are. Before that white space is folded, so that no line end and
/// no control character ends a sentence; after that a token is put in the chosen ``letterCase`` and in normalization
/// form C (UAX 15): the same word is the same bytes, however it was typed.
public struct TextRules: Sendable, Equatable {
  /// Which segments between word borders are tokens; white space never is.
  public enum Tokens: String, CaseIterable, Sendable {
    /// Letters, numbers, kana and ideographs.
    case words
    /// Punctuation marks, symbols and emoji too, each a token of its own, as in BookCorpus and what was trained on it.
    case wordsAndMarks = "words-and-marks"
  }

  public enum LetterCase: String, CaseIterable, Sendable {
    /// As in the source.
    case kept
    /// Lower case as Unicode defines it without regard to a language, final sigma included (`str.lower` of Python): what
    /// the word vectors and vocabularies of others are made of.
    case lower
    /// Full case folding, which also changes letters: `ß` to `ss`, `ς` to `σ`.
    case folded
  }

  public var tokens = Tokens.wordsAndMarks
  public var letterCase = LetterCase.lower
  /// `root`, or an ICU locale whose rules are tailored, such as `el`; `en-u-ss-standard` does not end a sentence after
  /// `Mr.` and other abbreviations that the CLDR knows.
  public var locale = "root"
  /// In bytes of UTF-8 with white space folded: longer sentences are cut at a word border, and counted. A boundary is
  /// looked for in twice as much. A reader's memory is less than 64 bytes for each of these.
  public var maximumSentence = 1 << 16
  /// ICU's and Unicode's, of the library in use unless the rules were read.
  public var versions = TextVersions.current

  public init() {}

  public static let sentenceLimits = 64...1 << 24

  public var json: JSON {
    .object([
      "segmentation": .string(Self.segmentation), "locale": .string(locale), "tokens": .string(tokens.rawValue),
      "case": .string(letterCase.rawValue), "normalization": .string(Self.normalization),
      "maximum_sentence": .int(maximumSentence), "icu": .string(versions.icu), "unicode": .string(versions.unicode),
    ])
  }

  /// What ``json`` wrote; throws a `TextRulesError` that names the member that is not as it should be.
  public init(_ json: JSON) throws {
    func text(_ key: String) throws -> String {
      guard let text = json[key]?.stringValue else { throw TextRulesError(key: key, reason: "there is no such text") }
      return text
    }
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice
    where Choice.RawValue == String {
      let text = try text(key)
      guard let choice = Choice.allCases.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) }) else {
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw TextRulesError(key: key, reason: "'\(text)' is not one of \(known)")
      }
      return choice
    }
    for (key, value) in [("segmentation", Self.segmentation), ("normalization", Self.normalization)] {
      let text = try text(key)
      guard text.utf8.elementsEqual(value.utf8) else {
        throw TextRulesError(key: key, reason: "'\(text)' is not '\(value)'")
      }
    }
    tokens = try choice("tokens")
    letterCase = try choice("case")
    locale = try text("locale")
    guard let limit = json["maximum_sentence"]?.intValue, Self.sentenceLimits.contains(limit) else {
      throw TextRulesError(key: "maximum_sentence", reason: "not a number in \(Self.sentenceLimits)")
    }
    maximumSentence = limit
    versions = TextVersions(icu: try text("icu"), unicode: try text("unicode"))
  }

  private static let segmentation = "UAX 29"
  private static let normalization = "NFC"

  /// By bytes.
  public static func == (a: Self, b: Self) -> Bool { a.json == b.json }

  /// What is not the same in other rules, for messages: `case: lower, not kept`. Empty if all is.
  public func differences(from other: TextRules) -> [String] {
    let theirs = other.json
    return (json.objectValue?.members ?? []).compactMap { key, value in
      guard let their = theirs[key], their != value else { return nil }
      return "\(key): \(value.stringValue ?? value.compact), not \(their.stringValue ?? their.compact)"
    }
  }
}

/// Why a JSON value is no ``TextRules``.
public struct TextRulesError: Error, Sendable, CustomStringConvertible {
  public var key: String
  public var reason: String
  public var description: String { "'\(key)': \(reason)" }
}
