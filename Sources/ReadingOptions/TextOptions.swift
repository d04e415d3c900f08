public import ArgumentParser
public import Corpora
import FileIO
public import Text

/// How texts are read: the same for tools that count their sentences and those that make records of them.
public struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The encoding of texts. Default: UTF-8. What cannot be decoded is an error with its place.", valueName: "name"))
  public var encoding: String?

  @Option(
    help: """
      What is a token: words-and-marks (the default: punctuation marks too, each by itself) or words. Words and sentences \
      are those of Unicode Standard Annex 29, as ICU has them.
      """)
  public var tokens: TextRules.Tokens?

  @Option(name: .customLong("case"), help: "Words in small letters (lower, the default), folded, or kept as they are.")
  public var letterCase: TextRules.LetterCase?

  @Option(
    help: ArgumentHelp(
      "The ICU locale of sentences and words; en-u-ss-standard does not end a sentence after Mr. Default: root.",
      valueName: "name"))
  public var locale: String?

  @Flag(help: "Texts of one folder are one group, as of one author. Default: each text is a group.")
  public var groupByFolder = false

  @Option(help: ArgumentHelp("Of JSON Lines, the key of a document's text. Default: text.", valueName: "key"))
  public var textKey: String?

  @Option(
    help: ArgumentHelp("Of JSON Lines, the key of a document's group, as of its author.", valueName: "key"))
  public var groupKey: String?

  public init() {}

  /// The first flag that was given.
  public var given: String? {
    let flags: [(name: String, isGiven: Bool)] = [
      ("--encoding", encoding != nil), ("--tokens", tokens != nil), ("--case", letterCase != nil),
      ("--locale", locale != nil), ("--group-by-folder", groupByFolder), ("--text-key", textKey != nil),
      ("--group-key", groupKey != nil),
    ]
    return flags.first { $0.isGiven }?.name
  }

  /// The first of those that were given and that a manifest leaves nothing to do for.
  public var givenOfCorpora: String? {
    groupByFolder ? "--group-by-folder" : textKey != nil ? "--text-key" : groupKey != nil ? "--group-key" : nil
  }

  public var rules: TextRules {
    var rules = TextRules()
    if let tokens { rules.tokens = tokens }
    if let letterCase { rules.letterCase = letterCase }
    if let locale { rules.locale = locale }
    return rules
  }

  /// Sets what concerns the walk of a corpus.
  public func apply(to options: inout CorpusOptions) throws {
    if let encoding { options.encoding = try TextEncoding(encoding) }
    options.groupsByFolder = groupByFolder
    if let textKey { options.textKey = textKey }
    options.groupKey = groupKey
  }

  /// The flags that change something, for the card.
  public var words: [String] {
    var words: [String] = []
    if let encoding { words += ["--encoding", encoding] }
    if let tokens { words += ["--tokens", tokens.rawValue] }
    if let letterCase { words += ["--case", letterCase.rawValue] }
    if let locale { words += ["--locale", locale] }
    if groupByFolder { words.append("--group-by-folder") }
    if let textKey { words += ["--text-key", textKey] }
    if let groupKey { words += ["--group-key", groupKey] }
    return words
  }
}

extension TextRules.Tokens: ExpressibleByArgument {}
extension TextRules.LetterCase: ExpressibleByArgument {}
