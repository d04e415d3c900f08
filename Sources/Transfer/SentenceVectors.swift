import FileIO
public import Kernels
public import Text

/// Something that makes a vector of a sentence: a model, or what a model is compared with.
public protocol SentenceVectors {
  /// In tables, such as `mean of random vectors`.
  var title: String { get }
  /// Numbers of a vector.
  var columns: Int { get }
  /// How sentences become the words that it is given.
  var rules: TextRules { get }
  /// Writes vectors [sentences, columns], all of finite numbers, for sentences by their words; says how many words it
  /// knows. A sentence without words may be among them.
  func encode(_ sentences: [[String]], into vectors: Matrix<Float>, _ workers: Workers) throws -> WordCoverage
}

/// Vectors of words, in memory or computed.
public protocol WordLookup {
  var columns: Int { get }
  /// The vector of a word as the rules of text spell it; nil if there is none.
  func vector(of word: String) -> [Float]?
}

/// How many words had vectors.
public struct WordCoverage: Sendable, Equatable {
  public struct Word: Sendable, Equatable {
    public var text: String
    public var count: Int
  }

  public var sentences = 0
  public var words = 0
  public var knownWords = 0
  /// Different words, and those of them that are known.
  public var differentWords = 0
  public var differentKnownWords = 0
  /// Sentences of which no word is known, those without words among them.
  public var blindSentences = 0
  /// The most frequent words that are not known, at most ten: case or tokens that do not fit show here.
  public var unknown: [Word] = []

  public init() {}

  /// Of sentences by their words.
  public init(of sentences: [[String]], knows: (String) -> Bool) {
    var found: [(text: String, count: Int, isKnown: Bool)] = []
    var places: [Name: Int] = [:]
    for words in sentences {
      var known = 0
      for word in words {
        let place = places[Name(word), default: found.count]
        if place == found.count {
          places[Name(word)] = place
          found.append((word, 0, knows(word)))
        }
        found[place].count += 1
        if found[place].isKnown { known += 1 }
      }
      self.words += words.count
      knownWords += known
      if known == 0 { blindSentences += 1 }
    }
    self.sentences = sentences.count
    differentWords = found.count
    differentKnownWords = found.count { $0.isKnown }
    // Sorting is stable: of equals the one that came first.
    unknown = found.filter { !$0.isKnown }.sorted { $0.count > $1.count }.prefix(10).map {
      Word(text: $0.text, count: $0.count)
    }
  }
}
