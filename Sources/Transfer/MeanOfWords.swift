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
    var found: [Name: [Float]?] = [:]
    func vector(_ word: String) -> [Float]? {
      if let vector = found[Name(word)] { return vector }
      let vector = lookup.vector(of: word)
      found[Name(word)] = .some(vector)
      return vector
    }
    for (i, words) in sentences.enumerated() {
      let row = vectors.row(i)
      row.update(repeating: 0, count: columns)
      let known = words.compactMap { vector($0) }
      for vector in known { vector.withUnsafeBufferPointer { add($0.baseAddress!, to: row, count: columns) } }
      if !known.isEmpty { scale(row, count: columns, by: 1 / Float(known.count)) }
    }
    return WordCoverage(of: sentences) { vector($0) != nil }
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
