import FileIO

/// What became of sentences that were encoded. All of them are accounted for.
public struct EncodingFacts: Sendable, Equatable {
  public var sentences = 0
  /// Those of them that have no words at all.
  public var emptySentences = 0
  /// Words of all sentences, those that were cut off included.
  public var words = 0
  /// Those of them that have no id, cut off or not.
  public var unknownWords = 0
  /// Sentences that are longer than the limit.
  public var sentencesCut = 0
  /// Words after the limit.
  public var wordsCut = 0

  public init() {}

  public static func += (total: inout EncodingFacts, part: EncodingFacts) {
    total.sentences += part.sentences
    total.emptySentences += part.emptySentences
    total.words += part.words
    total.unknownWords += part.unknownWords
    total.sentencesCut += part.sentencesCut
    total.wordsCut += part.wordsCut
  }
}

/// Turns the tokens of sentences into ids.
public struct SentenceEncoder: Sendable {
  public let vocabulary: Vocabulary
  /// Ids of a sentence; what is after them is cut off, and counted.
  public let maximumWords: Int
  public private(set) var facts = EncodingFacts()

  public init(_ vocabulary: Vocabulary, maximumWords: Int = 32) {
    precondition(maximumWords > 0)
    self.vocabulary = vocabulary
    self.maximumWords = maximumWords
  }

  /// Writes the ids of a sentence to the front of `ids`, which has room for ``maximumWords``, and 0 after them; returns
  /// how many words there are.
  public mutating func encode(_ tokens: TokenList, into ids: UnsafeMutableBufferPointer<UInt16>) -> Int {
    precondition(ids.count >= maximumWords)
    facts.sentences += 1
    facts.words += tokens.count
    if tokens.isEmpty { facts.emptySentences += 1 }
    if tokens.count > maximumWords {
      facts.sentencesCut += 1
      facts.wordsCut += tokens.count - maximumWords
    }
    for (i, token) in tokens.enumerated() {
      let id = vocabulary.id(token)
      if id == nil { facts.unknownWords += 1 }
      if i < maximumWords { ids[i] = id ?? 0 }
    }
    let count = min(tokens.count, maximumWords)
    ids[count..<maximumWords].update(repeating: 0)
    return count
  }

  public mutating func encode(_ tokens: TokenList) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: maximumWords) { ids, count in
      ids.initialize(repeating: 0)
      count = encode(tokens, into: ids)
    }
  }
}
