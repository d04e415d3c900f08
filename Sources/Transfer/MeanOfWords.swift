import FileIO
public import Kernels
public import Text

/// The mean of the vectors of a sentence's known words; zeros where there is none.
public struct MeanOfWords: SentenceVectors {
  public let title: String
  public let rules: TextRules
  private let lookup: any WordLookup

  public init(_ lookup: any WordLookup, title: String, rules: TextRules = TextRules()) {
    self.lookup = lookup
    self.title = title
    self.rules = rules
  }

  public var columns: Int { lookup.columns }

  public func encode(_ sentences: [[String]], into vectors: Matrix<Float>, _ workers: Workers) throws -> WordCoverage {
    var coverage = WordCoverage()
    var counts: [(text: String, count: Int, vector: [Float]?)] = []
    var places: [Name: Int] = [:]
    for (i, words) in sentences.enumerated() {
      let row = vectors.row(i)
      row.update(repeating: 0, count: columns)
      var known = 0
      for word in words {
        let place = places[Name(word), default: counts.count]
        if place == counts.count {
          places[Name(word)] = place
          counts.append((word, 0, lookup.vector(of: word)))
        }
        counts[place].count += 1
        guard let vector = counts[place].vector else { continue }
        known += 1
        vector.withUnsafeBufferPointer { add($0.baseAddress!, to: row, count: columns) }
      }
      if known > 0 { scale(row, count: columns, by: 1 / Float(known)) }
      coverage.sentences += 1
      coverage.words += words.count
      coverage.knownWords += known
      if known == 0 { coverage.blindSentences += 1 }
    }
    coverage.differentWords = counts.count
    coverage.differentKnownWords = counts.count { $0.vector != nil }
    // Sorting is stable: of equals the one that came first.
    coverage.unknown = counts.filter { $0.vector == nil }.sorted { $0.count > $1.count }.prefix(10).map {
      WordCoverage.Word(text: $0.text, count: $0.count)
    }
    return coverage
  }
}

/// A vector of normal random numbers for every word, by seed and the word's bytes alone: what can be told from knowing
/// which words are the same, and nothing else.
public struct RandomWords: WordLookup {
  public let columns: Int
  public let seed: UInt64

  public init(columns: Int = 300, seed: UInt64 = 0) {
    self.columns = columns
    self.seed = seed
  }

  public func vector(of word: String) -> [Float]? {
    let hash = Array(word.utf8).withUnsafeBytes { XXH3.hash64($0) }
    let random = RandomStream(seed: seed ^ hash, purpose: .evaluation)
    return (0..<columns).map { Float(random.normal(UInt64($0))) }
  }
}
