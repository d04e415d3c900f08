/// What was found in one text or, added up, in many.
public struct TextFacts: Sendable, Equatable {
  /// Of the files, before decoding.
  public var bytes = 0
  /// Of the text as UTF-8, without a byte order mark.
  public var textBytes = 0
  public var lines = 0
  /// Lines of nothing but white space where lines are sentences.
  public var emptyLines = 0
  /// With anything in them.
  public var paragraphs = 0
  public var sentences = 0
  /// Those of them that have no token.
  public var sentencesWithoutTokens = 0
  public var tokens = 0
  /// Times that a sentence was cut because it is longer than the limit.
  public var cuts = 0
  /// Sentences that were.
  public var divided = 0
  /// Lines that are nothing but mark-up, such as rules, fences and underlines.
  public var markupLines = 0
  /// Of Project Gutenberg, before and after the text, with the lines that mark it, in bytes as UTF-8.
  public var headerBytes = 0
  public var footerBytes = 0
  /// Texts of Project Gutenberg that have no END line: cut off, perhaps.
  public var missingFooters = 0

  public init() {}

  public static func += (total: inout TextFacts, part: TextFacts) {
    total.bytes += part.bytes
    total.textBytes += part.textBytes
    total.lines += part.lines
    total.emptyLines += part.emptyLines
    total.paragraphs += part.paragraphs
    total.sentences += part.sentences
    total.sentencesWithoutTokens += part.sentencesWithoutTokens
    total.tokens += part.tokens
    total.cuts += part.cuts
    total.divided += part.divided
    total.markupLines += part.markupLines
    total.headerBytes += part.headerBytes
    total.footerBytes += part.footerBytes
    total.missingFooters += part.missingFooters
  }
}
